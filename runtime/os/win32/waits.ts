/**
 * Sleeping on words of memory that processes share, and waking who does: the sleep stands in a table of the directory (sleeps.ts), and ends by an event
 * of the thread (signals.ts). Whoever sleeps compares the word now and then, for those who were ended between store and signal.
 */
import type { FutexWord, WaitResult } from "../contract.js";
import { monotonicMs } from "../../monotonic.js";
import { wordAt } from "./memory.js";
import { ownEvent, sleepOn } from "./signals.js";
import { LOOK_MS, type Sleep, enter, isWoken, leave, renew, wakeAt } from "./sleeps.js";
import { placeOf } from "./wait-table.js";

export const WAIT_ANY_MAX = 128;
/** @throws ShmError where there can be no table, or too many sleep */
export function wait(word: FutexWord, timeoutMs: number): WaitResult | "gone" {
  const end = monotonicMs() + timeoutMs;
  const place = placeOf(word.address);
  if (place === undefined) return "gone";
  const seen = wordAt(word);
  if (seen.isChanged()) return "not-equal";
  if (timeoutMs <= 0) return "timed-out";
  const event = ownEvent();
  const sleep = enter(place, event);
  let result: WaitResult | undefined;
  try {
    // Step sleep.compare
    if (seen.isChanged()) result = "not-equal";
    while (result === undefined) {
      const left = end - monotonicMs();
      if (left <= 0) result = "timed-out";
      else if (isOverAfter(sleep, Math.min(left, LOOK_MS)) || seen.isChanged()) result = "ok";
    }
  } finally {
    if (leave(sleep)) result = "ok";
  }
  return result;

  function isOverAfter(one: Sleep, ms: number): boolean {
    sleepOn(event, Math.ceil(ms));
    renew(one);
    return isWoken(one);
  }
}

/** Wakes at most `count` sleepers of all processes and returns how many. @throws ShmError where there can be no table */
export function wake(address: number, count: number): number {
  const place = placeOf(address);
  return place === undefined ? 0 : wakeAt(place, count);
}

/** Index of a word that was woken, -1 for none. @throws ShmError as {@link wait} */
export function waitAny(words: readonly FutexWord[], timeoutMs: number): number {
  const end = monotonicMs() + timeoutMs;
  const event = ownEvent();
  const sleeps: Sleep[] = [];
  let woken = -1;
  try {
    for (const { address } of words) {
      const place = placeOf(address);
      if (place === undefined) return -1;
      sleeps.push(enter(place, event));
    }
    const seen = words.map(wordAt);
    for (;;) {
      const left = end - monotonicMs();
      if (left <= 0 || sleeps.some(isWoken) || seen.some((word) => word.isChanged())) break;
      sleepOn(event, Math.ceil(Math.min(left, LOOK_MS)));
      for (const sleep of sleeps) renew(sleep);
    }
  } finally {
    for (const [index, sleep] of sleeps.entries()) if (leave(sleep)) woken = index;
  }
  return woken;
}
