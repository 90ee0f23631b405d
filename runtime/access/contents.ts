/**
 * What accessors hold, as plain values, as JSON, and as text that is the same for equal contents.
 *
 *   accessor, array, handle, container -> its {@link Parts} -> {@link formed}: plain values (snapshot), JSON (toJSON)
 *                                                           -> {@link contentsText}: text (Symbol.toStringTag)
 *
 * Whoever compares two objects deeply looks at their own properties, and accessors have none. But node:assert, Vitest, Jest, chai and lodash
 * all compare `Object.prototype.toString.call(value)` before: so the tag says the contents. A getter on the prototype costs nothing
 * before it is asked, and no byte for each object.
 */
import { Digest } from "./digest.js";
import { firstNames, flagsIn } from "./enum-names.js";
import type { FieldLayout, StructLayout } from "./layout.js";
import type { NumberArray } from "./numbers.js";
import { inspect, printable } from "./printing.js";
import { isShmError } from "../errors.js";

/** The method by which an object says its parts. A symbol, so that no field's name clashes. */
export const parts: unique symbol = Symbol("parts");

/** The method of a container whose `toJSON()` is not what `snapshot()` has of it. */
export const plain: unique symbol = Symbol("plain");

export interface HasPlain {
  [plain](): unknown;
}

/** What an object of ours is made of. Fields and elements are read when they are asked for, once. */
export type Parts =
  | { readonly kind: "struct"; readonly layout: StructLayout; readonly of: object }
  | { readonly kind: "list"; readonly of: { readonly length: number; at(index: number): unknown } }
  | { readonly kind: "numbers" | "bytes"; readonly of: NumberArray }
  /** A container: its state, or all that it holds, is of no moment; two are equal where they are the same one. */
  | { readonly kind: "container"; readonly of: object; readonly place: string }
  | { readonly kind: "record"; readonly of: object }
  | { readonly kind: "leaf"; readonly of: unknown };

interface HasParts {
  [parts](): Parts;
}

function partsOf(value: unknown): Parts {
  if (typeof value !== "object" || value === null) return { kind: "leaf", of: value };
  if (typeof (value as Partial<HasParts>)[parts] === "function") return (value as HasParts)[parts]();
  if (ArrayBuffer.isView(value)) {
    return { kind: value instanceof Uint8Array ? "bytes" : "numbers", of: value as NumberArray };
  }
  // What containers give is plain already.
  if (Array.isArray(value)) return { kind: "list", of: value };
  return { kind: "record", of: value };
}

/** What becomes of values. */
export interface Form {
  /** Reads a field or an element. */
  readonly read: (read: () => unknown) => unknown;
  readonly leaf: (value: unknown, field: FieldLayout | undefined) => unknown;
  /** Bytes of a `bytes<N>` or an `array<u8, N>`; undefined for a list of numbers. */
  readonly bytes: (bytes: Uint8Array, field: FieldLayout | undefined) => unknown;
  readonly container: (container: object) => unknown;
}

/** The members of a union that hold with a value of its tag: one, or none where no member has that case. */
export function heldMembers(members: readonly FieldLayout[], tag: unknown): readonly FieldLayout[] {
  const holds = (one: number | string): boolean =>
    typeof tag === "bigint" ? BigInt(one) === tag : Number(one) === Number(tag);
  return members.filter(({ cases }) => cases?.some(holds) === true);
}

/** The fields of a struct that count: of a union with a tag, those that hold. */
function counting(
  { fields }: StructLayout,
  { tag }: Partial<FieldLayout>,
  around: Values | undefined,
): readonly FieldLayout[] {
  return tag === undefined || around === undefined ? fields : heldMembers(fields, around[tag]);
}

type Values = Readonly<Record<string, unknown>>;

/**
 * A value with nothing in it that is memory of others. `field` is the one that it comes from, `around` has the values of the struct that
 * has the field.
 */
export function formed(value: unknown, form: Form, field?: FieldLayout, around?: Values): unknown {
  const own = partsOf(value);
  switch (own.kind) {
    case "leaf":
      return form.leaf(own.of, field);
    case "struct": {
      const from = own.of as Values;
      const known: Record<string, unknown> = {};
      const member = (inner: FieldLayout): [string, unknown] => {
        const read = (known[inner.name] = form.read(() => from[inner.name]));
        return [inner.name, formed(read, form, inner, known)];
      };
      const fields = counting(own.layout, field ?? {}, around);
      // Which member of a union holds, nobody has said: those of whom the bytes are no value are left out.
      const isOpen = own.layout.union === true && fields === own.layout.fields;
      return Object.fromEntries(isOpen ? fields.flatMap((inner) => readable(() => member(inner))) : fields.map(member));
    }
    case "record":
      return Object.fromEntries(Object.entries(own.of).map(([name, inner]) => [name, formed(inner, form, field)]));
    case "list": {
      const { length } = own.of;
      return Array.from({ length }, (_, index) =>
        formed(
          form.read(() => own.of.at(index)),
          form,
          field,
        ),
      );
    }
    case "bytes":
      return (
        form.bytes(own.of as Uint8Array, field) ?? Array.from(own.of as Uint8Array, (one) => form.leaf(one, field))
      );
    case "numbers":
      return Array.from(own.of as Float64Array, (number) => form.leaf(number, field));
    case "container":
      // What its field says is about what it holds, and this may be its state.
      return formed(form.container(own.of), form);
  }
}

