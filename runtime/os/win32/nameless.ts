/**
 * Memory without a name: a file that no open finds, since nobody knows what it is called, and that the system removes when its maker has closed it and nobody has
 * it mapped. What others keep is removed by whoever opens the directory after them. Nobody can shorten a mapped file, so it needs no seal.
 */
import type { FileAccess, FileId, ForeignDescriptor, NamelessMemory, OpenDirectory } from "../contract.js";
import { randomHex } from "../random.js";
import { ERROR, attempt, attemptUnless, lastError } from "./calls.js";
import { ANONYMOUS } from "./files.js";
import { closeQuietly, handleOf, isHandle, pathOfHandle } from "./handles.js";
import { OWN_PROCESS, kernel32 } from "./kernel32.js";
import { fs } from "../node.js";
import { hasEnded, ownStamp } from "./processes.js";
import { identify } from "./status.js";

const { O_RDWR, O_RDONLY, O_CREAT, O_EXCL } = fs.constants;
/** FILE_FLAG_DELETE_ON_CLOSE and FILE_ATTRIBUTE_TEMPORARY. */
const O_TEMPORARY = 0x40;
const O_SHORT_LIVED = 0x1000;
const PROCESS_DUP_HANDLE = 0x40;
const SAME_ACCESS = 2;

/** All memory here is a file in a directory. */
export function createMemory(): undefined {
  return undefined;
}

/** @throws ShmError */
export function createTemporary({ path: directory, name }: OpenDirectory, path: string): NamelessMemory {
  const file = `${directory}\\${ANONYMOUS}${randomHex(8)}-${name}`;
  const flags = O_RDWR | O_CREAT | O_EXCL | O_TEMPORARY | O_SHORT_LIVED;
  return { fd: attempt(path, () => fs.openSync(file, flags)), path: `memory:${name}`, sealed: true };
}

/** A mapped file cannot be shortened by anybody. */
export function sealMemory(): void {
  // See above.
}

export function checkSealed(): void {
  // See above.
}

export function isSealedAtSize(): boolean {
  return false;
}

/** By its handle. @throws ShmError */
export function foreignDescriptorOf(fd: number, path: string): ForeignDescriptor {
  const { pid, startTime } = ownStamp();
  return { pid, startTime, descriptor: handleOf(fd, path) };
}

export function foreignPath({ pid, descriptor }: ForeignDescriptor): string {
  return `handle ${descriptor} of process ${pid}`;
}

/** @see DuplicateHandle */
export function openForeignDescriptor(
  from: ForeignDescriptor,
  file: FileId,
  access: FileAccess,
): number | "ended" | "closed" | "replaced" | "denied" {
  const k = kernel32();
  const path = foreignPath(from);
  const process = Number(k.openProcess(PROCESS_DUP_HANDLE, 0, from.pid));
  if (!isHandle(process)) return k.lastError() === ERROR.accessDenied ? "denied" : "ended";
  try {
    // Asked with the process in hand, whose number nobody else gets.
    if (hasEnded(from.pid, from.startTime)) return "ended";
    const copied = new BigUint64Array(1);
    if (k.duplicateHandle(process, from.descriptor, OWN_PROCESS, copied, 0, 0, SAME_ACCESS) === 0) {
      const error = k.lastError();
      if (error === ERROR.accessDenied) return "denied";
      if (error === ERROR.invalidHandle) return hasEnded(from.pid, from.startTime) ? "ended" : "closed";
      throw lastError("DuplicateHandle", path, {}, error);
    }
    return openCopy(Number(copied[0]), file, access, path);
  } finally {
    k.closeHandle(process);
  }
}

/** Opens the file anew, by node:fs, which closes with a worker what that has open. */
function openCopy(handle: number, file: FileId, access: FileAccess, path: string): number | "closed" | "replaced" {
  try {
    const named = pathOfHandle(handle);
    if (named === undefined) return "closed";
    const flags = access === "read-write" ? O_RDWR : O_RDONLY;
    const fd = attemptUnless(path, ["ENOENT", "EPERM", "EACCES"], () => fs.openSync(named, flags));
    if (fd === undefined) return "closed";
    const { dev, ino } = identify(fd, path);
    if (dev === file.dev && ino === file.ino) return fd;
    closeQuietly(fd);
    return "replaced";
  } finally {
    kernel32().closeHandle(handle);
  }
}
