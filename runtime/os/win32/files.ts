/**
 * Open files. node:fs opens them so that others may read, write and remove them meanwhile, and so that no child inherits them.
 */
import { basename } from "node:path";
import type { FileAccess, FileOrigin, Reasons } from "../contract.js";
import { attempt, attemptUnless, lastError } from "./calls.js";
import { closeQuietly, handleOf, isHandle, pathOfHandle } from "./handles.js";
import { kernel32 } from "./kernel32.js";
import { fs } from "../node.js";
import { identify } from "./status.js";

const { O_RDONLY, O_RDWR, O_CREAT, O_EXCL } = fs.constants;
const GENERIC_READ = 0x8000_0000;
const GENERIC_WRITE = 0x4000_0000;
const SHARE_ALL = 7;
const FILE_WRITE_DATA = 2;

/** Reading, or reading and writing. */
function flagsFor(access: FileAccess): number {
  return access === "read-write" ? O_RDWR : O_RDONLY;
}

/** @throws ShmError */
export function openFile(file: string, access: FileAccess, path: string): number {
  return attempt(path, () => fs.openSync(file, flagsFor(access)));
}

/** As {@link openFile}. Undefined for the given reasons. */
export function tryOpenFile(file: string, access: FileAccess, path: string, reasons: Reasons): number | undefined {
  return attemptUnless(path, reasons, () => fs.openSync(file, flagsFor(access)));
}

/** Undefined where it may not be opened, or has gone. */
export function openForReading(file: string, path: string): number | undefined {
  return attemptUnless(path, ["EPERM", "ENOENT", "EACCES", "EBUSY"], () => fs.openSync(file, O_RDONLY));
}

/** A file of another program. @throws ShmError */
export function openForeignFile(path: string, access: FileAccess): number {
  return openFile(path, access, path);
}

/**
 * Another open file of the same one, with locks of its own. By its path while that leads to it, so that node:fs knows of the descriptor and
 * closes it with a worker; what has lost its name is opened by its handle. @throws ShmError @see ReOpenFile
 */
export function reopen(fd: number, access: FileAccess, path: string): number {
  const handle = handleOf(fd, path);
  const named = pathOfHandle(handle);
  if (named !== undefined) {
    const again = attemptUnless(path, ["ENOENT", "EPERM", "EACCES"], () => fs.openSync(named, flagsFor(access)));
    if (again !== undefined) {
      const [one, other] = [identify(fd, path), identify(again, path)];
      if (one.dev === other.dev && one.ino === other.ino) return again;
      closeQuietly(again);
    }
  }
  const k = kernel32();
  const rights = access === "read-write" ? GENERIC_READ + GENERIC_WRITE : GENERIC_READ;
  const reopened = k.reopenFile(handle, rights, SHARE_ALL, 0);
  if (!isHandle(reopened)) throw lastError("ReOpenFile", path);
  const own = k.openOsHandle(Number(reopened));
  if (own >= 0) return own;
  k.closeHandle(Number(reopened));
  throw lastError("uv_open_osfhandle", path);
}

/** As {@link reopen}. Undefined for the given reasons. */
export function tryReopen(fd: number, access: FileAccess, path: string, reasons: Reasons): number | undefined {
  return attemptUnless(path, reasons, () => reopen(fd, access, path));
}

/** A new file. Its access list is its directory's. @throws ShmError ERR_SHM_EXISTS */
export function createFile(file: string, path: string): number {
  return attempt(path, () => fs.openSync(file, O_RDWR | O_CREAT | O_EXCL));
}

/** As {@link createFile}. Undefined for the given reasons. */
export function tryCreateFile(file: string, path: string, reasons: Reasons): number | undefined {
  return attemptUnless(path, reasons, () => fs.openSync(file, O_RDWR | O_CREAT | O_EXCL));
}

/** Windows has no files that get a name later. */
export function createUnnamed(): undefined {
  return undefined;
}

/** Never called: createUnnamed gives no file. */
export function nameFile(): boolean {
  return false;
}

/** A copy of at most `length` bytes; shorter where the file ends. @throws ShmError */
export function readAt(fd: number, offset: number, length: number, path: string): Uint8Array {
  const bytes = new Uint8Array(length);
  let read = 0;
  while (read < length) {
    const more = attempt(path, () => fs.readSync(fd, bytes, read, length - read, offset + read));
    if (more === 0) break;
    read += more;
  }
  return read === length ? bytes : bytes.subarray(0, read);
}

/** @throws ShmError */
export function writeAt(fd: number, offset: number, bytes: Uint8Array, path: string): void {
  attempt(path, () => fs.writeSync(fd, bytes, 0, bytes.length, offset));
}

/** @throws ShmError */
export function flush(fd: number, path: string): void {
  attempt(path, () => fs.fsyncSync(fd));
}

/** Whether a descriptor can be written through. @see NtQueryObject, ObjectBasicInformation */
export function isWritable(fd: number, path: string): boolean {
  const info = new Uint32Array(14);
  const bytes = new Uint8Array(info.buffer);
  const status = kernel32().queryObject(handleOf(fd, path), 0, bytes, bytes.length, new Uint32Array(1));
  if (status < 0) throw lastError("NtQueryObject", path, { status: `0x${(status >>> 0).toString(16)}` });
  const granted = info[1] ?? 0;
  return (granted & FILE_WRITE_DATA) !== 0;
}

/** Files of memory without a name are called so, and go with the last who has them. */
export const ANONYMOUS = ".anonymous-";

/** @throws ShmError */
export function originOf(fd: number, path: string): FileOrigin {
  const status = identify(fd, path);
  const found = pathOfHandle(handleOf(fd, path)) ?? path;
  const name = basename(found);
  if (!name.startsWith(ANONYMOUS)) return { kind: "file", path: found, label: name, status };
  // `.anonymous-<16 digits>-<label>`
  const label = name.slice(ANONYMOUS.length + 17);
  return { kind: "memory", path: `memory:${label}`, label, status };
}
