/** What the kernel says of files, by descriptor and by name. @see stat(2) */
import { constants } from "node:os";
import type { FileStatus, OpenDirectory } from "../contract.js";
import { ANYWHERE, NAME, OPEN, TARGET } from "./ask.js";
import type { PosixStatus } from "./differences.js";
import { ownCalls } from "./own-calls.js";
import { errnoName, syscallError } from "./syscall.js";
import { system } from "./system.js";

export type { PosixStatus } from "./differences.js";

const { EACCES, EBADF, ENOENT, ENOTDIR } = constants.errno;
const { ask } = ownCalls;

/** Every status that the other rooms pass on was made here. */
export function posix(status: FileStatus): PosixStatus {
  return status as PosixStatus;
}

function askOpen(fd: number, path: string): PosixStatus | number {
  return ask(fd, "", OPEN, path);
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
  return ask(ANYWHERE, file, NAME, path);
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
  const status = ask(fd, name, NAME, file, file);
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
  const status = ask(ANYWHERE, file, TARGET, file);
  return typeof status === "number" ? undefined : status;
}

/** Of what the name leads to. `path` is for people. @throws ShmError */
export function statFollowing(file: string, path: string): PosixStatus {
  const status = ask(ANYWHERE, file, TARGET, path);
  if (typeof status !== "number") return status;
  if (status === ENOENT) system.explainMissing(file, "stat", path);
  throw syscallError("stat", errnoName(status), path);
}
