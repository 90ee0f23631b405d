/**
 * What the kernel says of files, by descriptor and by name. By statx(2) through the C library: `node:fs` makes an object with four dates
 * of each answer, whose class V8 forgets whenever none is alive, together with all code that was optimised for it. Opening a region
 * asks three times. @see statx(2)
 */
import { constants } from "node:os";
import type { FileStatus, OpenDirectory } from "../contract.js";
import { fs } from "./node.js";
import { libc } from "./libc.js";
import { ENOSYS, EPERM, checkProc, errnoName, syscallError, translated } from "./syscall.js";

const { EACCES, EBADF, ENOENT, ENOTDIR } = constants.errno;
const { S_IFMT, S_IFREG, S_IFDIR, S_IFIFO, S_IFSOCK } = fs.constants;
const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_EMPTY_PATH = 0x1000;
const STATX_BASIC_STATS = 0x7ff;

/** Members of `struct statx`, the same on all processors: 32-bit words, and the mode's 16 bits. */
const AT = { nlink: 4, uid: 5, gid: 6, mode: 14, ino: 8, size: 10, major: 34, minor: 35 };
const words = new Uint32Array(64);
const halves = new Uint16Array(words.buffer);
const bytes = new Uint8Array(words.buffer);

/** With owner, group and mode, which only this platform's rooms ask for. */
export interface PosixStatus extends FileStatus {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  isFIFO(): boolean;
  isSocket(): boolean;
}

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

/** Every status that the other rooms pass on was made here. */
export function posix(status: FileStatus): PosixStatus {
  return status as PosixStatus;
}

/** What is asked, of statx or of Node, as arguments, because this is asked three times for each region that is opened. */
type Question = readonly [
  directory: number,
  file: string,
  flags: number,
  /** For people. */
  path: string,
  /** The file for who takes no directory. */
  node?: string,
];

/** A status, or the error number. By Node where there is no statx, and in sandboxes that forbid what they do not know. */
function ask(...[directory, file, flags, path, node = file]: Question): PosixStatus | number {
  const c = libc();
  if (c.statx === undefined) return askNode(directory, node, flags, path);
  if (c.statx(directory, file, flags, STATX_BASIC_STATS, bytes) === 0) return (last[0] = new Status());
  const errno = c.errno();
  return errno === ENOSYS || errno === EPERM ? askNode(directory, node, flags, path) : errno;
}

function askNode(...[directory, file, flags, path]: Question): PosixStatus | number {
  try {
    if (flags === AT_EMPTY_PATH) return fs.fstatSync(directory);
    return flags === AT_SYMLINK_NOFOLLOW ? fs.lstatSync(file) : fs.statSync(file);
  } catch (error) {
    // Node has the kernel's numbers negative, and none for what it refuses by itself.
    const { errno } = error as NodeJS.ErrnoException;
    if (errno !== undefined && errno < 0) return -errno;
    throw translated(error, path);
  }
}

function askOpen(fd: number, path: string): PosixStatus | number {
  return ask(fd, "", AT_EMPTY_PATH, path);
}

/** Of an open file: it holds for the very file, whatever happens to its name. @throws ShmError */
export function identify(fd: number, path: string): PosixStatus {
  const status = askOpen(fd, path);
  if (typeof status !== "number") return status;
  throw syscallError("fstat", errnoName(status), path);
}

/** Undefined when the number is that of no open file. @throws ShmError */
export function identifyIfOpen(fd: number, path: string): PosixStatus | undefined {
  const status = askOpen(fd, path);
  if (typeof status !== "number") return status;
  if (status === EBADF) return undefined;
  throw syscallError("fstat", errnoName(status), path);
}

/** Bytes of an open file. @throws ShmError */
export function sizeOf(fd: number, path: string): number {
  return identify(fd, path).size;
}

function askName(file: string, path: string): PosixStatus | number {
  return ask(AT_FDCWD, file, AT_SYMLINK_NOFOLLOW, path);
}

/** Of the name itself, without following a link; undefined when nothing is there. `path` is for people. @throws ShmError */
export function statOf(file: string, path = file): PosixStatus | undefined {
  const status = askName(file, path);
  if (typeof status !== "number") return status;
  if (status === ENOENT) return undefined;
  throw syscallError("lstat", errnoName(status), path);
}

/** As {@link statOf}, of the region's file in its open directory. @throws ShmError */
export function statIn({ fd, name, file }: OpenDirectory): PosixStatus | undefined {
  const status = ask(fd, name, AT_SYMLINK_NOFOLLOW, file, file);
  if (typeof status !== "number") return status;
  if (status === ENOENT) return undefined;
  throw syscallError("lstat", errnoName(status), file);
}

/** As {@link statOf}; undefined as well where the way to it is closed, or has gone. */
export function statIfReachable(file: string, path: string): PosixStatus | undefined {
  const status = askName(file, path);
  if (typeof status !== "number") return status;
  if (status === ENOENT || status === ENOTDIR || status === EACCES) return undefined;
  throw syscallError("lstat", errnoName(status), path);
}

/** Of what the name leads to; undefined where nothing is there, or the way to it is closed. */
export function statOfTarget(file: string): PosixStatus | undefined {
  const status = ask(AT_FDCWD, file, 0, file);
  return typeof status === "number" ? undefined : status;
}

/** Of what the name leads to. `path` is for people. @throws ShmError */
export function statFollowing(file: string, path: string): PosixStatus {
  const status = ask(AT_FDCWD, file, 0, path);
  if (typeof status !== "number") return status;
  // What we open again by its descriptor is there, whatever its own path is.
  if (status === ENOENT && file.startsWith("/proc/self/")) checkProc(path, "stat");
  throw syscallError("stat", errnoName(status), path);
}
