// What the generator costs: `generate` cold for 100 structs of 20 fields, `check` of as many published regions, the growth
// from 1,000 to 4,000 structs, `--help` beside a bare `node -e 0`, and a rebuild of `--watch`. Every figure is a process of
// its own, the fastest of some rounds.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";

const short = process.argv.includes("--short");
const cli = fileURLToPath(new URL("../../generator/bin.js", import.meta.url));
const folders = [];

/** Schemas of `count` structs with 20 fields of many kinds, `perFile` in each file; every tenth, or each, is a region. */
function project(count, perFile, everyRegion = 10) {
  const folder = mkdtempSync(join(tmpdir(), "shmgen-bench-"));
  folders.push(folder);
  writeFileSync(join(folder, "package.json"), "{}");
  for (let first = 0; first < count; first += perFile) {
    const last = Math.min(count, first + perFile);
    writeFileSync(join(folder, `file${first / perFile}.shm.ts`), schema(first, last, "samples", everyRegion));
  }
  return folder;
}

function schema(first, last, name = "samples", everyRegion = 10) {
  const words = "Region, array, at, atomic, bits, bool, f32, f64, i16, i32, i64, i8, relaxed, u16, u32, u64, u8, utf8";
  const structs = [];
  for (let index = first; index < last; index += 1) {
    const nested = index > first && index % everyRegion !== 0 ? `array<Part${index - 1}, 2>` : "array<f64, 3>";
    const head = (index + 1) % everyRegion === 0 ? ` extends Region<{ type: ${index + 1}; version: 1 }>` : "";
    structs.push(`
/** Struct ${index}. */
export interface Part${index}${head} {
  /** Counted by everybody. */
  ${name}: atomic<u64>; level: atomic<u32>; small: atomic<u8>; ready: bool;
  a: i8; b: u8; c: i16; d: u16; e: i32; f: u32; g: i64; h: u64;
  x: f32; y: f64; z: f64; list: array<u16, 7>; nested: ${nested};
  mode: bits<{ ready: 1; mode: 3; rest: 4 }, u8>; seen: relaxed<u32>; title: utf8<24>;
}`);
  }
  return `import type { ${words.replace("at, ", "")} } from "@shmgen/schema";\n${structs.join("\n")}\n`;
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

/** `check` of a project whose output and published versions are fresh. */
function check(folder, rounds) {
  for (const command of ["generate", "lock"]) fastest(1, [cli, command, "--cwd", folder, "-q"]);
  return fastest(rounds, [cli, "check", "--cwd", folder, "-q"]);
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
  const rounds = short ? 2 : 5;
  const bare = fastest(rounds * 4, ["-e", "0"]);
  const help = fastest(rounds * 4, [cli, "--help"]);
  row("shmgen --help : node -e 0", `${(help / bare).toFixed(2)} x (${ms(help)} : ${ms(bare)})`, "at most 1.5 x");

  const hundred = generate(project(100, 100), rounds);
  row("generate, 100 structs x 20 fields, cold", ms(hundred), "at most 1500 ms");

  const checked = check(project(100, 20, 1), rounds);
  row("check, 100 published regions x 20 fields, cold", ms(checked), "at most 1500 ms");

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
  console.log(`(100 structs give ${(generated / 1024).toFixed(0)} kB of TypeScript)`);
} finally {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
