/**
 * Shared memory of System V that others have made: found by its key, asked for its size, attached. Nothing here makes, changes or removes a
 * segment. @see shmget(2), shmctl(2), shmop(2), sysvipc(7)
 */
import type { MapRequest, SegmentStatus } from "../contract.js";
import { segmentCalls } from "./libc.js";
import { EINVAL, errnoName, syscallError } from "../posix/syscall.js";

const IPC_STAT = 2;
const SHM_RDONLY = 0o10000;
/** Replaces what is mapped at the address, as MAP_FIXED does. Linux alone. */
const SHM_REMAP = 0o40000;
const SHM_DEST = 0o1000;
/** What shmat returns when it fails: (void *)-1. */
const FAILED = 2 ** 64;
/** Members of `struct shmid_ds`, the same on x86-64 and arm64, in glibc and musl: bytes. */
const AT = { key: 0, mode: 20, size: 48 };
/** More than any `struct shmid_ds` has. */
const STATUS_SIZE = 256;

/** @throws ShmError ERR_SHM_NOT_FOUND, ERR_SHM_PERMISSION */
export function findSegment(key: number, path: string): number {
  const c = segmentCalls();
  // Without IPC_CREAT, and of any size.
  const id = c.shmget(key | 0, 0, 0);
  if (id < 0) throw failed("shmget", c.errno(), path);
  return id;
}

/** @throws ShmError ERR_SHM_NOT_FOUND, ERR_SHM_PERMISSION */
export function segmentStatus(id: number, path: string): SegmentStatus {
  const c = segmentCalls();
  const status = new Uint8Array(STATUS_SIZE);
  if (c.shmctl(id, IPC_STAT, status) < 0) throw failed("shmctl", c.errno(), path);
  const view = new DataView(status.buffer);
  return {
    id,
    key: view.getUint32(AT.key, true),
    size: Number(view.getBigUint64(AT.size, true)),
    isRemoved: (view.getUint16(AT.mode, true) & SHM_DEST) !== 0,
  };
}

/** Maps all of it, over what is mapped at the address, or anywhere for 0. The next mapping over these pages detaches it. */
export function attachSegment(
  address: number,
  { segment, access, path }: { readonly segment: number } & Pick<MapRequest, "access" | "path">,
): number {
  const c = segmentCalls();
  const flags = (access === "read-write" ? 0 : SHM_RDONLY) | (address === 0 ? 0 : SHM_REMAP);
  const result = Number(c.shmat(segment, address, flags));
  if (result === FAILED) throw failed("shmat", c.errno(), path);
  return result;
}

/** The number of a segment that has gone is one that no segment has. */
function failed(syscall: string, errno: number, path: string): Error {
  return syscallError(syscall, errno === EINVAL ? "EIDRM" : errnoName(errno), path);
}
