/** C programs of the benchmarks of containers: built over the header that a schema gives. */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { compile } from "../../../../generator/dist/compile.js";

const here = import.meta.dirname;
const library = join(here, "../../../../generator/c-runtime");

async function compiled(name, schema, target) {
  const { files, diagnostics } = await compile({
    files: [`${name}.shm.ts`],
    readFile: () => schema,
    targets: [target],
    outputPath: () => name,
  });
  if (diagnostics.length > 0) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  return files;
}

/**
 * Builds `source` of this folder, which includes `NAME.h`. Gives a function of a work's name, and what it is given behind a space, that gives a
 * command that prints its figure; undefined where there is no gcc. `folder` is for what is built.
 */
export async function cProgram(folder, { name, schema, source }) {
  for (const { path, text } of await compiled(name, schema, "c")) writeFileSync(join(folder, path), text);
  const program = join(folder, `c-${name}`);
  const flags = ["-O2", "-std=gnu11", "-I", folder, "-I", library, "-o", program, join(here, source)];
  const { status, error, stderr } = spawnSync("gcc", flags, { encoding: "utf8" });
  if (error === undefined && status !== 0) throw new Error(`gcc refused ${source}:\n${stderr}`);
  return (work) => (status === 0 ? [program, ...work.split(" ")] : undefined);
}

/** Generated code of a schema, in a folder of its own that has no packages: the path of the module. */
export async function generatedModule(folder, { name, schema }) {
  const { resolve } = createRequire(import.meta.url);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  for (const { path, text } of await compiled(name, schema, "js")) {
    const code = text.replaceAll(/"(@shmgen\/runtime\/[a-z0-9-]+)"/g, (_text, door) =>
      JSON.stringify(pathToFileURL(resolve(door)).href),
    );
    writeFileSync(join(folder, path), code);
  }
  return join(folder, `${name}.js`);
}
