/** What the kernel says of files, by descriptor and by name. @see fstat(2), lstat(2) */
import * as fs from "node:fs";
import { errorCode } from "../../errors.js";
import type { FileStatus } from "../contract.js";
import { attempt, attemptUnless, translated } from "./syscall.js";

/** With owner, group and mode: every status that the other rooms pass on was made here, by node:fs. */
export function posix(status: FileStatus): fs.Stats {
  return status as fs.Stats;
}

/** Of an open file: it holds for the very file, whatever happens to its name. @throws ShmError */
export function identify(fd: number, path: string): FileStatus {
  // Without a closure, because opening a region calls it several times.
  try {
    return fs.fstatSync(fd);
  } catch (error) {
    throw translated(error, path);
  }
}

/** Undefined when the number is that of no open file. @throws ShmError */
export function identifyIfOpen(fd: number, path: string): FileStatus | undefined {
  try {
    return fs.fstatSync(fd);
  } catch (error) {
    if (errorCode(error) === "EBADF") return undefined;
    throw translated(error, path);
  }
}

/** Bytes of an open file. @throws ShmError */
export function sizeOf(fd: number, path: string): number {
  return identify(fd, path).size;
}

/** Of the name itself, without following a link; undefined when nothing is there. `path` is for people. @throws ShmError */
export function statOf(file: string, path = file): FileStatus | undefined {
  return attempt(path, () => fs.lstatSync(file, { throwIfNoEntry: false }));
}

/** As {@link statOf}; undefined as well where the way to it is closed, or has gone. */
export function statIfReachable(file: string, path: string): FileStatus | undefined {
  return attemptUnless(path, ["ENOENT", "ENOTDIR", "EACCES"], () => fs.lstatSync(file));
}
