/**
 * What is open, opened again: by the path that the system has for it, and proven to be the same file, since /dev/fd/N would give the same
 * open file, with the same lock. What has lost its name cannot be opened again. @see fcntl(2) F_GETPATH
 */
import { basename } from "node:path";
import type { FileAccess, FileOrigin, Reasons } from "../contract.js";
import { tryOpenFile } from "../posix/files.js";
import { descriptorCalls } from "../posix/libc.js";
import { fs } from "../node.js";
import { closeQuietly, errnoName, syscallError, translated } from "../posix/syscall.js";
import { NUMBERS } from "./headers.js";
import { textOf } from "./texts.js";

/** The path of an open file; undefined when it has none. */
function pathOf(fd: number): string | undefined {
  const bytes = new Uint8Array(NUMBERS.MAXPATHLEN);
  const calls = descriptorCalls();
  return calls.fcntlStruct(fd, NUMBERS.F_GETPATH, bytes) < 0 ? undefined : textOf(bytes);
}

/** @throws ShmError ERR_SHM_NOT_FOUND when the file has no name any more */
export function reopen(fd: number, access: FileAccess, path: string): number {
  const own = tryReopen(fd, access, path, ["ENOENT"]);
  if (own === undefined) throw syscallError("open", "ENOENT", path);
  return own;
}

/** As {@link reopen}. Undefined for the given reasons. */
export function tryReopen(fd: number, access: FileAccess, path: string, reasons: Reasons): number | undefined {
  const name = pathOf(fd);
  const own = name === undefined ? undefined : tryOpenFile(name, access, path, reasons);
  if (own !== undefined && isSameFile(fd, own, path)) return own;
  if (own !== undefined) closeQuietly(own);
  if (reasons.includes("ENOENT")) return undefined;
  throw syscallError("open", "ENOENT", path);
}

function isSameFile(fd: number, own: number, path: string): boolean {
  try {
    const [one, other] = [fs.fstatSync(fd), fs.fstatSync(own)];
    return one.dev === other.dev && one.ino === other.ino;
  } catch (error) {
    closeQuietly(own);
    throw translated(error, path);
  }
}

/** For a mapping; undefined where it has to be made through the descriptor itself. */
export function openApart(fd: number, access: FileAccess, path: string): number | undefined {
  return tryReopen(fd, access, path, ["ENOENT", "EACCES", "EPERM", "ELOOP", "ENOTDIR"]);
}

/** What the system says about an open file. @throws ShmError */
export function originOf(fd: number, path: string): FileOrigin {
  const status = statusOf(fd, path);
  const found = pathOf(fd);
  if (found !== undefined) return { kind: "file", path: found, label: basename(found), status };
  const label = `#${status.ino}`;
  return { kind: "temporary", path: label, label, status };
}

function statusOf(fd: number, path: string): FileOrigin["status"] {
  try {
    return fs.fstatSync(fd);
  } catch (error) {
    const { errno = 0 } = error as NodeJS.ErrnoException;
    throw errno < 0 ? syscallError("fstat", errnoName(-errno), path) : translated(error, path);
  }
}
