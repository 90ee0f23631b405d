/** What a failed call of Windows or of node:fs becomes: a ShmError that says what to do. */
import { type ShmError, type ShmErrorCode, errorCode, refusal } from "../../errors.js";
import { attempting, attemptingUnless } from "../attempts.js";
import { kernel32 } from "./kernel32.js";

/** Error numbers that the runtime decides by. @see https://learn.microsoft.com/windows/win32/debug/system-error-codes */
export const ERROR = {
  fileNotFound: 2,
  pathNotFound: 3,
  accessDenied: 5,
  invalidHandle: 6,
  sharingViolation: 32,
  lockViolation: 33,
  notSupported: 50,
  invalidParameter: 87,
  insufficientBuffer: 122,
  notLocked: 158,
  pipeBusy: 231,
  ioPending: 997,
} as const;

/** By which libuv's names of errors, and so Node's, are told in messages. */
const NAMES: Readonly<Record<number, string>> = {
  2: "ENOENT",
  3: "ENOENT",
  4: "EMFILE",
  5: "EPERM",
  6: "EBADF",
  8: "ENOMEM",
  14: "ENOMEM",
  32: "EBUSY",
  33: "EBUSY",
  39: "ENOSPC",
  80: "EEXIST",
  112: "ENOSPC",
  183: "EEXIST",
  1224: "EBUSY",
  1450: "ENOMEM",
  1455: "ENOMEM",
};

const KINDS: Readonly<Record<string, readonly [code: ShmErrorCode, what: string, remedy: string]>> = {
  ENOENT: ["ERR_SHM_NOT_FOUND", "there is no such file or directory", "create it first"],
  EEXIST: ["ERR_SHM_EXISTS", "it exists already", "open it instead"],
  EACCES: ["ERR_SHM_PERMISSION", "access is denied", "check its owner and access list (icacls)"],
  EPERM: ["ERR_SHM_PERMISSION", "access is denied", "check its owner and access list (icacls)"],
  EBUSY: ["ERR_SHM_BUSY", "another program has it open, and lets nobody else", "close it there"],
  EROFS: ["ERR_SHM_PERMISSION", "the volume is write-protected", "open it read-only, or use another directory"],
  ENOSPC: ["ERR_SHM_NO_SPACE", "the volume is full", "free space there"],
  EISDIR: ["ERR_SHM_FOREIGN", "it is a directory", "choose another name"],
  ENOTDIR: ["ERR_SHM_PERMISSION", "it is not a directory", "remove it, or use another directory"],
  EMFILE: ["ERR_SHM_SYSCALL", "the process has too many open files", "close regions"],
  ENOMEM: ["ERR_SHM_SYSCALL", "there is no memory or address space for it", "close regions, or enlarge the page file"],
  ERR_ACCESS_DENIED: [
    "ERR_SHM_PERMISSION",
    "Node's permission model denies it",
    "allow it with --allow-fs-read/-write",
  ],
};

/** `numbers` are further facts for the message. */
export function callError(
  syscall: string,
  errno: string,
  path: string,
  numbers: Readonly<Record<string, unknown>> = {},
): ShmError {
  const [code, what, remedy] = KINDS[errno] ?? ["ERR_SHM_SYSCALL", "the system refused", undefined];
  return refusal(code, `${syscall} failed, ${what}`, { errno, syscall, path }, remedy, numbers);
}

/** Of the function of Windows that has just failed. */
export function lastError(
  syscall: string,
  path: string,
  numbers: Readonly<Record<string, unknown>> = {},
  number = kernel32().lastError(),
): ShmError {
  return callError(syscall, NAMES[number] ?? `error ${number}`, path, numbers);
}

function translated(error: unknown, path: string): unknown {
  const code = errorCode(error);
  if (code === undefined || code.startsWith("ERR_SHM")) return error;
  const { syscall = "fs" } = error as NodeJS.ErrnoException;
  return callError(syscall, code, path);
}

/** Calls a function of `node:fs` and turns what it throws into a {@link callError} about `path`. */
export const attempt = attempting(translated);
/** As {@link attempt}, but undefined when the call fails with one of the named errors. */
export const attemptUnless = attemptingUnless(translated);

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** For what others are about to let go of, in microseconds and by no event that could be waited for. */
export function rest(ms: number): void {
  Atomics.wait(sleeper, 0, 0, ms);
}
