/**
 * Waiting with an end. Monotonic: the wall clock decides nothing.
 *
 *   for a lock          clock (deadline, pauses), long-wait (tells, once, who is waited for), owners (who that is)
 *   for a word          region-futex -> the kernel, this thread sleeps
 *   without blocking    region-futex -> waits -> the kernel, which tells the loop of events; or wait-thread -> wait-worker, one thread
 *                       for all pending waits
 */
import { onAbort } from "../arguments/wait-options.js";
import { sleep } from "../host.js";
import { monotonicMs } from "../monotonic.js";
import { notATimeout } from "./refusals.js";

/** Default of every `timeoutMs`. */
const TIMEOUT_MS = 5000;

/**
 * Until when a call waits for others, altogether: one for each call, whatever it waits for. What the call does itself meanwhile does
 * not count, see {@link ownWork}.
 */
export interface Deadline {
  readonly timeoutMs: number;
  /** By {@link monotonicMs}. */
  at: number;
}

/** @throws ShmRangeError for a timeout that is no number of milliseconds. `Infinity` waits for ever. */
export function deadlineIn(timeoutMs = TIMEOUT_MS): Deadline {
  if (typeof timeoutMs !== "number" || !(timeoutMs >= 0)) throw notATimeout(timeoutMs);
  return { timeoutMs, at: monotonicMs() + timeoutMs };
}

/** Milliseconds left; never negative. */
export function remaining(deadline: Deadline): number {
  return Math.max(0, deadline.at - monotonicMs());
}

/**
 * Begins something that is no wait for others: allocating, the caller's `initialise`. The deadline moves by the time until what is
 * returned is called, the first time.
 */
export function ownWork(deadline: Deadline): () => void {
  let begun: number | undefined = monotonicMs();
  return () => {
    if (begun !== undefined) deadline.at += monotonicMs() - begun;
    begun = undefined;
  };
}

/** What a call still has to do when its deadline may have come, to end well, gets this time at least, ms. */
export const GRACE_MS = 100;

/** The deadline, or a moment from now if that is later. */
export function withGrace({ timeoutMs, at }: Deadline): Deadline {
  return { timeoutMs, at: Math.max(at, monotonicMs() + GRACE_MS) };
}

/**
 * How often somebody who waits looks again. "asking": somebody who wants to get in, of whom there may be hundreds at once; he waits
 * longer and longer. "holding": somebody for whose lock others wait; of those there is one for each region.
 */
export type Pace = "asking" | "holding";

/**
 * Longest pauses, ms. With 5 for all, 200 processes that start at once kept both cores busy with looking, and whoever held the lock
 * was not given a core to do what they waited for.
 */
const PAUSE_MAX_MS: Readonly<Record<Pace, number>> = { asking: 60, holding: 1 };

/** A word that nobody changes. Not made where it is not needed: some pages have no shared memory. */
let never: Int32Array | undefined;

/**
 * Pauses for growing times between attempts: 0.1 ms first, twice as long each time up to 6.4, then about a seventh of what was waited
 * until then, with a random part so that several waiters do not march in step. False when the deadline has come instead.
 */
export function pause(attempt: number, deadline: Deadline, pace: Pace = "asking"): boolean {
  const left = remaining(deadline);
  if (left === 0) return false;
  const growing = attempt <= 6 ? 0.1 * 2 ** attempt : 6.4 * 1.15 ** Math.min(attempt - 6, 99);
  const wanted = Math.min(PAUSE_MAX_MS[pace], growing) * (0.5 + Math.random());
  never ??= new Int32Array(new SharedArrayBuffer(4));
  Atomics.wait(never, 0, 0, Math.min(wanted, left));
  return true;
}

/** How long to wait, and what ends the wait before. */
export interface Patience {
  readonly deadline: Deadline;
  readonly signal: AbortSignal | undefined;
}

/**
 * Lets others run for a while, longer with every round, `mostMs` at most. Does not block. False when the deadline has come.
 * @throws the signal's reason
 */
export async function rest(round: number, { deadline, signal }: Patience, mostMs = 20): Promise<boolean> {
  signal?.throwIfAborted();
  const left = remaining(deadline);
  if (left === 0) return false;
  const ended = new AbortController();
  const unheard = onAbort(signal, () => ended.abort());
  try {
    await sleep(Math.min(mostMs, 2 ** Math.min(round, 10), left), undefined, signal && { signal: ended.signal });
  } catch {
    signal?.throwIfAborted();
  } finally {
    unheard();
  }
  return true;
}
