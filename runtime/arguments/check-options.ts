/** Options and arguments of the wrong kind, refused at every public door before anything is done. */
import { OPTIONS, type Taker } from "./option-names.js";
import { noSuchOption, notOfKind } from "./refusals.js";

/** What an option has to be, and whether a value can be that. What remains is asked where the option is used. */
type Kind = readonly [expected: string, fits: (value: unknown) => boolean];

const isNumber = (value: unknown): boolean => typeof value === "number";
const isPrimitive = (value: unknown): boolean => value === null || !/^(?:object|function|symbol)$/.test(typeof value);
const isText = (value: unknown): boolean => typeof value === "string" && value !== "" && !value.includes("\0");
const FLAG: Kind = ["true or false", (value) => typeof value === "boolean"];
const FUNCTION: Kind = ["a function", (value) => typeof value === "function"];
const COUNT: Kind = ["a count of elements", isNumber];
const ID: Kind = ["a name or a number", (value) => typeof value === "string" || typeof value === "number"];

/** A misspelt choice must not remove or zero what somebody wanted to keep. */
function oneOf(...values: readonly unknown[]): Kind {
  return [`one of ${values.join(", ")}`, (value) => values.includes(value)];
}

const KINDS: Readonly<Record<string, Kind>> = {
  access: ["read-write, read-only or private", isPrimitive],
  allowOtherUsers: FLAG,
  allowUntrustedFileSystem: FLAG,
  bigint: oneOf("bigint", "number", "string"),
  cleanup: oneOf("last-close", "keep", "immediately"),
  evict: oneOf("oldest"),
  directory: ["a path that is not empty", isText],
  dryRun: FLAG,
  failed: ["a queue, whose push takes what this one holds", hasPush],
  force: FLAG,
  from: oneOf("oldest", "newest"),
  group: ID,
  help: ["text without a zero", isHelp],
  includeKept: FLAG,
  initialise: FUNCTION,
  label: ["a name", isPrimitive],
  mapping: oneOf("auto", "wasm", "view"),
  maxAttempts: ["a whole number, at least 1", (value) => Number.isInteger(value) && (value as number) >= 1],
  maxTail: ["a count of elements", (value) => Number.isSafeInteger(value) && (value as number) >= 0],
  migrate: ["a list of what migration() gives", Array.isArray],
  mode: ["a number such as 0o660", isPrimitive],
  onAbandoned: oneOf("take"),
  onDeath: oneOf("keep", "drop"),
  onError: FUNCTION,
  onStale: oneOf("reinitialise", "keep", "throw"),
  onWait: FUNCTION,
  owner: ID,
  repair: FUNCTION,
  scope: oneOf("user", "session", "machine"),
  signal: ["an AbortSignal", isSignal],
  tailLength: COUNT,
  timeoutMs: ["milliseconds, at least 0", (value) => typeof value === "number" && value >= 0],
  ttlMs: ["milliseconds, above 0", (value) => typeof value === "number" && value > 0],
  userScope: FLAG,
};

function isHelp(value: unknown): boolean {
  return typeof value === "string" && !value.includes("\0") && !/\p{Surrogate}/u.test(value);
}

function hasPush(value: unknown): boolean {
  return typeof value === "object" && value !== null && typeof (value as { push?: unknown }).push === "function";
}

/** Not by `instanceof`: frameworks have signals of other realms. */
function isSignal(value: unknown): boolean {
  return typeof value === "object" && value !== null && "aborted" in value && "throwIfAborted" in value;
}

/**
 * Looks at what is given and nothing else, so that who gives no options pays nothing. What is undefined is left out.
 * @throws ShmRangeError with field, expected and found
 */
export function checkOptions(options: object, taker: Taker): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw wrongKind("options", "an object", options);
  }
  for (const field in options) {
    const value = (options as Readonly<Record<string, unknown>>)[field];
    if (value === undefined) continue;
    // What an object inherits is no mistake in it: an AbortController is options with a signal.
    if (Object.hasOwn(options, field) && !(OPTIONS[taker] as readonly string[]).includes(field))
      throw noSuchOption(field, OPTIONS[taker]);
    const kind = Object.hasOwn(KINDS, field) ? KINDS[field] : undefined;
    if (kind !== undefined && !kind[1](value)) throw wrongKind(field, kind[0], value);
  }
}

/** @throws ShmRangeError for what is no path */
export function checkPath(path: unknown, field = "path"): asserts path is string {
  if (!isText(path)) throw wrongKind(field, "a path that is not empty", path, "pass a path as text");
}

/** @throws ShmRangeError for what cannot be called */
export function checkFunction(value: unknown, field: string): void {
  if (typeof value !== "function") throw wrongKind(field, FUNCTION[0], value, "pass a function");
}

/** @throws ShmRangeError for what is no region */
export function checkOpenRegion(region: unknown): void {
  if (typeof (region as { readonly token?: unknown } | null | undefined)?.token === "function") return;
  throw wrongKind("region", "an open region", region, "pass what createOrOpen and the like return");
}

/** The error about a value that is not of the kind that is needed. */
export function wrongKind(
  field: string,
  expected: string,
  found: unknown,
  remedy = "leave it out for the default",
): Error {
  return notOfKind(field, expected, found, remedy);
}
