/** Sleeping until a field changes, on top of the 32-bit futex of its containing word. */
import { checkOptions } from "../arguments/check-options.js";
import type { AbortOptions, WaitAsyncOptions } from "../arguments/wait-options.js";
import { monotonicMs } from "../monotonic.js";
import type { MemoryView, RawMemory } from "./memory-view.js";
import { rawMemory } from "./memory-view.js";
import type { BigKind, SmallKind } from "./numbers.js";
import { badValue, closed, noFutex } from "./refusals.js";

export type WaitResult = "ok" | "not-equal" | "timed-out";

/** The bytes that somebody waits on. */
export interface WaitPlace {
  readonly view: MemoryView;
  readonly offset: number;
  readonly size: number;
  readonly kind: SmallKind | BigKind;
  readonly field: string;
}

/** The field's bits now, as an unsigned integer. */
function current({ offset, size }: WaitPlace, raw: RawMemory): number | bigint {
  if (size === 8) return Atomics.load(raw.u64, offset / 8);
  if (size === 4) return Atomics.load(raw.u32, offset / 4);
  return size === 2 ? Atomics.load(raw.u16, offset / 2) : Atomics.load(raw.u8, offset);
}

/**
 * The kernel compares 32 bits. A change of the upper half of a 64-bit field alone, between our comparison and its own, lets
 * us sleep through the notification; so a waiter looks at the whole field this often. The atomics 1.0 and 2.0 differ in
 * their upper halves alone.
 */
const WIDE_SLICE_MS = 50;

/** What one turn of the loop says: a result, or what to sleep on. */
type Turn = WaitResult | { readonly word: number; readonly remainingMs: number };

/**
 * One wait, a turn at a time. The word is loaded before the field, so that a change between the two makes the futex
 * refuse to sleep. Fields of 8 and 16 bits share their word with neighbours: a wake-up with the value unchanged was
 * meant for somebody else, and the wait goes on with the remaining time.
 */
function turns(
  place: WaitPlace,
  expected: number | bigint,
  timeoutMs: number,
): (woken: WaitResult | undefined) => Turn {
  const { view, offset, size, field } = place;
  const raw = rawMemory(view);
  if (raw.futex === undefined) throw noFutex(field);
  if (typeof timeoutMs !== "number" || !(timeoutMs >= 0)) {
    throw badValue(`the timeout of ${field}`, "milliseconds from 0 to Infinity", timeoutMs);
  }
  const deadline = timeoutMs === Infinity ? Infinity : monotonicMs() + timeoutMs;
  let slept = false;
  return (woken) => {
    if (view.closed) throw closed(view.label, field);
    if (woken === "ok" && size >= 4) return woken;
    if (woken === "timed-out" && size < 8) return woken;
    slept ||= woken === "ok" || woken === "timed-out";
    const word = Atomics.load(raw.u32, Math.floor(offset / 4));
    if (current(place, raw) !== expected) return slept ? "ok" : "not-equal";
    const remainingMs = deadline === Infinity ? Infinity : deadline - monotonicMs();
    if (remainingMs <= 0) return "timed-out";
    return { word, remainingMs: size === 8 ? Math.min(remainingMs, WIDE_SLICE_MS) : remainingMs };
  };
}

export function waitOn(place: WaitPlace, expected: number | bigint, timeoutMs: number): WaitResult {
  const next = turns(place, expected, timeoutMs);
  const port = rawMemory(place.view).futex;
  const word = Math.floor(place.offset / 4) * 4;
  for (let turn = next(undefined); ;) {
    if (typeof turn === "string") return turn;
    turn = next(port?.wait(word, turn.word, turn.remainingMs));
  }
}

export async function waitAsyncOn(
  place: WaitPlace,
  expected: number | bigint,
  { timeoutMs = Infinity, signal }: WaitAsyncOptions,
): Promise<WaitResult> {
  signal?.throwIfAborted();
  const next = turns(place, expected, timeoutMs);
  const port = rawMemory(place.view).futex;
  const word = Math.floor(place.offset / 4) * 4;
  for (let turn = next(undefined); ;) {
    if (typeof turn === "string") return turn;
    turn = next(await port?.waitAsync(word, turn.word, turn.remainingMs, signal));
  }
}

/** What a field's `waitAsync` is given: milliseconds, or options. */
export function asyncOptions(options: number | WaitAsyncOptions): WaitAsyncOptions {
  if (typeof options === "object") checkOptions(options, "waitAsync");
  return typeof options === "object" ? options : { timeoutMs: options };
}

/** Whoever stores without a notification is noticed by a look this often. */
const LOOK_MS = 100;

/**
 * The values of a field from now on, as `for await` takes them, without those that were replaced before the loop came to them. Ends when
 * the region is closed.
 */
export function changesOf<T>(place: WaitPlace, read: () => T, options: AbortOptions): AsyncIterableIterator<T> {
  checkOptions(options, "items");
  // From the call on, whenever the loop begins.
  return changesAfter(place, current(place, rawMemory(place.view)), read, options);
}

async function* changesAfter<T>(
  place: WaitPlace,
  first: number | bigint,
  read: () => T,
  { signal }: AbortOptions,
): AsyncGenerator<T, void, undefined> {
  const { view } = place;
  for (let last = first; ;) {
    try {
      for (;;) {
        signal?.throwIfAborted();
        if (view.closed) return;
        const now = current(place, rawMemory(view));
        if (now !== last) {
          last = now;
          break;
        }
        await waitAsyncOn(place, last, { timeoutMs: LOOK_MS, signal });
      }
    } catch (error) {
      if (view.closed && signal?.aborted !== true) return;
      throw error;
    }
    // The value that belongs to `last`, so that none comes twice; while others store all the time, one may.
    let value = read();
    for (let tries = 0; tries < 16 && current(place, rawMemory(view)) !== last; tries += 1) {
      last = current(place, rawMemory(view));
      value = read();
    }
    yield value;
  }
}

/** Wakes waiters. Neighbours in the same word may wait too, so for fields of 8 and 16 bits all of the word are woken. */
export function notifyOn({ view, offset, size, field }: WaitPlace, count: number): number {
  const { futex } = rawMemory(view);
  if (futex === undefined) throw noFutex(field);
  if (count !== Infinity && (!Number.isInteger(count) || count < 0)) {
    throw badValue(`the count of ${field}.notify`, "integers from 0 on, or Infinity", count);
  }
  return futex.notify(Math.floor(offset / 4) * 4, size < 4 && count > 0 ? 0x7fffffff : Math.min(count, 0x7fffffff));
}
