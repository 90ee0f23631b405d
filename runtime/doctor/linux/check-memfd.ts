/** Memory without a name, and its seals. */
import * as fs from "node:fs";
import { errorCode } from "../../errors.js";
import { SEAL, addSeals, tryMemfd } from "../../os/linux/memfd.js";
import { reopen } from "../../os/linux/reopening.js";
import { closeForeign } from "../../os/posix/files.js";
import { closeQuietly, errnoName } from "../../os/posix/syscall.js";
import type { Finding } from "../check.js";

/** Bytes. */
const SIZE = 4096;

export function memfdSeals(): Finding<"memfd"> {
  const strict = sealed(true);
  // Kernels before 6.3 do not know the flag.
  const { errno, cut } = strict.errno === "EINVAL" ? sealed(false) : strict;
  if (errno !== undefined) return { is: "refused", found: `memfd_create: ${errno}` };
  if (cut) return { is: "noSeals", found: "a sealed file can be cut off" };
  if (strict.errno !== undefined) return { is: "executable", found: "works, without MFD_NOEXEC_SEAL" };
  return { is: "ok", found: "works, with seals and MFD_NOEXEC_SEAL" };
}

function sealed(noexec: boolean): { readonly errno?: string; readonly cut: boolean } {
  const label = "memfd:shmgen-doctor";
  const { fd: foreign, errno } = tryMemfd("shmgen-doctor", noexec);
  if (errno !== 0) return { errno: errnoName(errno), cut: false };
  let fd: number | undefined;
  try {
    // node:fs need not take a descriptor that it has not opened: Deno's does not.
    fd = reopen(foreign, "read-write", label);
    fs.ftruncateSync(fd, SIZE);
    addSeals(fd, SEAL.seal | SEAL.shrink | SEAL.grow, label);
    fs.ftruncateSync(fd, 0);
    return { cut: true };
  } catch (error) {
    return { cut: errorCode(error) !== "EPERM" };
  } finally {
    if (fd !== undefined) closeQuietly(fd);
    closeForeign(foreign);
  }
}
