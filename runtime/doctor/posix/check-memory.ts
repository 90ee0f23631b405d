/** Whether files can be seen as memory. */
import * as fs from "node:fs";
import { isShmError } from "../../errors.js";
import type { Mapping, MappingKind } from "../../os/contract.js";
import { mapFile } from "../../os/posix/memory.js";
import { type Found, type Surroundings, refusalIn } from "../check.js";
import { externalBuffers } from "../check-engine.js";
import { letGo, withScratch } from "./scratch.js";

/** Of files that are tried, bytes: less than a page on some machines. */
const SIZE = 4096;

export function wasmMemory(surroundings: Surroundings): Found<"noMemory" | "refused" | "apart"> {
  try {
    return mapped(surroundings, "wasm");
  } catch (error) {
    if (!isShmError(error) || error.code !== "ERR_SHM_UNSUPPORTED" || !("cause" in error)) throw error;
    return { is: "noMemory", found: String(error.cause) };
  }
}

export function viewMapping(surroundings: Surroundings): Found<"refused" | "apart"> {
  // Where such buffers are forbidden, trying it would end the process.
  if (externalBuffers().is !== "ok") return { is: "skipped", found: "needs buffers over foreign memory" };
  return mapped(surroundings, "view");
}

function mapped(surroundings: Surroundings, kind: MappingKind): Found<"refused" | "apart"> {
  return withScratch(surroundings, SIZE, ({ fd, path }): Found<"refused" | "apart"> => {
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
