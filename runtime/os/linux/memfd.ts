/**
 * Memory without a name. The kernel frees it with the last descriptor and mapping, whatever ends the processes that have
 * them. @see memfd_create(2), fcntl(2) "File Sealing", open(2) O_TMPFILE
 */
import * as fs from "node:fs";
import { descriptorCalls, libc } from "./libc.js";
import { setMode } from "./mode.js";
import { EINVAL, ENOSYS, EPERM, attempt, attemptUnless, errnoName, syscallError } from "./syscall.js";

const MFD_CLOEXEC = 1;
const MFD_ALLOW_SEALING = 2;
/** Never executable, and sealed so; since Linux 6.3. Where `vm.memfd_noexec` is 2, the kernel gives no other memory. */
const MFD_NOEXEC_SEAL = 8;
const MEMFD_CREATE: Readonly<Record<string, number>> = { x64: 319, arm64: 279, riscv64: 279, loong64: 279, ppc64: 360 };

const F_GETFL = 3;
const F_ADD_SEALS = 1033;
const F_GET_SEALS = 1034;

/** What can no longer be done to a file, by anybody. */
export const SEAL = {
  /** Seals can no longer be added. */
  seal: 1,
  /** It cannot become shorter: no access to a mapping ever meets a signal. */
  shrink: 2,
  /** It cannot become longer. */
  grow: 4,
} as const;

const { O_RDONLY, O_RDWR, O_WRONLY, O_DIRECTORY, O_EXCL, O_NONBLOCK } = fs.constants;
/** A file without a name. The same bit on all processors that we know; with O_DIRECTORY, so that old kernels refuse it. */
const O_TMPFILE = 0o20000000 | O_DIRECTORY;

/**
 * New memory, 0 bytes long, for its owner alone. Undefined where the system call is missing or forbidden.
 * `path` is for errors. @throws ShmError ERR_SHM_SYSCALL
 */
export function createMemfd(label: string, path: string): number | undefined {
  let made = tryMemfd(label, true);
  if (made.errno === EINVAL) made = tryMemfd(label, false);
  if (made.errno === ENOSYS || made.errno === EPERM) return undefined;
  if (made.errno !== 0) throw syscallError("memfd_create", errnoName(made.errno), path);
  try {
    // The kernel makes it for everybody, and Node frees with a worker what node:fs has opened.
    const fd = reopen(made.fd, O_RDWR, path);
    setMode(fd, 0o600, path);
    return fd;
  } finally {
    closeForeign(made.fd);
  }
}

/**
 * memfd_create with MFD_CLOEXEC and MFD_ALLOW_SEALING, and with MFD_NOEXEC_SEAL where `noexec` asks for it. The descriptor is
 * not one of node:fs: {@link closeForeign} closes it. `errno` is 0 when it worked.
 */
export function tryMemfd(label: string, noexec: boolean): { readonly fd: number; readonly errno: number } {
  const number = MEMFD_CREATE[process.arch];
  if (number === undefined) return { fd: -1, errno: ENOSYS };
  const c = libc();
  const flags = MFD_CLOEXEC | MFD_ALLOW_SEALING | (noexec ? MFD_NOEXEC_SEAL : 0);
  // The prototype is that of the futex calls; this one does not look at what comes behind the flags.
  const fd = c.syscall(number, Buffer.from(`${label}\0`), flags, 0, null, 0, 0);
  return { fd, errno: fd < 0 ? c.errno() : 0 };
}

/** A file without a name in a directory, 0600, that can never get one. Undefined where the file system has no such files. */
export function createTemporary(directory: string, path: string): number | undefined {
  const flags = O_TMPFILE | O_RDWR | O_EXCL | O_NONBLOCK;
  const without = ["EOPNOTSUPP", "EISDIR", "EINVAL"];
  return attemptUnless(path, without, () => fs.openSync(directory, flags, 0o600));
}

/** A new open file description of an open file: locks and offsets of its own. `flags` are those of open(2). */
export function reopen(fd: number, flags: number, path: string): number {
  return attempt(path, () => fs.openSync(`/proc/self/fd/${fd}`, flags | O_NONBLOCK));
}

/** @throws ShmError ERR_SHM_PERMISSION when seals can no longer be added */
export function addSeals(fd: number, seals: number, path: string): void {
  const calls = descriptorCalls();
  if (calls.fcntl(fd, F_ADD_SEALS, seals) === 0) return;
  throw syscallError("fcntl F_ADD_SEALS", errnoName(calls.errno()), path);
}

/** Bits of {@link SEAL}; 0 for files that have none. */
export function sealsOf(fd: number): number {
  return Math.max(0, descriptorCalls().fcntl(fd, F_GET_SEALS, 0));
}

/** Whether a descriptor can be written through; it may be one of a file that everybody could write to. */
export function isWritable(fd: number, path: string): boolean {
  const calls = descriptorCalls();
  const flags = calls.fcntl(fd, F_GETFL, 0);
  if (flags < 0) throw syscallError("fcntl F_GETFL", errnoName(calls.errno()), path);
  const mode = flags & (O_RDONLY | O_WRONLY | O_RDWR);
  return mode !== O_RDONLY;
}

/** Closes a descriptor that node:fs has not opened. */
export function closeForeign(fd: number): void {
  descriptorCalls().close(fd);
}
