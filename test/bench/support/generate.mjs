/** One schema as a module beside a benchmark's regions, which its processes import. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { compile } from "../../../generator/dist/compile.js";

/** The module's URL; the caller removes the folder. */
export async function generateBench(folder, schema) {
  const { files, diagnostics } = await compile({
    files: ["bench.shm.ts"],
    readFile: (path) => (path === "bench.shm.ts" ? schema : undefined),
    targets: ["js"],
    outputPath: () => "bench",
  });
  if (diagnostics.length > 0) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  const { text } = files.find(({ path }) => path === "bench.js");
  const door = (_text, name) => JSON.stringify(import.meta.resolve(name));
  writeFileSync(join(folder, "bench.mjs"), text.replaceAll(/"(@shmgen\/runtime\/[a-z0-9-]+)"/g, door));
  return pathToFileURL(join(folder, "bench.mjs")).href;
}
