/**
 * What importing generated code costs a process that opens no region: processor time of the process, over that of one which
 * imports an empty module, and how many modules it loads, ours and Node's. Each contender is a process of its own; rounds are
 * interleaved, and the median counts. `--short`: fewer rounds.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { compile } from "../../generator/dist/compile.js";

const rounds = process.argv.includes("--short") ? 5 : 21;
const SCHEMA = `import type { Region, atomic, u32 } from "@shmgen/schema";
  export interface Hits extends Region<{ type: 1; version: 1 }> { hits: atomic<u32> }`;
/** Prints milliseconds of processor time since the process began, and modules of Node that the import has loaded. */
const PROGRAM = `const before = process.moduleLoadList.length;
  await import(process.argv[1]);
  const { user, system } = process.cpuUsage();
  const native = process.moduleLoadList.length - before;
  console.log(JSON.stringify({ ms: (user + system) / 1000, native }));`;

function run(address) {
  const { stdout, stderr, status } = spawnSync(process.execPath, ["--input-type=module", "-e", PROGRAM, address], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const folder = mkdtempSync(join(tmpdir(), "shmgen-bench-"));
try {
  const { files } = await compile({ files: ["hits.shm.ts"], readFile: () => SCHEMA, targets: ["js"] });
  const door = JSON.stringify(import.meta.resolve("@shmgen/runtime/codegen-v1"));
  const text = files.find(({ path }) => path.endsWith(".js")).text;
  writeFileSync(join(folder, "hits.mjs"), text.replaceAll('"@shmgen/runtime/codegen-v1"', door));
  writeFileSync(join(folder, "empty.mjs"), "export {};\n");
  const results = { empty: [], hits: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const name of Object.keys(results)) {
      results[name].push(run(pathToFileURL(join(folder, `${name}.mjs`)).href));
    }
  }
  const ms = (name) => median(results[name].map((result) => result.ms));
  const [empty, own] = [ms("empty"), ms("hits")];
  console.log(`an empty module   ${empty.toFixed(1)} ms, ${results.empty[0].native} modules of Node`);
  console.log(
    `generated code    ${own.toFixed(1)} ms, ${results.hits[0].native} modules of Node: ${(own / empty).toFixed(2)} x, ${(own - empty).toFixed(1)} ms more`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
