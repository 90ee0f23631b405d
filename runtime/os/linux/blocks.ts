/** Blocks of files, had and given back. @see posix_fallocate(3), fallocate(2) */
import { ENOSYS, EOPNOTSUPP, errnoName, syscallError, uninterrupted } from "../posix/syscall.js";
import { linuxCalls } from "./libc.js";

const FALLOC_FL_KEEP_SIZE = 1;
const FALLOC_FL_PUNCH_HOLE = 2;

/** Reserves the blocks of a file now, so that a full file system is an error here and not a signal at the first touch. */
export function allocate(fd: number, size: number, path: string): void {
  const c = linuxCalls();
  const errno = uninterrupted(() => c.posixFallocate(fd, 0, size));
  if (errno !== 0) throw syscallError("posix_fallocate", errnoName(errno), path, { size });
}

/**
 * Gives the blocks of a file from an offset on back to the file system; its length stays, and zeros are read there. Only where
 * nobody relies on them. Never by shrinking the file, under which a mapping would end its process. False where the file system has
 * no holes.
 */
export function freeBlocks(fd: number, from: number, to: number, path: string): boolean {
  if (to <= from) return true;
  const c = linuxCalls();
  const mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
  const errno = uninterrupted(() => (c.fallocate(fd, mode, from, to - from) === 0 ? 0 : c.errno()));
  if (errno === EOPNOTSUPP || errno === ENOSYS) return false;
  if (errno !== 0) throw syscallError("fallocate", errnoName(errno), path, { offset: from, size: to - from });
  return true;
}
