/**
 * Locks of single bytes far behind the end of a file, by LockFileEx. They belong to the open file and the process, and the system drops them
 * some time after it has closed the file: at once when it is closed, later when its process was ended. No mapping keeps one.
 *
 *   FILE      shared by all who have the file open, exclusive for who is alone with it: what flock is elsewhere
 *   CHANGE    exclusive for who changes or looks at FILE, as long as he has the lifecycle lock: the lock of changes of docs/PROTOCOL.md
 *   OWNERS    + pid: says whose the locks are, shared for a shared one, exclusive for the exclusive one. For people; no decision rests on it
 *   LOCK_AT   + number, exclusive: participants (schema/containers/participants.ts)
 *
 * A shared lock is no exclusive one while it is held (the system refuses that), so it is dropped before; an exclusive one becomes a shared
 * one without a moment in between: a shared lock beside it, and then one unlock, which drops the exclusive one. So it matters what a descriptor
 * has, and that is known here. @see https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-lockfileex
 */
import type { LockHolder } from "../contract.js";
import { ERROR, lastError, rest } from "./calls.js";
import { handleOf, whenClosed } from "./handles.js";
import { kernel32 } from "./kernel32.js";

const FILE_AT = 0x4000_0001_0000_0000n;
const CHANGE_AT = FILE_AT + 1n;
const OWNERS_AT = 0x4000_0002_0000_0000n;
const FAIL_IMMEDIATELY = 1;
const EXCLUSIVE = 2;
const SHARED = 0;

/** One for the thread: `struct OVERLAPPED` whose offset are 32-bit words 4 and 5. */
const overlapped = new Uint8Array(32);
const words = new Uint32Array(overlapped.buffer);
const OFFSET_LOW = 4;
const OFFSET_HIGH = 5;

function at(byte: bigint): Uint8Array {
  words.fill(0);
  words[OFFSET_LOW] = Number(byte & 0xffff_ffffn);
  words[OFFSET_HIGH] = Number(byte >> 32n);
  return overlapped;
}

/** False when somebody else has a lock that excludes it. */
function lock(handle: number, kind: typeof SHARED | typeof EXCLUSIVE, byte: bigint, path: string): boolean {
  const k = kernel32();
  if (k.lockFileEx(handle, FAIL_IMMEDIATELY | kind, 0, 1, 0, at(byte)) !== 0) return true;
  const error = k.lastError();
  if (error === ERROR.lockViolation || error === ERROR.ioPending) return false;
  throw lastError("LockFileEx", path, {}, error);
}

function unlockAt(handle: number, byte: bigint, path: string): void {
  const k = kernel32();
  if (k.unlockFileEx(handle, 0, 1, 0, at(byte)) !== 0) return;
  const error = k.lastError();
  if (error !== ERROR.notLocked) throw lastError("UnlockFileEx", path, {}, error);
}

/** What the descriptors of this thread have. */
const whole = new Map<number, "shared" | "exclusive">();
const single = new Map<number, Set<bigint>>();
whenClosed((fd) => {
  endChanges(fd);
  whole.delete(fd);
  single.delete(fd);
  changing.delete(fd);
});

/** Files with the lock of a directory, and those of them whose lock this thread has, the last one taken last. */
const lifecycles = new Set<number>();
const held: number[] = [];
/** Descriptors with the lock of changes, by which of these locks. */
const changing = new Map<number, number>();

/** From now on it is known that the lock of this descriptor is a lifecycle lock. */
export function isLifecycle(fd: number): void {
  lifecycles.add(fd);
}

/**
 * The locks of who is killed go some time later, and the lifecycle lock may go first: whoever comes then must not take a lock for a user's
 * that is there because somebody was looking. Dropped with the lifecycle lock, or with the descriptor.
 */
function beginChange(fd: number, handle: number, path: string): boolean {
  const lifecycle = held.at(-1);
  if (lifecycle === undefined || changing.has(fd)) return true;
  if (!lock(handle, EXCLUSIVE, CHANGE_AT, path)) return false;
  changing.set(fd, lifecycle);
  return true;
}

/** Before the lifecycle lock goes. */
function endChanges(lifecycle: number): void {
  lifecycles.delete(lifecycle);
  const at = held.indexOf(lifecycle);
  if (at < 0) return;
  held.splice(at, 1);
  for (const [fd, by] of changing) {
    if (by !== lifecycle) continue;
    changing.delete(fd);
    unlockAt(handleOf(fd, ""), CHANGE_AT, "");
  }
}

