/** Files without a name, in memory alone, whose size can be sealed. @see memfd_create(2), fcntl(2) */
import { libc } from "./libc.js";
import { errnoName, syscallError } from "./syscall.js";

export const MFD_CLOEXEC = 1;
export const MFD_ALLOW_SEALING = 2;
/** Linux 6.3: neither executable nor ever to be made so, as vm.memfd_noexec=2 demands. */
export const MFD_NOEXEC_SEAL = 8;

export const F_SEAL_SEAL = 1;
export const F_SEAL_SHRINK = 2;
export const F_SEAL_GROW = 4;

const F_ADD_SEALS = 1033;

/** A descriptor. @throws ShmError ERR_SHM_SYSCALL, _PERMISSION, _UNSUPPORTED */
export function createMemfd(name: string, flags: number): number {
  const c = libc();
  const fd = c.memfdCreate(name, flags);
  if (fd < 0) throw syscallError("memfd_create", errnoName(c.errno()), name);
  return fd;
}

/** Forbids what the seals name, for everybody and for ever. */
export function addSeals(fd: number, seals: number, path: string): void {
  const c = libc();
  const result = c.fcntl(fd, F_ADD_SEALS, seals);
  if (result < 0) throw syscallError("fcntl", errnoName(c.errno()), path);
}
