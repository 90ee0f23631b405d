/**
 * What the kernel says of a file, by statx(2) through the C library: `node:fs` makes an object with four dates of each answer, whose class
 * V8 forgets whenever none is alive, together with all code that was optimised for it. Opening a region asks three times. @see statx(2)
 */
import { askNode } from "../posix/ask.js";
import type { PosixStatus, Question } from "../posix/differences.js";
import { fs } from "../node.js";
import { ENOSYS, EPERM } from "../posix/syscall.js";
import { linuxCalls } from "./libc.js";

const { S_IFMT, S_IFREG, S_IFDIR, S_IFIFO, S_IFSOCK } = fs.constants;
const STATX_BASIC_STATS = 0x7ff;

/** Members of `struct statx`, the same on all processors: 32-bit words, and the mode's 16 bits. */
const AT = { nlink: 4, uid: 5, gid: 6, mode: 14, ino: 8, size: 10, major: 34, minor: 35 };
const words = new Uint32Array(64);
const halves = new Uint16Array(words.buffer);
const bytes = new Uint8Array(words.buffer);

class Status implements PosixStatus {
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
  readonly nlink: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;

  /** Of what statx has just written. */
  constructor() {
    this.dev = deviceOf(words[AT.major] ?? 0, words[AT.minor] ?? 0);
    this.ino = wide(AT.ino);
    this.size = wide(AT.size);
    this.nlink = words[AT.nlink] ?? 0;
    this.mode = halves[AT.mode] ?? 0;
    this.uid = words[AT.uid] ?? 0;
    this.gid = words[AT.gid] ?? 0;
  }

  isFile(): boolean {
    return (this.mode & S_IFMT) === S_IFREG;
  }
  isDirectory(): boolean {
    return (this.mode & S_IFMT) === S_IFDIR;
  }
  isFIFO(): boolean {
    return (this.mode & S_IFMT) === S_IFIFO;
  }
  isSocket(): boolean {
    return (this.mode & S_IFMT) === S_IFSOCK;
  }
}

/** As Node gives numbers of 64 bits: beyond 2^53 rounded. */
function wide(at: number): number {
  return (words[at] ?? 0) + (words[at + 1] ?? 0) * 2 ** 32;
}

/** Major and minor in the order of bits in which stat(2) gives them, and Node. @see makedev(3) */
function deviceOf(major: number, minor: number): number {
  return (minor & 0xff) + (major & 0xfff) * 2 ** 8 + (minor >>> 8) * 2 ** 20 + (major >>> 12) * 2 ** 44;
}

/** The last one: while one is alive, V8 keeps what it has optimised for the class. */
const last: Status[] = [];

/** A status, or the error number. By Node where there is no statx, and in sandboxes that forbid what they do not know. */
export function ask(...[directory, file, flags, path, node = file]: Question): PosixStatus | number {
  const c = linuxCalls();
  if (c.statx === undefined) return askNode(directory, file, flags, path, node);
  if (c.statx(directory, file, flags, STATX_BASIC_STATS, bytes) === 0) return (last[0] = new Status());
  const errno = c.errno();
  return errno === ENOSYS || errno === EPERM ? askNode(directory, file, flags, path, node) : errno;
}