/** Never waits. False when somebody has the exclusive lock. */
export function tryShared(fd: number, path: string): boolean {
  const has = whole.get(fd);
  if (has === "shared") return true;
  const handle = handleOf(fd, path);
  if (has === undefined && !beginChange(fd, handle, path)) return false;
  if (!lock(handle, SHARED, FILE_AT, path)) return false;
  if (has === "exclusive") {
    unlockAt(handle, FILE_AT, path);
    unmarkOwner(handle, path);
  }
  markOwner(handle, SHARED, path);
  whole.set(fd, "shared");
  return true;
}

/** Never waits. False when anybody else has a lock; a shared one of ours is gone then. */
export function tryExclusive(fd: number, path: string): boolean {
  const has = whole.get(fd);
  if (has === "exclusive") return true;
  const handle = handleOf(fd, path);
  if (has === "shared") {
    if (!beginChange(fd, handle, path)) return false;
    unlockAt(handle, FILE_AT, path);
    unmarkOwner(handle, path);
    whole.delete(fd);
  }
  if (!lock(handle, EXCLUSIVE, FILE_AT, path)) return false;
  markOwner(handle, EXCLUSIVE, path);
  whole.set(fd, "exclusive");
  if (lifecycles.has(fd)) held.push(fd);
  return true;
}

export function unlock(fd: number, path: string): void {
  if (!whole.delete(fd)) return;
  const handle = handleOf(fd, path);
  unlockAt(handle, FILE_AT, path);
  unmarkOwner(handle, path);
}

/** Who asks for owners has the byte for a moment. */
const MARK_LOOKS = 3;

function markOwner(handle: number, kind: typeof SHARED | typeof EXCLUSIVE, path: string): void {
  for (let look = 0; look < MARK_LOOKS; look += 1) {
    if (lock(handle, kind, OWNERS_AT + BigInt(process.pid), path)) return;
    // Another open file of this process may have it: what counts for people is that one has.
    if (kind === EXCLUSIVE && look > 0) kind = SHARED;
    rest(1);
  }
}

function unmarkOwner(handle: number, path: string): void {
  unlockAt(handle, OWNERS_AT + BigInt(process.pid), path);
}

/**
 * Which of these processes have a lock of a file, by a descriptor through which none was taken; and whether it is the exclusive one. The lock itself is
 * not touched: who tried it without the lifecycle lock would be taken for a user.
 */
export function ownersAmong(fd: number, pids: Iterable<number>, path: string): LockHolder[] {
  const handle = handleOf(fd, path);
  const isTaken = (pid: number, kind: typeof SHARED | typeof EXCLUSIVE): boolean => {
    const byte = OWNERS_AT + BigInt(pid);
    if (!lock(handle, kind, byte, path)) return true;
    unlockAt(handle, byte, path);
    return false;
  };
  let found = [...pids].filter((pid) => isTaken(pid, EXCLUSIVE));
  // Somebody else may have asked at the same moment.
  if (found.length > 0) {
    rest(1);
    found = found.filter((pid) => isTaken(pid, EXCLUSIVE));
  }
  return found.map((pid) => ({ pid, exclusive: isTaken(pid, SHARED) }));
}

/** True when it was got without waiting. */
export function tryLockByte(fd: number, byte: bigint, path: string): boolean {
  const held = single.get(fd) ?? new Set<bigint>();
  if (held.has(byte)) return true;
  if (!lock(handleOf(fd, path), EXCLUSIVE, byte, path)) return false;
  held.add(byte);
  single.set(fd, held);
  return true;
}

/** Whether another open file has it. It is asked for by a shared lock, so that who asks at once do not take each other for its owner. */
export function isByteLocked(fd: number, byte: bigint, path: string): boolean {
  // A shared lock beside our own exclusive one would be granted, and to drop it would drop the other.
  if (single.get(fd)?.has(byte) === true) return false;
  const handle = handleOf(fd, path);
  if (!lock(handle, SHARED, byte, path)) return true;
  unlockAt(handle, byte, path);
  return false;
}

export function unlockByte(fd: number, byte: bigint, path: string): void {
  if (single.get(fd)?.delete(byte) === true) unlockAt(handleOf(fd, path), byte, path);
}
