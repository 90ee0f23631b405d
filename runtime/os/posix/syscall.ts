/** What a failed system call becomes: an error number by name, and a ShmError that says what to do. */
import { constants } from "node:os";
import { fs } from "../node.js";
import { system } from "./system.js";
import { attempting, attemptingUnless } from "../attempts.js";
import { errorCode, refusal, type ShmError, type ShmErrorCode } from "../../errors.js";

/** The error numbers that the runtime decides by. */
export const { EINTR, EAGAIN, EINVAL, ENOSYS, ENOTSUP, EOPNOTSUPP, EPERM } = constants.errno;
/** Not in Node's table under this meaning: futex and its relatives. */
export const ETIMEDOUT = constants.errno.ETIMEDOUT;

/** `28` -> `"ENOSPC"`. */
export function errnoName(errno: number): string {
  const names: readonly [string, number][] = Object.entries(constants.errno);
  return names.find(([, value]) => value === errno)?.[0] ?? `errno ${errno}`;
}

const KINDS: Readonly<Record<string, readonly [code: ShmErrorCode, what: string, remedy: string]>> = {
  ENOENT: ["ERR_SHM_NOT_FOUND", "there is no such file or directory", "create it first"],
  EEXIST: ["ERR_SHM_EXISTS", "it exists already", "open it instead"],
  EACCES: ["ERR_SHM_PERMISSION", "access is denied", "check owner and mode"],
  EPERM: ["ERR_SHM_PERMISSION", "the operation is not permitted", "check owner, mode and sandbox"],
  EROFS: ["ERR_SHM_PERMISSION", "the file system is read-only", "open it read-only, or use another directory"],
  ENOSPC: ["ERR_SHM_NO_SPACE", "the file system is full", "free space there, or enlarge it (docker: --shm-size)"],
  EDQUOT: ["ERR_SHM_NO_SPACE", "the disk quota is used up", "free space there"],
  EFBIG: ["ERR_SHM_NO_SPACE", "the file would be larger than allowed", "raise `ulimit -f`, or make the region smaller"],
  ELOOP: ["ERR_SHM_FOREIGN", "it is a symbolic link, which is never followed", "remove the link"],
  EISDIR: ["ERR_SHM_FOREIGN", "it is a directory", "choose another name"],
  ENXIO: ["ERR_SHM_FOREIGN", "it is not a regular file", "choose another name"],
  ENOTDIR: ["ERR_SHM_PERMISSION", "it is not a directory", "remove it, or use another directory"],
  EMFILE: ["ERR_SHM_SYSCALL", "the process has too many open files", "close regions, or raise `ulimit -n`"],
  ENFILE: ["ERR_SHM_SYSCALL", "the system has too many open files", "close files, or raise fs.file-max"],
  ENOMEM: ["ERR_SHM_SYSCALL", "there is no memory or address space for it", "close regions, or raise `ulimit -v`"],
  EIDRM: ["ERR_SHM_NOT_FOUND", "there is no such segment", "the program that makes it has to run: see `ipcs -m`"],
  ENODEV: ["ERR_SHM_FOREIGN", "it is nothing that can be mapped", "only files and devices with memory are"],
  ENOLCK: ["ERR_SHM_SYSCALL", "the file system has no locks", "use a directory on tmpfs"],
  ENOSYS: [
    "ERR_SHM_UNSUPPORTED",
    "the kernel lacks this system call",
    "use a newer kernel, or allow it in the sandbox",
  ],
  ERR_ACCESS_DENIED: [
    "ERR_SHM_PERMISSION",
    "Node's permission model denies it",
    "allow it with --allow-fs-read/-write",
  ],
};

/** The error of a system call that failed. `numbers` are further facts for the message. */
export function syscallError(
  syscall: string,
  errno: string,
  path: string,
  numbers: Readonly<Record<string, unknown>> = {},
): ShmError {
  const [code, what, remedy] = KINDS[errno] ?? ["ERR_SHM_SYSCALL", "the system refused", undefined];
  return refusal(code, `${syscall} failed, ${what}`, { errno, syscall, path }, remedy, numbers);
}

/** What a call of `node:fs` threw, as a {@link syscallError} about `path`. */
export function translated(error: unknown, path: string): unknown {
  const code = errorCode(error);
  if (code === undefined || code.startsWith("ERR_SHM")) return error;
  const { syscall = "fs", path: asked = "" } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") system.explainMissing(asked, syscall, path);
  return syscallError(syscall, code, path);
}

/** Calls a function of `node:fs` and turns what it throws into a {@link syscallError} about `path`. */
export const attempt = attempting(translated);
/** As {@link attempt}, but gives undefined when the call fails with one of the named errors. */
export const attemptUnless = attemptingUnless(translated);

/** Closes a descriptor. The system releases it whatever close returns, so there is nothing to report and nothing to retry. */
export function closeQuietly(fd: number): void {
  try {
    fs.closeSync(fd);
  } catch {
    // See above.
  }
}

/**
 * Calls a C function until it is not interrupted by a signal. `call` returns the error number, or 0; it must read errno
 * in the statement after the call.
 */
export function uninterrupted(call: () => number): number {
  for (;;) {
    const errno = call();
    if (errno !== EINTR) return errno;
  }
}
