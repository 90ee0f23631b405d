// What a run costs from its start, as multiples of a bare start of Node in the same round: the help, `check` of 100 published
// regions of 20 fields, `generate` of 100 structs of 20 fields. Every figure is a process of its own, all contenders in turn.
// Processor time (user and system) is what other work on the machine upsets least; a bare start takes some 40 ms when nothing
// else runs, so 25 x are a second, which is the aim, and 37 x the second and a half of Node 20. `SHMGEN_NODE=/path/to/node` measures another version of Node.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { makeProject } from "./support/schema-project.mjs";

const rounds = process.argv.includes("--short") ? 3 : 11;
const node = process.env.SHMGEN_NODE ?? process.execPath;
const cli = fileURLToPath(new URL("../../generator/bin.js", import.meta.url));
const folders = [];

/** Processor time and time of `node ...argv`, ms. Bash knows what its child has used; Node does not tell of single children. */
function run(argv) {
  const started = performance.now();
  const script = 'TIMEFORMAT="used %3U %3S"; time "$0" "$@" > /dev/null';
  const { status, stderr } = spawnSync("bash", ["-c", script, node, ...argv], { encoding: "utf8" });
  const time = performance.now() - started;
  const used = /used ([\d.]+) ([\d.]+)\n$/.exec(stderr);
  if (status !== 0 || used === null) throw new Error(`node ${argv.join(" ")}: exit code ${status}\n${stderr}`);
  return { processor: (Number(used[1]) + Number(used[2])) * 1000, time };
}

const sorted = (list) => list.toSorted((a, b) => a - b);
const median = (list) => sorted(list)[Math.floor(list.length / 2)];
const least = (list) => sorted(list)[0];

try {
  const own = mkdtempSync(join(tmpdir(), "shmgen-bench-"));
  const published = makeProject(100, 20, 1);
  const unpublished = makeProject(100, 100);
  folders.push(own, published, unpublished);
  // The cache of compiled code is the benchmark's own: filled by the first runs, which do not count.
  process.env.XDG_CACHE_HOME = own;
  writeFileSync(join(own, "empty.mjs"), "");
  for (const command of ["generate", "lock"]) run([cli, command, "--cwd", published, "-q"]);

  const limit = process.version.startsWith("v20.") && node === process.execPath ? "at most 37 x" : "at most 25 x";
  const contenders = [
    { label: "a bare start: an empty ES module", argv: [join(own, "empty.mjs")], limit: "" },
    { label: "shmgen --help", argv: [cli, "--help"], limit: "at most 1.2 x" },
    { label: "check, 100 published regions", argv: [cli, "check", "--cwd", published, "-q"], limit },
    { label: "generate, 100 structs", argv: [cli, "generate", "--cwd", unpublished, "-q"], limit },
  ];
  const figures = contenders.map(() => []);
  for (let round = 0; round <= rounds; round += 1) {
    for (const [index, { argv }] of contenders.entries()) {
      rmSync(join(unpublished, "generated"), { recursive: true, force: true });
      const figure = run(argv);
      if (round > 0) figures[index].push(figure);
    }
  }

  const bare = figures[0].map(({ processor }) => processor);
  console.log(`${"(processor time)".padEnd(34)} ${"median".padStart(9)} ${"least".padStart(9)}`);
  for (const [index, { label, limit }] of contenders.entries()) {
    const used = figures[index].map(({ processor }) => processor);
    const ratios = used.map((value, round) => value / bare[round]);
    const columns = [median(ratios), least(used) / least(bare)].map((ratio) => `${ratio.toFixed(2)} x`.padStart(9));
    const time = `${least(figures[index].map((figure) => figure.time)).toFixed(0)} ms at least`;
    console.log(`${label.padEnd(34)} ${columns.join(" ")}   ${time.padEnd(18)} ${limit}`.trimEnd());
  }
} finally {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
