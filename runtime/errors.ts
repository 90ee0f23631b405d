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

/**
 * An error in the one form of all messages: what is wrong, the facts as `key=value`, the path last, then what to do.
 * `numbers` are further facts for the message alone.
 */
export function refusal(
  code: ShmErrorCode,
  what: string,
  facts: ShmErrorFacts,
  remedy?: string,
  numbers: Readonly<Record<string, unknown>> = {},
): ShmError {
  const { path } = facts;
  const pairs = Object.entries({ ...facts, cause: undefined, path: undefined, ...numbers })
    .concat([["path", path]])
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${key === "path" ? String(value) : word(value)}`);
  const detail = pairs.length === 0 ? "" : `: ${pairs.join(" ")}`;
  return new ShmError(code, `${what}${detail}${remedy === undefined ? "" : `; ${remedy}`}`, facts);
}

const QUOTED = /^"(?:[^"\\]|\\.)*"$/;

/** A value as one word, quoted where it has spaces or quotes. */
function word(value: unknown): string {
  const text = String(value);
  return /[ "]/.test(text) && !QUOTED.test(text) ? JSON.stringify(text) : text;
}

/** True for every error of this runtime, also of another copy of it. */
export function isShmError(error: unknown): error is ShmError | ShmRangeError {
  return typeof error === "object" && error !== null && mark in error;
}
