/** Calls of node:fs, whose errors become ours by the words of a system. */
import { errorCode } from "../errors.js";

/** What a call threw, as an error about `path`. */
export type Translate = (error: unknown, path: string) => unknown;

/** Calls a function and turns what it throws into an error about `path`. */
export function attempting(translated: Translate) {
  return function attempt<T>(path: string, call: () => T): T {
    try {
      return call();
    } catch (error) {
      throw translated(error, path);
    }
  };
}

/** As {@link attempting}, but gives undefined when the call fails with one of the named errors. */
export function attemptingUnless(translated: Translate) {
  return function attemptUnless<T>(path: string, reasons: readonly string[], call: () => T): T | undefined {
    try {
      return call();
    } catch (error) {
      if (reasons.includes(errorCode(error) ?? "")) return undefined;
      throw translated(error, path);
    }
  };
}
