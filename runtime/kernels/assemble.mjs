/**
 * Assembles the kernels beside it, WebAssembly in text, and writes their bytes to `modules.ts`, which is checked in: builds need no
 * assembler. A test sees to it that the bytes are those of the texts. `npm run generate:kernels`
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import openWabt from "wabt";

const here = import.meta.dirname;
const KERNELS = ["cells", "cells-apart", "counters", "fence", "map", "map-apart", "pool", "private-words"];
const TARGET = join(here, "modules.ts");

/** The text of `modules.ts`. */
export async function assembled() {
  const wabt = await openWabt();
  const lines = KERNELS.map((name) => {
    const file = `${name}.wat`;
    const module = wabt.parseWat(file, readFileSync(join(here, file), "utf8"), { threads: true, multi_memory: true });
    try {
      const bytes = Buffer.from(module.toBinary({}).buffer);
      const line = `export const ${name.toUpperCase().replace("-", "_")} = "${bytes.toString("base64")}";`;
      // As prettier has it.
      return `/** ${bytes.length} bytes of ${file}. */\n${line.length > 120 ? line.replace("= ", "=\n  ") : line}\n`;
    } finally {
      module.destroy();
    }
  });
  return `/** Made by assemble.mjs of the texts beside it. Do not edit. */\n\n${lines.join("\n")}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) writeFileSync(TARGET, await assembled());
