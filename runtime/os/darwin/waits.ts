/**
 * Sleeping and waking on words of memory that processes share. A word that has changed already ends the sleep as a wake-up does, so it is
 * looked at before. Nobody sleeps on several words at once: the thread for waits takes turns.
 * @see os_sync_wait_on_address_with_timeout (macOS 14.4), __ulock_wait2 (macOS 11)
 */
import { constants } from "node:os";
import { refusal } from "../../errors.js";
import type { FutexWord, WaitResult } from "../contract.js";
import { EINTR, ETIMEDOUT, errnoName, syscallError } from "../posix/syscall.js";
import { type WaitCalls, darwinCalls, waitCalls } from "./libc.js";

const { ENOENT, EFAULT, ENOMEM } = constants.errno;

/** The control word of the thread for waits, and this many of its waits in a turn. */
export { WAIT_ANY_MAX } from "../linux/futex.js";
/** 0 would be for ever. */
const SHORTEST_NS = 1n;
/** Years. */
const LONGEST_MS = 1e13;
/** Sleepers that are woken one by one, so that they are counted; more are woken at once. */
const COUNTED_MAX = 1024;

function calls(): WaitCalls {
  const found = waitCalls();
  if (found !== undefined) return found;
  throw refusal("ERR_SHM_UNSUPPORTED", "wait and notify need macOS 11, for __ulock_wait2", {});
}

/** Sleeps once, `timeoutMs` at most. A spurious "ok" is possible. */
export function wait({ address, expected }: FutexWord, timeoutMs: number): WaitResult | "interrupted" | "gone" {
  const c = calls();
  if (darwinCalls().wordAt(address) >>> 0 !== expected >>> 0) return "not-equal";
  const ns = BigInt(Math.round(Math.max(0, Math.min(timeoutMs, LONGEST_MS)) * 1e6));
  if (c.wait(address, expected >>> 0, ns > 0n ? ns : SHORTEST_NS) >= 0) return "ok";
  const errno = c.errno();
  if (errno === ETIMEDOUT) return "timed-out";
  if (errno === EINTR) return "interrupted";
  // ENOMEM: the page is on a disk, and there was no memory to read it; who asks again finds it there.
  if (errno === ENOMEM) return "ok";
  if (errno === EFAULT) return "gone";
  throw syscallError(c.name, errnoName(errno), `address 0x${address.toString(16)}`);
}

/** Wakes at most `count` sleepers, one by one, since nothing counts those who are woken at once. */
export function wake(address: number, count: number): number {
  const c = calls();
  let woken = 0;
  for (; woken < count && woken < COUNTED_MAX; woken += 1) {
    if (c.wakeOne(address) >= 0) continue;
    if (isOver(c, address)) return woken;
    woken -= 1;
  }
  if (woken < count && c.wakeAll(address) < 0) isOver(c, address);
  return woken;
}

/** True when nobody sleeps there, false when a signal came in between. */
function isOver(c: WaitCalls, address: number): boolean {
  const errno = c.errno();
  if (errno === ENOENT) return true;
  if (errno === EINTR) return false;
  throw syscallError(c.name, errnoName(errno), `address 0x${address.toString(16)}`);
}

/** No call sleeps on several words. */
export function waitAny(): undefined {
  return undefined;
}

/** No sleep ends as an event. */
export function openEventWaits(): undefined {
  return undefined;
}
