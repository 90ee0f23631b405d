/** Waiting with an end. Monotonic: the wall clock decides nothing. */
import { performance } from "node:perf_hooks";
import { ShmRangeError } from "../errors.js";

/**
 * Milliseconds since the process began. Of the module and not of `globalThis`, where test frameworks put clocks that stand
 * still: with one of those no wait would ever end.
 */
export function now(): number {
  return performance.now();
}

/** Default of every `timeoutMs`. */
export const TIMEOUT_MS = 5000;

/** A point in time, and how long it was when it was made. */
export interface Deadline {
  readonly timeoutMs: number;
  readonly at: number;
}

/** @throws ShmRangeError for a timeout that is no number of milliseconds. `Infinity` waits for ever. */
export function deadlineIn(timeoutMs = TIMEOUT_MS): Deadline {
  if (typeof timeoutMs !== "number" || !(timeoutMs >= 0)) {
    const expected = "milliseconds, at least 0";
    throw new ShmRangeError(`timeoutMs is ${expected}: found=${String(timeoutMs)}`, {
      field: "timeoutMs",
      expected,
      found: timeoutMs,
    });
  }
  return { timeoutMs, at: now() + timeoutMs };
}

/** Milliseconds left; never negative. */
export function remaining(deadline: Deadline): number {
  return Math.max(0, deadline.at - now());
}

const never = new Int32Array(new SharedArrayBuffer(4));

/**
 * Pauses for growing times between attempts: 0.1 ms first, 5 ms at most, with a random part so that several waiters do not
 * march in step. False when the deadline has come instead.
 */
export function pause(attempt: number, deadline: Deadline): boolean {
  const left = remaining(deadline);
  if (left === 0) return false;
  const wanted = Math.min(5, 0.1 * 2 ** Math.min(attempt, 6)) * (0.5 + Math.random());
  Atomics.wait(never, 0, 0, Math.min(wanted, left));
  return true;
}
