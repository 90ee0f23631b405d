/** Blocks of files, had and given back. @see fcntl(2) F_PREALLOCATE, F_PUNCHHOLE */
import { constants } from "node:os";
import { descriptorCalls, libc } from "../posix/libc.js";
import { fs } from "../node.js";
import {
  EINVAL,
  ENOSYS,
  ENOTSUP,
  EOPNOTSUPP,
  attempt,
  errnoName,
  syscallError,
  uninterrupted,
} from "../posix/syscall.js";
import { NUMBERS, STRUCTS } from "./headers.js";
import { fileSystemOf } from "./file-systems.js";

const { ENOTTY } = constants.errno;
/** Bytes that are written at a time. */
const CHUNK = 1 << 18;
const zeros = new Uint8Array(CHUNK);

/** Errors of file systems that cannot do it. */
const isLacking = (errno: number): boolean => [ENOTSUP, EOPNOTSUPP, ENOSYS, EINVAL, ENOTTY].includes(errno);

/**
 * Makes a file `size` bytes long, all of them backed. What is behind its end is reserved; holes before it, and what cannot be reserved,
 * are written. Nobody else stores there meanwhile: the file is new, or its former end is what is followed by new bytes.
 */
export function allocate(fd: number, size: number, path: string): void {
  const { size: from } = attempt(path, () => fs.fstatSync(fd));
  fillHoles(fd, Math.min(from, size), path);
  if (size <= from) return;
  if (reserve(fd, size - from, path)) attempt(path, () => fs.ftruncateSync(fd, size));
  else writeZeros(fd, from, size, path);
}

/** False where the file system reserves nothing. @throws ShmError ERR_SHM_NO_SPACE */
function reserve(fd: number, size: number, path: string): boolean {
  const store = STRUCTS["struct fstore"];
  const bytes = new Uint8Array(store.size);
  const view = new DataView(bytes.buffer);
  view.setUint32(store.fst_flags, NUMBERS.F_ALLOCATEALL, true);
  view.setInt32(store.fst_posmode, NUMBERS.F_PEOFPOSMODE, true);
  view.setBigInt64(store.fst_length, BigInt(size), true);
  const calls = descriptorCalls();
  const errno = uninterrupted(() => (calls.fcntlStruct(fd, NUMBERS.F_PREALLOCATE, bytes) === 0 ? 0 : calls.errno()));
  if (isLacking(errno)) return false;
  if (errno !== 0) throw syscallError("fcntl F_PREALLOCATE", errnoName(errno), path, { size });
  return true;
}

function fillHoles(fd: number, to: number, path: string): void {
  const c = libc();
  for (let at = 0; at < to;) {
    const hole = Number(c.lseek(fd, at, NUMBERS.SEEK_HOLE));
    // Where the file system does not tell, it has no holes.
    if (hole < 0 || hole >= to) return;
    const data = Number(c.lseek(fd, hole, NUMBERS.SEEK_DATA));
    const end = data < 0 || data > to ? to : data;
    writeZeros(fd, hole, end, path);
    at = end;
  }
}

function writeZeros(fd: number, from: number, to: number, path: string): void {
  for (let at = from; at < to;) {
    const start = at;
    at += attempt(path, () => fs.writeSync(fd, zeros, 0, Math.min(CHUNK, to - start), start));
  }
}

/** Whole blocks are given back, and what is left of others at both ends is written. False where the file system has no holes. */
export function freeBlocks(fd: number, from: number, to: number, path: string): boolean {
  if (to <= from) return true;
  const { blockSize } = fileSystemOf(fd, path);
  const first = Math.ceil(from / blockSize) * blockSize;
  const last = Math.floor(to / blockSize) * blockSize;
  if (first < last && !punch(fd, first, last, path)) return false;
  writeZeros(fd, from, Math.min(first, to), path);
  writeZeros(fd, Math.max(last, first, from), to, path);
  return true;
}

function punch(fd: number, from: number, to: number, path: string): boolean {
  const hole = STRUCTS["struct fpunchhole"];
  const bytes = new Uint8Array(hole.size);
  const view = new DataView(bytes.buffer);
  view.setBigInt64(hole.fp_offset, BigInt(from), true);
  view.setBigInt64(hole.fp_length, BigInt(to - from), true);
  const calls = descriptorCalls();
  const errno = uninterrupted(() => (calls.fcntlStruct(fd, NUMBERS.F_PUNCHHOLE, bytes) === 0 ? 0 : calls.errno()));
  if (isLacking(errno)) return false;
  if (errno !== 0) throw syscallError("fcntl F_PUNCHHOLE", errnoName(errno), path, { offset: from, size: to - from });
  return true;
}