/** What can be read, as a list. @throws what is no matter of the value, as ERR_SHM_CLOSED */
function readable<T>(read: () => T): T[] {
  try {
    return [read()];
  } catch (error) {
    if (isShmError(error) && error.code === "ERR_SHM_RANGE") return [];
    throw error;
  }
}

/** A number that a `num<>` or `timestamp<>` cannot show is the bigint that its error tells. */
function exactly(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    if (isShmError(error) && typeof error.found === "bigint") return error.found;
    throw error;
  }
}

/**
 * As `shmgen inspect --json` has it: 64-bit integers as decimal text, so do NaN and the infinities; enums as the member's name, or else the
 * number; flags as a list of names, in which unknown bits are hexadecimal; moments as dates have it; bytes as hexadecimal text.
 */
const JSON_FORM: Form = {
  read: exactly,
  leaf: jsonLeaf,
  bytes: (bytes, field) => (field === undefined || /\bbytes</.test(field.type) ? hex(bytes) : undefined),
  container: (container) => (container as { toJSON(): unknown }).toJSON(),
};

function jsonLeaf(value: unknown, field: FieldLayout | undefined): unknown {
  if (typeof value !== "number" && typeof value !== "bigint") return value;
  const { enumerators, type } = field ?? {};
  if (enumerators !== undefined) {
    if (type?.includes("flags<") === true) {
      const { names, rest } = flagsIn(enumerators, value);
      return BigInt(rest) === 0n ? names : [...names, `0x${rest.toString(16)}`];
    }
    const name = firstNames(enumerators).get(value);
    if (name !== undefined) return name;
  }
  if (typeof value === "bigint") return String(value);
  if (enumerators !== undefined) return value;
  if (type !== undefined && /\btimestamp</.test(type)) return new Date(value).toISOString();
  return !Number.isFinite(value) || (type !== undefined && /\bnum</.test(type)) ? String(value) : value;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The value as it goes into JSON. */
export function jsonOf(value: unknown): unknown {
  return formed(value, JSON_FORM);
}

/** Longer contents end with a digest of the rest. */
const MOST_TEXT = 4096;
/** Longer arrays of numbers are told by a digest. */
const MOST_NUMBERS = 64;

/** Text that stays short: what comes later counts, but is not in it. */
class Contents {
  #text = "";
  #rest: Digest | undefined;

  write(piece: string): void {
    if (this.#rest === undefined && this.#text.length + piece.length <= MOST_TEXT) this.#text += piece;
    else (this.#rest ??= new Digest()).addText(piece);
  }

  end(): string {
    return this.#rest === undefined ? this.#text : `${this.#text}... ${this.#rest.text()}`;
  }
}

/**
 * The contents as text. Two accessors of one struct have the same text when all their fields are equal: NaN is NaN, -0 is not 0 (as in
 * node:assert's strict mode, and Jest), bytes between fields and behind a text's end do not count. Contents of more than 4 kB
 * end with 64 bits of a digest, so that two of 2^64 pairs that differ are taken for equal. Never throws.
 */
export function contentsText(value: unknown): string {
  const out = new Contents();
  writeContents(out, value, undefined, undefined);
  return out.end();
}

function writeContents(
  out: Contents,
  value: unknown,
  field: FieldLayout | undefined,
  around: Values | undefined,
): void {
  const own = partsOf(value);
  switch (own.kind) {
    case "struct": {
      const from = own.of as Values;
      const known: Record<string, unknown> = {};
      const fields = counting(own.layout, field ?? {}, around);
      fields.forEach((inner, index) => {
        out.write(`${index === 0 ? "{" : ","}"${inner.name}":`);
        const read = (known[inner.name] = printable(() => from[inner.name]));
        writeContents(out, read, inner, known);
      });
      return out.write(fields.length === 0 ? "{}" : "}");
    }
    case "list": {
      const length = printable(() => own.of.length) as number;
      out.write("[");
      for (let index = 0; index < length; index++) {
        if (index > 0) out.write(",");
        const read = printable(() => own.of.at(index));
        writeContents(out, read, field, undefined);
      }
      return out.write("]");
    }
    case "bytes":
    case "numbers":
      if (own.of.length > MOST_NUMBERS) return out.write(`[${own.of.length} numbers ${Digest.ofNumbers(own.of)}]`);
      return out.write(`[${Array.from(own.of as Float64Array, (number) => leafText(number, field)).join(",")}]`);
    case "container":
      return out.write(`"${own.place}"`);
    default:
      out.write(leafText(own.of, field));
  }
}

function leafText(value: unknown, field: FieldLayout | undefined): string {
  if (Object.is(value, -0)) return "-0";
  // What stands for what cannot be read.
  if (typeof value === "object" && value !== null && inspect in value)
    return JSON.stringify((value[inspect] as () => string)());
  return JSON.stringify(jsonLeaf(value, field)) ?? "undefined";
}
