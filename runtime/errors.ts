/** The errors of the runtime: one class, its codes, and the wording of what the operating system refuses. */
import { printable } from "../schema/printable.js";

/** Why an operation was refused. The set only ever grows. */
export type ShmErrorCode = `ERR_SHM_${
  | "NOT_FOUND"
  | "EXISTS"
  | "NOT_READY"
  | "STALE"
  | "FOREIGN"
  | "FORMAT"
  | "LAYOUT"
  | "VERSION"
  | "BUSY"
  | "ABANDONED"
  | "PERMISSION"
  | "NO_SPACE"
  | "NAME"
  | "RANGE"
  | "CLOSED"
  | "READ_ONLY"
  | "UNSUPPORTED"
  | "SYSCALL"}`;

/** The facts of an error. */
export interface ShmErrorFacts {
  /** File, or name of the memory. */
  readonly path?: string;
  /** Field of a struct, or option. */
  readonly field?: string;
  readonly expected?: unknown;
  readonly found?: unknown;
  /** `"ENOSPC"`. */
  readonly errno?: string;
  /** System call that failed. */
  readonly syscall?: string;
  /** Process that is in the way. */
  readonly pid?: number;
  readonly cause?: unknown;
}

const mark: unique symbol = Symbol.for("shmgen.error");

/**
 * Everything that the runtime refuses. The message may be printed: what others have chosen in it (paths, commands of other
 * processes, bytes of files) holds nothing that a terminal would obey. The facts beside it are as they were found.
 */
export class ShmError extends Error {
  readonly code: ShmErrorCode;
  declare readonly path?: string;
  declare readonly field?: string;
  declare readonly expected?: unknown;
  declare readonly found?: unknown;
  declare readonly errno?: string;
  declare readonly syscall?: string;
  declare readonly pid?: number;

  constructor(code: ShmErrorCode, message: string, facts: ShmErrorFacts = {}) {
    super(printable(message), "cause" in facts ? { cause: facts.cause } : undefined);
    this.code = code;
    adopt(this, code, facts);
  }
}

/** A value, index or size out of range. Its message may be printed, as that of {@link ShmError}. */
export class ShmRangeError extends RangeError {
  readonly code = "ERR_SHM_RANGE";
  declare readonly path?: string;
  declare readonly field?: string;
  declare readonly expected?: unknown;
  declare readonly found?: unknown;

  constructor(message: string, facts: ShmErrorFacts = {}) {
    super(printable(message));
    adopt(this, "ERR_SHM_RANGE", facts);
  }
}

/**
 * The code of an error of Node or of ours, `"ENOENT"`; undefined for anything else. Not asked by `instanceof`: where a test
 * framework runs modules in a context of its own, as Jest does, Node's errors are of another realm.
 */
export function errorCode(error: unknown): string | undefined {
  const { code } = Object(error) as { readonly code?: unknown };
  return typeof code === "string" ? code : undefined;
}

/** What an error says, whatever was thrown and in whatever realm. */
export function errorMessage(error: unknown): string {
  const { message } = Object(error) as { readonly message?: unknown };
  return typeof message === "string" ? message : String(error);
}

/** The stack begins with `ShmError [ERR_SHM_BUSY]: ...` as Node's own errors do; `name` stays the class's name. */
function adopt(error: Error, code: ShmErrorCode, facts: ShmErrorFacts): void {
  for (const [key, value] of Object.entries(facts)) {
    if (key !== "cause" && value !== undefined) Object.assign(error, { [key]: value });
  }
  Object.defineProperty(error, mark, { value: true });
  Object.defineProperty(error, "name", { value: `${error.constructor.name} [${code}]`, configurable: true });
  void error.stack;
  Object.defineProperty(error, "name", { value: error.constructor.name, configurable: true });
}

/** Facts for a message alone. Under the name of a fact: how the message writes it; undefined leaves it out. */
export type MessageFacts = Readonly<Record<string, unknown>>;

/**
 * The one form of all messages: what is wrong, the facts as `key=value`, the path last, then what to do. A fact that stands in
 * `what` as `{field}`, `{expected}` or `{found}` is written there and not again behind it. `writeFound`: how `found` is written.
 */
export function wording(
  what: string,
  facts: ShmErrorFacts,
  remedy?: string,
  numbers: MessageFacts = {},
  writeFound: (found: unknown) => string | undefined = word,
): string {
  const { path } = facts;
  const texts = new Map<string, string>();
  for (const [key, value] of Object.entries({ ...facts, cause: undefined, path: undefined, ...numbers })) {
    const text = key === "found" && !("found" in numbers) ? writeFound(value) : word(value);
    if (text !== undefined) texts.set(key, text);
  }
  if (path !== undefined) texts.set("path", String(path));
  const written = new Set<string>();
  const sentence = what.replaceAll(/\{(field|expected|found)\}/g, (_, key: "field" | "expected" | "found") => {
    written.add(key);
    return key === "found" ? (texts.get(key) ?? "") : String(facts[key]);
  });
  const pairs = [...texts].filter(([key]) => !written.has(key)).map(([key, text]) => `${key}=${text}`);
  const detail = pairs.length === 0 ? "" : `: ${pairs.join(" ")}`;
  return `${sentence}${detail}${remedy === undefined ? "" : `; ${remedy}`}`;
}

/** An error in the form of {@link wording}. Its facts are properties of it; `numbers` stand in the message alone. */
export function refusal(
  code: ShmErrorCode,
  what: string,
  facts: ShmErrorFacts,
  remedy?: string,
  numbers?: MessageFacts,
): ShmError {
  return new ShmError(code, wording(what, facts, remedy, numbers), facts);
}

/** As {@link refusal}, for a value, index or size out of range. `found` may be anything, and is written as by {@link show}. */
export function outOfRange(what: string, facts: ShmErrorFacts, remedy?: string, numbers?: MessageFacts): ShmRangeError {
  return new ShmRangeError(wording(what, facts, remedy, numbers, show), facts);
}

const QUOTED = /^"(?:[^"\\]|\\.)*"$/;

/** A value as one word, quoted where it has spaces or quotes; undefined for a fact that is not known. */
function word(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const text = String(value);
  return /[ "]/.test(text) && !QUOTED.test(text) ? JSON.stringify(text) : text;
}

/** A value as a person would write it, short. */
export function show(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}...` : value);
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "function") return "a function";
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "an array" : "an object";
  return String(value);
}

/** True for every error of this runtime, also of another copy of it. */
export function isShmError(error: unknown): error is ShmError | ShmRangeError {
  return typeof error === "object" && error !== null && mark in error;
}
