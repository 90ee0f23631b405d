/**
 * Locks of open file descriptions on single bytes (F_OFD_SETLK: Linux 3.15). Not those of processes (F_SETLK), which go when a process
 * closes any descriptor of the file. @see fcntl_locking(2), fcntl(2) of macOS
 */
import { descriptorCalls } from "./libc.js";
import { withoutRangeLocks } from "./refusals.js";
import { EAGAIN, EINTR, EINVAL, ENOTSUP, EOPNOTSUPP, errnoName, syscallError } from "./syscall.js";
import { system } from "./system.js";

const { F_OFD_GETLK, F_OFD_SETLK, F_WRLCK, F_UNLCK } = system;

/** `struct flock`, one for the thread: type, whence 0 (SEEK_SET), start and length; the pid stays 0, or Linux gives EINVAL. */
const lock = new Uint8Array(system.lock.size);
const words16 = new Int16Array(lock.buffer);
const words64 = new BigInt64Array(lock.buffer);
const TYPE = system.lock.type / 2;
const START = system.lock.start / 8;
const LENGTH = system.lock.length / 8;

/** Of systems and file systems that do not know the command, or have no locks of that kind. */
const LACKING: ReadonlySet<number> = new Set([EINVAL, ENOTSUP, EOPNOTSUPP]);

/**
 * True when the lock was got without waiting. The descriptor has to be open for writing.
 * @throws ShmError ERR_SHM_UNSUPPORTED where there are no such locks
 */
export function tryLockByte(fd: number, byte: bigint, path: string): boolean {
  return call(fd, F_OFD_SETLK, F_WRLCK, byte, path);
}

/** Whether another open file has it. @throws ShmError as {@link tryLockByte} */
export function isByteLocked(fd: number, byte: bigint, path: string): boolean {
  call(fd, F_OFD_GETLK, F_WRLCK, byte, path);
  return words16[TYPE] !== F_UNLCK;
}

/** Drops the lock. */
export function unlockByte(fd: number, byte: bigint, path: string): void {
  call(fd, F_OFD_SETLK, F_UNLCK, byte, path);
}

/** False when somebody else has the lock. */
function call(fd: number, command: number, type: number, byte: bigint, path: string): boolean {
  const calls = descriptorCalls();
  for (;;) {
    words16.fill(0);
    words16[TYPE] = type;
    words64[START] = byte;
    words64[LENGTH] = 1n;
    if (calls.fcntlStruct(fd, command, lock) === 0) return true;
    const errno = calls.errno();
    if (errno === EAGAIN) return false;
    if (errno === EINTR) continue;
    const name = command === F_OFD_GETLK ? "fcntl F_OFD_GETLK" : "fcntl F_OFD_SETLK";
    if (errnoName(errno) === "EACCES") return false;
    if (LACKING.has(errno)) throw withoutRangeLocks(path, name, errnoName(errno));
    throw syscallError(name, errnoName(errno), path);
  }
}
