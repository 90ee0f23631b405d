/**
 * Sleeping on words of memory that processes share. WaitOnAddress wakes threads of its own process alone, so who waits looks at the
 * word, in steps that grow. @see https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-waitonaddress
 */
import type { FutexWord, WaitResult } from "../contract.js";
import { monotonicMs } from "../../monotonic.js";
import { rest } from "./calls.js";
import { kernel32 } from "./kernel32.js";

export const WAIT_ANY_MAX = 128;
const LONGEST_MS = 8;

function load(address: number): number {
  return Atomics.load(new Uint32Array(kernel32().view(address, 4)), 0);
}

export function wait({ address, expected }: FutexWord, timeoutMs: number): WaitResult {
  if (load(address) !== expected) return "not-equal";
  const end = monotonicMs() + timeoutMs;
  for (let step = 0.25; ; step = Math.min(2 * step, LONGEST_MS)) {
    const left = end - monotonicMs();
    if (left <= 0) return "timed-out";
    rest(Math.min(step, left));
    if (load(address) !== expected) return "ok";
  }
}

export function wake(): number {
  return 0;
}

export function waitAny(words: readonly FutexWord[], timeoutMs: number): number {
  const end = monotonicMs() + timeoutMs;
  for (let step = 0.25; ; step = Math.min(2 * step, LONGEST_MS)) {
    const at = words.findIndex(({ address, expected }) => load(address) !== expected);
    const left = end - monotonicMs();
    if (at >= 0 || left <= 0) return at;
    rest(Math.min(step, left));
  }
}

export function openEventWaits(): undefined {
  return undefined;
}
