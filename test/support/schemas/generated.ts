import { mkdtempSync, rmSync, writeFileSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { compile, type CompileResult } from "../../../generator/dist/compile.js";
import type { TargetName } from "../../../generator/dist/emit/registry.js";

const { resolve } = createRequire(import.meta.url);

/** The runtime's doors by the addresses of their files, because what is imported lies elsewhere. */
function withDoors(text: string): string {
  return text.replaceAll(/"(@shmgen\/runtime\/[a-z0-9-]+)"/g, (_text, door: string) =>
    JSON.stringify(pathToFileURL(resolve(door)).href),
  );
}

/** Compiles schema texts by name (`"car.shm.ts"`); outputs lie beside them. */
export function compileSchema(
  schemas: Readonly<Record<string, string>>,
  targets: readonly TargetName[] = ["js"],
): Promise<CompileResult> {
  return compile({
    files: Object.keys(schemas),
    readFile: (path) => schemas[path],
    targets,
    outputPath: (path) => path.replace(/\.shm\.ts$/, ""),
  });
}

/** Compiles schema texts to JavaScript in a folder. Fails on any diagnostic. */
export async function writeSchema(schemas: Readonly<Record<string, string>>, folder: string): Promise<void> {
  const { files, diagnostics } = await compileSchema(schemas);
  if (diagnostics.length > 0) throw new Error(diagnostics.map(({ code, message }) => `${code} ${message}`).join("\n"));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  for (const { path, text } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), withDoors(text));
  }
}

/** Compiles schema texts to JavaScript and imports what came of `main`. Fails on any diagnostic. */
export async function importSchema<Module>(schemas: Readonly<Record<string, string>>, main: string): Promise<Module> {
  const folder = mkdtempSync(join(tmpdir(), "shmgen-generated-"));
  try {
    await writeSchema(schemas, folder);
    const url = pathToFileURL(join(folder, main.replace(/\.shm\.ts$/, ".js"))).href;
    return (await import(/* @vite-ignore */ url)) as Module;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
