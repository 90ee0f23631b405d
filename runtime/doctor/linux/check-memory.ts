/** Whether files can be seen as memory. */
import * as fs from "node:fs";
import { errorCode, isShmError } from "../../errors.js";
import { reopen } from "../../os/linux/reopening.js";
import { SEAL, addSeals, tryMemfd } from "../../os/linux/memfd.js";
import { closeForeign } from "../../os/posix/files.js";
import type { Mapping, MappingKind } from "../../os/contract.js";
import { mapFile } from "../../os/posix/memory.js";
import { closeQuietly, errnoName } from "../../os/posix/syscall.js";
import { type Finding, type Surroundings, refusalIn } from "../check.js";
import { externalBuffers } from "../check-engine.js";
import { letGo, withScratch } from "./scratch.js";

/** Of files that are tried, bytes: less than a page on some machines. */
const SIZE = 4096;

export function wasmMemory(surroundings: Surroundings): Finding<"wasm-memory"> {
  try {
    return mapped(surroundings, "wasm");
  } catch (error) {
    if (!isShmError(error) || error.code !== "ERR_SHM_UNSUPPORTED" || !("cause" in error)) throw error;
    return { is: "noMemory", found: String(error.cause) };
  }
}

export function viewMapping(surroundings: Surroundings): Finding<"view-mapping"> {
  // Where such buffers are forbidden, trying it would end the process.
  if (externalBuffers().is !== "ok") return { is: "skipped", found: "needs buffers over foreign memory" };
  return mapped(surroundings, "view");
}

interface Outcome {
  readonly is: "ok" | "refused" | "apart";
  readonly found: string;
}

function mapped(surroundings: Surroundings, kind: MappingKind): Outcome {
  return withScratch(surroundings, SIZE, ({ fd, path }) => {
    let mapping: Mapping;
    try {
      mapping = mapFile({ fd, size: SIZE, access: "read-write", kind, path });
    } catch (error) {
      if (isShmError(error) && error.code === "ERR_SHM_UNSUPPORTED") throw error;
      return { is: "refused", found: refusalIn(error) };
    }
    try {
      const bytes = new Uint8Array(mapping.buffer);
      const read = new Uint8Array(1);
      bytes[1] = 0xa5;
      fs.readSync(fd, read, 0, 1, 1);
      fs.writeSync(fd, Uint8Array.of(0x5a), 0, 1, 2);
      const same = read[0] === 0xa5 && bytes[2] === 0x5a;
      return same ? { is: "ok", found: "works" } : { is: "apart", found: "what is written in one is not in the other" };
    } finally {
      letGo(mapping);
    }
  });
}

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
