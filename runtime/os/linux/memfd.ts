/**
 * Memory without a name. The kernel frees it with the last descriptor and mapping, whatever ends the processes that have
 * them. @see memfd_create(2), fcntl(2) "File Sealing", open(2) O_TMPFILE
 */
import { fs } from "../node.js";
import { notSealed, nowhereForMemory } from "./refusals.js";
import type { NamelessMemory, OpenDirectory } from "../contract.js";
import { closeForeign } from "../posix/files.js";
import { OWN_FILE } from "../posix/modes.js";
import { formerPathOf, reopen } from "./reopening.js";
import { O_TMPFILE } from "./flags.js";
import { descriptorCalls } from "../posix/libc.js";
import { linuxCalls } from "./libc.js";
import { setMode } from "../posix/mode.js";
import { EINVAL, ENOSYS, EPERM, attemptUnless, closeQuietly, errnoName, syscallError } from "../posix/syscall.js";

const MFD_CLOEXEC = 1;
const MFD_ALLOW_SEALING = 2;
/** Never executable, and sealed so; since Linux 6.3. Where `vm.memfd_noexec` is 2, the kernel gives no other memory. */
const MFD_NOEXEC_SEAL = 8;
const MEMFD_CREATE: Readonly<Record<string, number>> = { x64: 319, arm64: 279, riscv64: 279, loong64: 279, ppc64: 360 };

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

const { O_RDWR, O_EXCL, O_NONBLOCK } = fs.constants;

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
    const fd = reopen(made.fd, "read-write", path);
    setMode(fd, OWN_FILE, path);
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
  const c = linuxCalls();
  const flags = MFD_CLOEXEC | MFD_ALLOW_SEALING | (noexec ? MFD_NOEXEC_SEAL : 0);
  // The prototype is that of the futex calls; this one does not look at what comes behind the flags.
  const fd = c.syscall(number, Buffer.from(`${label}\0`), flags, 0, null, 0, 0);
  return { fd, errno: fd < 0 ? c.errno() : 0 };
}

/** As {@link createMemfd}, with what is said of it. */
export function createMemory(label: string, path: string): NamelessMemory | undefined {
  const fd = createMemfd(label, path);
  return fd === undefined ? undefined : { fd, path, sealed: true };
}

/**
 * Where memfd_create is missing or forbidden: a file in a directory, 0600, that never had a name and can never get one, which nothing
 * seals. @throws ShmError ERR_SHM_UNSUPPORTED where the file system has no such files
 */
export function createTemporary(directory: OpenDirectory, path: string): NamelessMemory {
  const flags = O_TMPFILE | O_RDWR | O_EXCL | O_NONBLOCK;
  const without = ["EOPNOTSUPP", "EISDIR", "EINVAL"];
  const fd = attemptUnless(path, without, () => fs.openSync(directory.path, flags, OWN_FILE));
  if (fd === undefined) throw nowhereForMemory(path);
  try {
    setMode(fd, OWN_FILE, path);
    return { fd, path: formerPathOf(fd, path), sealed: false };
  } catch (error) {
    closeQuietly(fd);
    throw error;
  }
}

/** Nobody can shorten it any more, nor, unless `growable`, lengthen it; and nobody can add seals. */
export function sealMemory(fd: number, growable: boolean, path: string): void {
  addSeals(fd, SEAL.seal | SEAL.shrink | (growable ? 0 : SEAL.grow), path);
}

/** @throws ShmError ERR_SHM_UNSUPPORTED for memory that whoever has it could shorten */
export function checkSealed(fd: number, path: string): void {
  const seals = sealsOf(fd);
  if ((seals & SEAL.shrink) === 0) throw notSealed(SEAL.shrink, seals, path);
}

/** Whether it can no longer become longer. */
export function isSealedAtSize(fd: number): boolean {
  return (sealsOf(fd) & SEAL.grow) !== 0;
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
