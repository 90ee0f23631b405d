/** The errors of access/, one function per situation: what, where, the value, what is allowed. */
import { type Encoded, ENCODINGS, type EncodingName } from "../../schema/encodings.js";
import { didYouMean } from "../../schema/suggest.js";
import { ShmError, ShmRangeError, outOfRange, refusal, show, wording } from "../errors.js";
import type { StructLayout } from "./layout.js";

export function unsupportedHost(): Error {
  return refusal("ERR_SHM_UNSUPPORTED", "shmgen needs a little-endian processor, and this one is big-endian.", {});
}

export function closed(label: string, what?: string): Error {
  const subject = what === undefined ? "the region" : what;
  return refusal("ERR_SHM_CLOSED", `${subject} was used after its region was closed`, { path: label });
}

export function readOnlyMemory(label: string): Error {
  const what = "the memory is mapped read-only, so no array that could be written to is handed out";
  return refusal("ERR_SHM_READ_ONLY", what, { path: label });
}

export function writerOverReadOnly(name: string, label: string): Error {
  return new ShmError(
    "ERR_SHM_READ_ONLY",
    `${name} has setters, but the memory is mapped read-only: use ${name}Reader. path=${label}`,
    { path: label },
  );
}

export function readOnlyField(field: string): Error {
  return refusal("ERR_SHM_READ_ONLY", "{field} cannot be written: the region was opened read-only.", { field });
}

export function outOfBounds(what: string, offset: number, size: number, byteLength: number, label: string): Error {
  return new ShmRangeError(
    `${what} does not fit: offset=${show(offset)} size=${size} mapped=${byteLength} path=${label}`,
    {
      path: label,
      expected: `0 <= offset <= ${byteLength - size}`,
      found: offset,
    },
  );
}

export function misaligned(what: string, offset: number, align: number, label: string): Error {
  const facts = { path: label, expected: `a multiple of ${align}`, found: offset };
  return outOfRange(`${what} has to begin at {expected}`, facts, undefined, { found: undefined, offset });
}

/** Of bytes and texts that are read. `unit`: bytes of a code unit. */
export function notALength(found: unknown, unit: number): Error {
  const expected = unit === 1 ? "bytes, at least 0" : `bytes, a multiple of ${unit}`;
  return outOfRange("{field} is {expected}", { field: "length", expected, found });
}

/** A word that is none of those there are. */
export function noSuchWord(field: string, found: unknown, words: readonly string[]): Error {
  const remedy = typeof found === "string" ? didYouMean(found, words) : undefined;
  return outOfRange("{field} is {expected}", { field, expected: `one of ${words.join(", ")}`, found }, remedy);
}

/** A text without a NUL up to the end of the memory. */
export function endlessText(offset: number, byteLength: number, label: string): Error {
  const facts = { path: label, expected: "a NUL that ends the text", found: `none in ${byteLength - offset} bytes` };
  const remedy = "say how long it is at most: memory.text(offset, length)";
  return outOfRange("the text does not end in the memory", facts, remedy, { offset, mapped: byteLength });
}

/** A field that does not say when memory is whole. */
export function notACounter(field: string, found: string | undefined): Error {
  const facts = {
    field,
    expected: "an integer of 8 to 64 bits, by the name of its field",
    found: found ?? "no such field",
  };
  return outOfRange("{field} is no counter", facts, undefined, { field: undefined, found: found ?? "no such field" });
}

export function notBuffers(field: string, found: unknown, count: number): Error {
  const text = typeof found === "object" ? `${count} buffers` : show(found);
  const facts = { field, expected: "an array of structs, two of them at least in use", found: text };
  return outOfRange("{field} has no buffers that are written in turn", facts, undefined, {
    field: undefined,
    found: text,
  });
}

/** A value that the field cannot hold. `allowed` completes "... holds". */
export function badValue(field: string, allowed: string, value: unknown): Error {
  return outOfRange("{field} holds {expected}, not {found}", { field, expected: allowed, found: value });
}

