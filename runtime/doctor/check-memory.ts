/** Whether files can be seen as memory. */
import * as fs from "node:fs";
import { isShmError } from "../errors.js";
import * as memfd from "../os/memfd.js";
import { type MappingKind, discard, mapFile, releaseRange } from "../os/memory.js";
import { closeQuietly } from "../os/syscall.js";
import type { Finding, Surroundings } from "./check.js";
import { externalBuffers } from "./check-node.js";
import { withScratch } from "./scratch.js";

const PAGE = 4096;

export function wasmMemory(surroundings: Surroundings): Finding<"wasm-memory"> {
  return mapped(surroundings, "wasm");
}

export function viewMapping(surroundings: Surroundings): Finding<"view-mapping"> {
  // Where such buffers are forbidden, trying it would end the process.
  if (externalBuffers().is !== "ok") return { is: "skipped", found: "needs buffers over foreign memory" };
  return mapped(surroundings, "view");
}

function mapped(surroundings: Surroundings, kind: MappingKind): { is: "ok" | "refused" | "apart"; found: string } {
  return withScratch(surroundings, PAGE, ({ fd, path }) => {
    let mapping;
    try {
      mapping = mapFile({ fd, size: PAGE, access: "read-write", kind, path });
    } catch (error) {
      if (!isShmError(error)) throw error;
      return { is: "refused", found: error.message };
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
      // The buffer of a view must not be touched any more; it is out of sight from here on.
      discard(mapping.range);
      if (kind === "view") releaseAfter(mapping.buffer, mapping.range);
    }
  });
}

const released = new FinalizationRegistry(releaseRange);

/** Its address range is given back when V8 has forgotten the buffer. */
function releaseAfter(buffer: ArrayBufferLike, range: { readonly address: number; readonly size: number }): void {
  released.register(buffer, range);
}

export function memfdSeals(): Finding<"memfd"> {
  const { MFD_CLOEXEC, MFD_ALLOW_SEALING, MFD_NOEXEC_SEAL } = memfd;
  const flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  const strict = sealed(flags | MFD_NOEXEC_SEAL);
  // Kernels before 6.3 do not know the flag.
  const { errno, grown } = strict.errno === "EINVAL" ? sealed(flags) : strict;
  if (errno !== undefined) return { is: "refused", found: `memfd_create: ${errno}` };
  if (grown) return { is: "noSeals", found: "a sealed file can be cut off" };
  if (strict.errno !== undefined) return { is: "executable", found: "works, without MFD_NOEXEC_SEAL" };
  return { is: "ok", found: "works, with seals and MFD_NOEXEC_SEAL" };
}

function sealed(flags: number): { readonly errno?: string; readonly grown: boolean } {
  let fd: number;
  try {
    fd = memfd.createMemfd("shmgen-doctor", flags);
  } catch (error) {
    return { errno: isShmError(error) && "errno" in error ? String(error.errno) : String(error), grown: false };
  }
  try {
    fs.ftruncateSync(fd, PAGE);
    memfd.addSeals(fd, memfd.F_SEAL_SEAL | memfd.F_SEAL_SHRINK | memfd.F_SEAL_GROW, "memfd:shmgen-doctor");
    try {
      fs.ftruncateSync(fd, 0);
      return { grown: true };
    } catch {
      return { grown: false };
    }
  } catch {
    return { grown: true };
  } finally {
    closeQuietly(fd);
  }
}
