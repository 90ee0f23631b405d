/**
 * `npm run bench [-- NAME...] [--short] [--only WORD]`: runs the benchmarks of this folder one after the other, each in a process of
 * its own, and prints their ratios. `--short` is for CI: fewer rounds, same contenders. `--only`: those parts of a benchmark that have the
 * word in their name. Times are never asserted here.
 */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

const { values, positionals: names } = parseArgs({
  allowPositionals: true,
  options: { short: { type: "boolean" }, only: { type: "string" } },
});
const flags = [...(values.short ? ["--short"] : []), ...(values.only === undefined ? [] : ["--only", values.only])];
const benchmarks = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(".bench.mjs"))
  .filter((file) => names.length === 0 || names.includes(file.replace(".bench.mjs", "")))
  .sort();
if (benchmarks.length === 0) {
  console.error(`no benchmark of this name: ${names.join(" ")}`);
  process.exit(2);
}

console.log(`Node ${process.version}, ${availableParallelism()} x ${cpus()[0]?.model.trim() ?? "unknown processor"}`);
let failed = false;
for (const file of benchmarks) {
  console.log(`\n## ${file.replace(".bench.mjs", "")}`);
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, file), ...flags], { stdio: "inherit" });
  failed ||= status !== 0;
}
process.exitCode = failed ? 1 : 0;
