/**
 * Files that are mostly holes: what has no blocks is zero, and is neither read nor written. Memory that nobody has stored into is a
 * hole on tmpfs, so a region whose initialiser died before its first store costs one lseek, whatever its size: 16 GiB of zeros that
 * were read took 84 to 125 s, and take 0.1 s as a hole.
 * @see lseek(2) SEEK_DATA, fallocate(2) FALLOC_FL_PUNCH_HOLE
 */
import { fs } from "../node.js";
import type { Search } from "../contract.js";
import { libc } from "./libc.js";
import { ownCalls } from "./own-calls.js";
import { attempt } from "./syscall.js";
import { system } from "./system.js";
import { constants } from "node:os";

const { ENXIO } = constants.errno;
/** Bytes that are read or written at a time. */
const CHUNK = 1 << 18;
const zeros = Buffer.alloc(CHUNK);

/** "zeros": there is nothing else. "data": there is. "unknown": nothing was found before the search was given up. */
export function searchData({ fd, from, to, path, goesOn = () => true }: Search): "zeros" | "data" | "unknown" {
  const block = Buffer.allocUnsafe(Math.max(0, Math.min(CHUNK, to - from)));
  let read = 0;
  for (let at = nextData(fd, from); at < to; at = nextData(fd, at)) {
    if (!goesOn(read)) return "unknown";
    const start = at;
    const length = attempt(path, () => fs.readSync(fd, block, 0, Math.min(block.length, to - start), start));
    if (length === 0) break;
    if (block.compare(zeros, 0, length, 0, length) !== 0) return "data";
    at += length;
    read += length;
  }
  return "zeros";
}

/** Makes bytes of a file zero, by giving their blocks back where the file system can. The file's length stays. */
export function zeroFile({ fd, from, to, path }: Search): void {
  if (ownCalls.freeBlocks(fd, from, to, path)) return;
  for (let at = nextData(fd, from); at < to; at = nextData(fd, at)) {
    const start = at;
    at += attempt(path, () => fs.writeSync(fd, zeros, 0, Math.min(CHUNK, to - start), start));
  }
}

/** Where the next bytes are that are not a hole: Infinity for nowhere. Where the file system does not tell, all are data. */
function nextData(fd: number, from: number): number {
  const c = libc();
  const at = Number(c.lseek(fd, from, system.SEEK_DATA));
  if (at >= 0) return at;
  return c.errno() === ENXIO ? Infinity : from;
}
