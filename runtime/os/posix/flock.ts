/** Whole-file locks of open file descriptions. The kernel drops them when the last descriptor goes, however it goes. */
import { libc } from "./libc.js";
import { COMMON } from "./prototypes.js";
import { EAGAIN, errnoName, syscallError, uninterrupted } from "./syscall.js";

const { LOCK_SH, LOCK_EX, LOCK_NB, LOCK_UN } = COMMON;

/** True when the lock was got without waiting. A refused conversion drops the lock that was held before. */
export function tryExclusive(fd: number, path: string): boolean {
  return tryLock(fd, LOCK_EX | LOCK_NB, path);
}

/** True when the lock was got without waiting. Turning an exclusive lock into a shared one is not atomic. */
export function tryShared(fd: number, path: string): boolean {
  return tryLock(fd, LOCK_SH | LOCK_NB, path);
}

function tryLock(fd: number, operation: number, path: string): boolean {
  const c = libc();
  const errno = uninterrupted(() => {
    const result = c.flock(fd, operation);
    return result === 0 ? 0 : c.errno();
  });
  if (errno === 0) return true;
  if (errno === EAGAIN) return false;
  throw syscallError("flock", errnoName(errno), path);
}

/** Drops the lock. */
export function unlock(fd: number, path: string): void {
  if (libc().flock(fd, LOCK_UN) !== 0) throw syscallError("flock", errnoName(libc().errno()), path);
}
