// How the generator grows: from 1,000 to 4,000 structs of 20 fields, and a rebuild of `--watch`. Every figure is a process of
// its own, the fastest of some rounds. What a small run costs from its start is in cold.bench.mjs.
import { spawn, spawnSync } from "node:child_process";
import { rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { makeProject, schema } from "./support/schema-project.mjs";

const short = process.argv.includes("--short");
const cli = fileURLToPath(new URL("../../generator/bin.js", import.meta.url));
const folders = [];

function project(...shape) {
  const folder = makeProject(...shape);
  folders.push(folder);
  return folder;
}

/** Milliseconds of `node ...argv`, the fastest of `rounds`. */
function fastest(rounds, argv, before) {
  let best = Infinity;
  for (let round = 0; round < rounds; round += 1) {
    before?.();
    const started = performance.now();
    const { status, stderr } = spawnSync(process.execPath, argv, { encoding: "utf8" });
    best = Math.min(best, performance.now() - started);
    if (status !== 0) throw new Error(`node ${argv.join(" ")}: exit code ${status}\n${stderr}`);
  }
  return best;
}

function generate(folder, rounds) {
  const clean = () => rmSync(join(folder, "generated"), { recursive: true, force: true });
  return fastest(rounds, [cli, "generate", "--cwd", folder, "-q"], clean);
}

/** Rebuilds of a project of 100 structs: from the change of a file to the output in place. */
async function rebuilds(folder, rounds) {
  const child = spawn(process.execPath, [cli, "generate", "--cwd", folder, "--watch"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.on("data", (chunk) => (text += chunk));
  const until = async (pattern) => {
    while (!pattern.test(text)) await new Promise((done) => setTimeout(done, 1));
  };
  try {
    await until(/watching for changes/);
    const latencies = [];
    const reported = [];
    for (let round = 0; round < rounds; round += 1) {
      await new Promise((done) => setTimeout(done, 150));
      text = "";
      const started = performance.now();
      writeFileSync(join(folder, "file0.shm.ts"), schema(0, 20, `round${round}`));
      await until(/changed: 2 files written.*\((\d+) ms\)\n/);
      latencies.push(performance.now() - started);
      reported.push(Number(/\((\d+) ms\)/.exec(text)[1]));
    }
    const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
    return { rebuild: median(reported), latency: median(latencies) };
  } finally {
    child.kill("SIGKILL");
  }
}

const ms = (value) => `${value.toFixed(0)} ms`;
const row = (label, value, limit) => console.log(`${label.padEnd(58)} ${value.padStart(22)}   ${limit}`);

try {
  for (const [label, perFile] of [
    ["one file", Infinity],
    ["100 structs a file", 100],
  ]) {
    const thousand = generate(project(1000, Math.min(perFile, 1000)), short ? 1 : 3);
    const fourThousand = generate(project(4000, Math.min(perFile, 4000)), short ? 1 : 3);
    const ratio = `${(fourThousand / thousand).toFixed(2)} x (${ms(fourThousand)} : ${ms(thousand)})`;
    row(`generate, 4,000 : 1,000 structs, ${label}`, ratio, "at most 4.5 x");
  }

  const { rebuild, latency } = await rebuilds(project(100, 20), short ? 5 : 15);
  row("watch, 100 structs in 5 files, one changed: rebuild", ms(rebuild), "at most 100 ms");
  row("  from saving the file to the last output", ms(latency), "(waits 25 ms for more)");
  const generated = statSync(join(folders[0], "generated/file0.ts")).size;
  console.log(`(1,000 structs give ${(generated / 1024).toFixed(0)} kB of TypeScript)`);
} finally {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
