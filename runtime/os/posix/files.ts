/**
 * Open files. libuv opens all of them with O_CLOEXEC. O_NONBLOCK, because a FIFO or a device under a region's name must not make us
 * wait; O_NOFOLLOW, because a link leads where somebody else wants. @see open(2)
 */
import { OWN_FILE } from "./modes.js";
import { fs } from "../node.js";
import type { FileAccess, Reasons } from "../contract.js";
import { descriptorCalls, libc } from "./libc.js";
import { COMMON } from "./prototypes.js";
import { attempt, attemptUnless, errnoName, syscallError } from "./syscall.js";

const { O_RDONLY, O_RDWR, O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_NOATIME = 0 } = fs.constants;

/** Reading, or reading and writing. */
export function flagsFor(access: FileAccess): number {
  return access === "read-write" ? O_RDWR : O_RDONLY;
}

/** @throws ShmError */
export function openFile(file: string, access: FileAccess, path: string): number {
  return attempt(path, () => fs.openSync(file, flagsFor(access) | O_NOFOLLOW | O_NONBLOCK));
}

/** As {@link openFile}. Undefined for the given reasons. */
export function tryOpenFile(file: string, access: FileAccess, path: string, reasons: Reasons): number | undefined {
  return attemptUnless(path, reasons, () => fs.openSync(file, flagsFor(access) | O_NOFOLLOW | O_NONBLOCK));
}

/** Undefined where it may not be opened, or has gone. Where it is ours, not even its time of access changes. */
export function openForReading(file: string, path: string): number | undefined {
  const flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;
  const open = (more: number): number | undefined =>
    attemptUnless(path, ["EPERM", "ENOENT", "EACCES", "ELOOP", "ENXIO"], () => fs.openSync(file, flags | more));
  return open(O_NOATIME) ?? open(0);
}

/** A file of another program, which says where it is: links are followed. @throws ShmError */
export function openForeignFile(path: string, access: FileAccess): number {
  return attempt(path, () => fs.openSync(path, flagsFor(access) | O_NONBLOCK));
}

/** A new file, for its owner alone. @throws ShmError ERR_SHM_EXISTS */
export function createFile(file: string, path: string): number {
  return attempt(path, () => fs.openSync(file, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_NONBLOCK, OWN_FILE));
}

/** As {@link createFile}. Undefined for the given reasons. */
export function tryCreateFile(file: string, path: string, reasons: Reasons): number | undefined {
  const flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_NONBLOCK;
  return attemptUnless(path, reasons, () => fs.openSync(file, flags, OWN_FILE));
}

/** A copy of at most `length` bytes; shorter where the file ends. @throws ShmError */
export function readAt(fd: number, offset: number, length: number, path: string): Uint8Array {
  const bytes = new Uint8Array(length);
  const c = libc();
  const read = Number(c.pread(fd, bytes, length, offset));
  if (read < 0) throw syscallError("read", errnoName(c.errno()), path);
  return read === length ? bytes : bytes.subarray(0, read);
}

/** @throws ShmError */
export function writeAt(fd: number, offset: number, bytes: Uint8Array, path: string): void {
  attempt(path, () => fs.writeSync(fd, bytes, 0, bytes.length, offset));
}

/** Nothing to do in memory. @throws ShmError */
export function flush(fd: number, path: string): void {
  attempt(path, () => fs.fsyncSync(fd));
}

/** Whether a descriptor can be written through; it may be one of a file that everybody could write to. */
export function isWritable(fd: number, path: string): boolean {
  const calls = descriptorCalls();
  const flags = calls.fcntl(fd, COMMON.F_GETFL, 0);
  if (flags < 0) throw syscallError("fcntl F_GETFL", errnoName(calls.errno()), path);
  const mode = flags & (O_RDONLY | O_WRONLY | O_RDWR);
  return mode !== O_RDONLY;
}

/** Closes a descriptor that node:fs has not opened. */
export function closeForeign(fd: number): void {
  descriptorCalls().close(fd);
}