export function badIndex(what: string, index: unknown, length: number): Error {
  const facts = { field: what, expected: length === 0 ? "no index" : `0..${length - 1}`, found: index };
  const allowed = length === 0 ? "it has no elements" : "its indices are {expected}";
  return outOfRange(`{field} has no element {found}: ${allowed}`, facts, undefined, { expected: undefined });
}

/** An index that the tail has by now, but not this look at it. */
export function staleLength(what: string, index: number, length: number, grown: number): Error {
  return outOfRange(
    `{field} has grown from ${length} to ${grown} elements: to use element {found}, call region.refresh() and take region.data anew`,
    { field: what, expected: `0..${length - 1}`, found: index },
    undefined,
    { expected: undefined },
  );
}

/** A stored value that cannot be shown as a JavaScript number without losing digits. */
export function unsafeInteger(field: string, value: bigint): Error {
  return outOfRange(
    "{field} holds {found}, which no number can show exactly: declare it as u64 or i64 to read it as a bigint",
    { field, expected: `-(2^53-1)..2^53-1`, found: value },
    undefined,
    { expected: undefined, found: value },
  );
}

export function noMoment(field: string, unit: string, value: bigint): Error {
  return outOfRange(
    "{field} holds {found}, which no Date can be: declare it as u64 or i64 to read it as a bigint",
    { field, expected: `timestamp<"${unit}">`, found: value },
    undefined,
    { expected: undefined, found: value },
  );
}

export function noFutex(what: string): Error {
  return refusal("ERR_SHM_UNSUPPORTED", "{field}: this memory has no wait and notify.", { field: what });
}

/** Text that cannot stand in `size` bytes. */
export function badText(
  field: string,
  value: string,
  problem: Extract<Encoded, { readonly problem: string }>,
  encoding: EncodingName,
  size: number,
): Error {
  const { name, unit } = ENCODINGS[encoding];
  const units = unit === 1 ? "bytes" : "code units";
  const most = size / unit;
  const refused = (what: string, expected: string): Error =>
    outOfRange(`{field}: the text {found} ${what}`, { field, expected, found: value }, undefined, {
      expected: undefined,
    });
  switch (problem.problem) {
    case "long":
      return refused(
        `has ${problem.units} ${units} in ${name}, and ${field} holds at most ${most}`,
        `at most ${most} ${units}`,
      );
    case "nul":
      return refused("has a NUL in it, where a reader would stop", "text without NUL and lone surrogates");
    case "lacks": {
      const code = problem.character.codePointAt(0) ?? 0;
      if (code >>> 11 === 0xd800 >>> 11)
        return refused(`has a lone surrogate, which ${name} cannot express`, "text without NUL and lone surrogates");
      const number = `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
      return refused(`has ${show(problem.character)} (${number}), which ${name} does not have`, `text of ${name}`);
    }
  }
}

export function containerNotAssigned(field: string): ShmError {
  const what = "{field} is a container, to which nothing can be assigned: leave it out, and use its methods";
  return refusal("ERR_SHM_UNSUPPORTED", what, { field });
}

/** Names that a message lists. */
const LISTED = 8;

/** A name that no field has. */
export function noSuchField(
  { name, fields }: Pick<StructLayout, "name"> & { readonly fields: readonly { readonly name: string }[] },
  key: string,
): Error {
  const names = fields.map((field) => field.name);
  const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : "";
  const all = names.length === 0 ? "it has no fields" : `its fields are ${names.slice(0, LISTED).join(", ")}${more}`;
  const what = `${name} has no field ${JSON.stringify(key)}`;
  return new ShmRangeError(wording(what, {}, didYouMean(key, names) ?? all), { field: `${name}.${key}` });
}

/** A 64-bit integer that was to become a number, and would lose digits. */
export function notSafe(field: string | undefined, value: bigint): Error {
  return outOfRange(
    `{field} holds {found}, which no number can show exactly: take the snapshot with { bigint: "string" }, or without the option`,
    { field: field ?? "the accessor", expected: `-(2^53-1)..2^53-1`, found: value },
    undefined,
    { expected: undefined, found: value },
  );
}
