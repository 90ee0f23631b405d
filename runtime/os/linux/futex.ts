/**
 * Sleeping and waking on words of memory, across processes: never FUTEX_PRIVATE, which loses wake-ups between them.
 * @see futex(2), futex_waitv in the kernel's Documentation/userspace-api/futex2.rst
 */
import { refusal } from "../../errors.js";
import type { FutexWord, WaitResult } from "../contract.js";
import { linuxCalls } from "./libc.js";
import { EAGAIN, EINTR, EINVAL, ENOSYS, EPERM, ETIMEDOUT, errnoName, syscallError } from "../posix/syscall.js";

const FUTEX_WAIT = 0;
const FUTEX_WAKE = 1;
/** 32-bit word, shared between processes. */
const FUTEX2_SIZE_U32 = 2;
const CLOCK_MONOTONIC = 1;
/** `futex_waitv` has one number on all of them. */
const FUTEX_WAITV = 449;
const FUTEX: Readonly<Record<string, number>> = { x64: 202, arm64: 98, riscv64: 98, loong64: 98, ppc64: 221 };
/** Those whose futex has a number here, as Node names them. */
export const FUTEX_PROCESSORS: readonly string[] = Object.keys(FUTEX);

/** Words that one {@link waitAny} can sleep on. */
export const WAIT_ANY_MAX = 128;

function futexNumber(): number {
  const number = FUTEX[process.arch];
  if (number !== undefined) return number;
  const expected = FUTEX_PROCESSORS.join(", ");
  throw refusal("ERR_SHM_UNSUPPORTED", "wait and notify do not know this processor", { expected, found: process.arch });
}

/**
 * Sleeps once, `timeoutMs` at most. `"interrupted"` after a signal; `"gone"` where nothing is mapped.
 * A spurious `"ok"` is possible, as with every futex.
 */
export function wait({ address, expected }: FutexWord, timeoutMs: number): WaitResult | "interrupted" | "gone" {
  const c = linuxCalls();
  const result = c.syscall(futexNumber(), address, FUTEX_WAIT, expected, timespec(timeoutMs), 0, 0);
  if (result === 0) return "ok";
  const errno = c.errno();
  if (errno === EAGAIN) return "not-equal";
  if (errno === ETIMEDOUT) return "timed-out";
  if (errno === EINTR) return "interrupted";
  if (errnoName(errno) === "EFAULT") return "gone";
  throw syscallError("futex", errnoName(errno), `address 0x${address.toString(16)}`);
}

/** Wakes at most `count` sleepers of all processes and returns how many. */
export function wake(address: number, count: number): number {
  const c = linuxCalls();
  const result = c.syscall(futexNumber(), address, FUTEX_WAKE, Math.min(count, 0x7fff_ffff), null, 0, 0);
  if (result < 0) throw syscallError("futex", errnoName(c.errno()), `address 0x${address.toString(16)}`);
  return result;
}

/**
 * Sleeps on up to {@link WAIT_ANY_MAX} words at once. Returns the index of one that was woken, -1 when none was (a
 * timeout, a signal, a word that has another value already), undefined when the kernel lacks or forbids the call.
 */
export function waitAny(words: readonly FutexWord[], timeoutMs: number): number | undefined {
  const entries = new BigUint64Array(words.length * 3);
  words.forEach(({ address, expected }, index) => {
    entries[index * 3] = BigInt(expected);
    entries[index * 3 + 1] = BigInt(address);
    entries[index * 3 + 2] = BigInt(FUTEX2_SIZE_U32);
  });
  const c = linuxCalls();
  // Unlike FUTEX_WAIT it takes a point in time; hrtime is CLOCK_MONOTONIC. Only our own thread asks, where nobody fakes it.
  const deadline = timespec(timeoutMs, process.hrtime.bigint());
  const bytes = new Uint8Array(entries.buffer);
  const index = c.syscall(FUTEX_WAITV, bytes, words.length, 0, deadline, CLOCK_MONOTONIC, 0);
  if (index >= 0) return index;
  const errno = c.errno();
  return errno === ENOSYS || errno === EPERM || errno === EINVAL ? undefined : -1;
}

function timespec(timeoutMs: number, from = 0n): BigInt64Array {
  const ns = from + BigInt(Math.round(Math.max(0, timeoutMs) * 1e6));
  return new BigInt64Array([ns / 1_000_000_000n, ns % 1_000_000_000n]);
}
