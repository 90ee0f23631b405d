/** What the format of regions and tokens refuses, one function per situation. */
import { Flyweight } from "../access/flyweight.js";
import { type MessageFacts, type ShmError, type ShmRangeError, outOfRange, refusal } from "../errors.js";

/** `told`: by the description that the generated code carries; `code`: by the code itself. */
export function codeContradictsItself(struct: string, field: string, told: unknown, code: unknown): ShmError {
  const remedy = "generate the code again (npx shmgen generate), and check it in as it is";
  const what = "the generated code contradicts the layout that it was generated from";
  return refusal("ERR_SHM_LAYOUT", what, { field, expected: told, found: code }, remedy, { struct });
}

export function dotnetWithTail(struct: string): ShmRangeError {
  const what = "the dotnet header has no room for a tail's length";
  return outOfRange(what, { field: struct }, undefined, { field: undefined, struct });
}

/** A length of a tail, said by the option `field`. */
export interface WantedLength {
  readonly field: string;
  readonly path: string;
}

export function notATailLength(
  { field, path }: WantedLength,
  found: unknown,
  { name: struct, tailStride }: { readonly name: string; readonly tailStride: number },
): ShmRangeError {
  const expected = tailStride === 0 ? "0, the region has no tail" : "a count of elements";
  return outOfRange("{field} is {expected}", { field, expected, found, path }, undefined, { struct });
}

/** Sizes are bytes, `length` is elements. */
export function regionTooLarge(
  { field, path }: WantedLength,
  length: number,
  size: number,
  sizeMax: number,
): ShmRangeError {
  const facts = { field, expected: `at most ${sizeMax} bytes`, found: size, path };
  return outOfRange("the region would be too large", facts, undefined, { field: undefined, [field]: length });
}

/** `begins`: what every token begins with. */
export function notAToken(token: unknown, begins: string): ShmError {
  const found = typeof token === "string" ? JSON.stringify(token.slice(0, 40)) : typeof token;
  const facts = { field: "token", expected: `a text that begins with ${begins}`, found };
  return refusal("ERR_SHM_FOREIGN", "this is not a token of a region", facts, "use what region.token() gave");
}

export function damagedToken(field: string, expected: unknown, found: unknown, numbers?: MessageFacts): ShmError {
  const remedy = "hand it over unchanged and whole, without spaces, line ends or quotes";
  return refusal("ERR_SHM_FORMAT", "the token is damaged", { field, expected, found }, remedy, numbers);
}

export function newerToken(field: string, expected: unknown, found: unknown): ShmError {
  const remedy = "use one version of the runtime everywhere";
  const facts = { field, expected, found };
  return refusal("ERR_SHM_FORMAT", "the token has another format than this runtime knows", facts, remedy);
}

// Making a region.

/** An empty tail is seldom what somebody wants who forgot to say how long it is. */
export function tailLengthNeeded(struct: string, path: string): ShmRangeError {
  const facts = { field: "tailLength", expected: "a count of elements, 0 for none", path };
  const what = "to create the region, {field} has to say how long its tail is";
  return outOfRange(what, facts, undefined, { struct });
}

/** Refuses what a callback returned, when it is a promise. A field may be called `then`, so accessors are not asked. */
export function refusePromise(returned: unknown, path: string, what = "initialise"): void {
  if (typeof returned !== "object" || returned === null || returned instanceof Flyweight) return;
  if (typeof (returned as { readonly then?: unknown }).then !== "function") return;
  const remedy = "await what it needs before the call";
  throw refusal("ERR_SHM_UNSUPPORTED", `${what} has to be synchronous, but it returned a promise`, { path }, remedy);
}
