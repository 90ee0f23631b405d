/**
 * Makes the door of `@shmgen/schema` for packages of CommonJS, after tsc: the vocabulary, which is types alone, a second time, with all
 * files that it names. Under `module: node16` TypeScript refuses types of a package of ES modules there.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const dist = join(import.meta.dirname, "dist");
const FROM = /(?<=from "\.[^"]*|import\("\.[^"]*)\.js(?="\)?)/g;

const made = new Set();
function make(name) {
  if (made.has(name)) return;
  made.add(name);
  const text = readFileSync(join(dist, `${name}.d.ts`), "utf8");
  writeFileSync(join(dist, `${name}.d.cts`), text.replaceAll(FROM, ".cjs"));
  for (const [, path] of text.matchAll(/(?:from |import\()"(\.[^"]*)\.js"/g)) make(join(dirname(name), path));
}

make("index");
writeFileSync(join(dist, "index.cjs"), '"use strict";\n');
