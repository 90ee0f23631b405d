/** Generated JavaScript of a schema, in a folder that has no packages: the path of its module. */
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { compile } from "../../../../generator/dist/compile.js";

export async function generatedJs(folder, name, schema) {
  const { files, diagnostics } = await compile({
    files: [`${name}.shm.ts`],
    readFile: () => schema,
    targets: ["js"],
    outputPath: () => name,
  });
  if (diagnostics.length > 0) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  const { resolve } = createRequire(import.meta.url);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  for (const { path, text } of files) {
    const code = text.replaceAll(/"(@shmgen\/runtime\/[a-z0-9-]+)"/g, (_text, door) =>
      JSON.stringify(pathToFileURL(resolve(door)).href),
    );
    writeFileSync(join(folder, path), code);
  }
  return join(folder, `${name}.js`);
}
