/**
 * Makes the door of `@shmgen/schema` for packages of CommonJS, after tsc: the vocabulary, which is types alone, a second time. Under
 * `module: node16` TypeScript refuses types of a package of ES modules there.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const dist = join(import.meta.dirname, "dist");
for (const name of ["index", "scalars", "markers"]) {
  const text = readFileSync(join(dist, `${name}.d.ts`), "utf8");
  writeFileSync(join(dist, `${name}.d.cts`), text.replaceAll(/(from "\.\/[\w-]+)\.js"/g, '$1.cjs"'));
}
writeFileSync(join(dist, "index.cjs"), '"use strict";\n');
