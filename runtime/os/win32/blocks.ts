/** Space of files. NTFS and ReFS reserve what a file is made longer by, and show zeros there, so that no store meets a full volume. */
import type { Search } from "../contract.js";
import { attempt } from "./calls.js";
import { fs } from "../node.js";
import { sizeOf } from "./status.js";

/** Bytes that are read or written at a time. */
const CHUNK = 1 << 18;
const zeros = Buffer.alloc(CHUNK);

/** @throws ShmError ERR_SHM_NO_SPACE */
export function allocate(fd: number, size: number, path: string): void {
  if (sizeOf(fd, path) < size) attempt(path, () => fs.ftruncateSync(fd, size));
}

/** Files have no holes here that could be made without being marked for them. */
export function freeBlocks(_fd: number, from: number, to: number): boolean {
  return to <= from;
}

/** "zeros": there is nothing else. "data": there is. "unknown": nothing was found before the search was given up. */
export function searchData({ fd, from, to, path, goesOn = () => true }: Search): "zeros" | "data" | "unknown" {
  const block = Buffer.allocUnsafe(Math.max(0, Math.min(CHUNK, to - from)));
  for (let at = from; at < to;) {
    if (!goesOn(at - from)) return "unknown";
    const start = at;
    const length = attempt(path, () => fs.readSync(fd, block, 0, Math.min(block.length, to - start), start));
    if (length === 0) break;
    if (block.compare(zeros, 0, length, 0, length) !== 0) return "data";
    at += length;
  }
  return "zeros";
}

/** The file's length stays. Writes are seen by mappings at once: both are of the system's one cache. */
export function zeroFile({ fd, from, to, path }: Search): void {
  for (let at = from; at < to;) {
    const start = at;
    at += attempt(path, () => fs.writeSync(fd, zeros, 0, Math.min(CHUNK, to - start), start));
  }
}
