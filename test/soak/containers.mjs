/**
 * Containers under random SIGKILL, SIGSTOP and SIGCONT, in processes of Node and C and in threads, for some minutes:
 *
 *   node test/soak/containers.mjs --minutes N [--seed S] [--nodes PATH:PATH]
 *
 * Runs the tests that are tagged with "soak", again and again with other seeds: with numbers and sums in what they hand on they find
 * whatever is lost, torn, there twice or out of order. The versions of Node take turns. A run that has begun comes to its end. The
 * first ones are short, and those with time enough before them go deep. Exit code 1 at the first that fails.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { nodesOf } from "./nodes.mjs";
import { randomBits } from "./random.mjs";
import { runNode } from "./run-node.mjs";
import { Sums } from "./sums.mjs";

const root = join(import.meta.dirname, "../..");
/** What a deep run takes, about. */
const DEEP_MINUTES = 60;
/** Lists are stormed by threads, and by C and Node together, as well. */
const LISTS = ["queues", "pools", "work"];
/** Where somebody has to be killed in each run, by the words of its tests. */
const WORK = [
  "locks",
  "values",
  "rings",
  "broadcasts",
  "maps",
  "counters",
  "buffers",
  "messages",
  "growth",
  "migration",
  "C and Node",
  "broadcasts of C and Node",
  "messages of C and Node",
  ...LISTS.flatMap((list) => [list, `${list} of C and Node`, `${list} of threads`]),
];

const string = { type: "string" };
const { values } = parseArgs({ options: { minutes: string, seed: string, nodes: string } });
const minutes = Number(values.minutes ?? 1);
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32));
const nodes = nodesOf(values.nodes);
const bits = randomBits(seed);
const folder = mkdtempSync(join(tmpdir(), "shmgen-soak-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

/** One run, added to `sums`. */
async function run(name, { node, depth, seed: own }, sums) {
  const file = join(folder, name);
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const path = `${dirname(node.path)}${delimiter}${process.env.PATH ?? ""}`;
  const { code, output } = await runNode(
    [vitest, "run", "--config", "vitest.soak.config.ts", "--tags-filter", "soak"],
    {
      node: node.path,
      cwd: root,
      env: { ...process.env, PATH: path, SHMGEN_TALLY: file, SHMGEN_DEPTH: depth, SHMGEN_SEED: String(own) },
    },
  );
  if (code !== 0) throw new Error(output);
  const found = new Sums();
  for (const line of existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : []) {
    const { what, counts } = JSON.parse(line);
    found.add(what, counts);
    sums.add(what, counts);
  }
  if (!(found.of("leaks").operations > 0)) throw new Error(`nobody looked for leaks\n${output}`);
  for (const what of WORK) if (!(found.of(what).kills > 0)) throw new Error(`nobody was killed: ${what}\n${output}`);
}

console.log(`containers: seed=${seed} minutes=${minutes} nodes=${nodes.map(({ version }) => version).join(" ")}`);
const begin = performance.now();
const spent = () => (performance.now() - begin) / 60_000;
const sums = new Sums();
const runsOf = nodes.map(() => 0);
let runs = 0;
do {
  const own = bits();
  const depth = runs > 0 && minutes - spent() >= DEEP_MINUTES ? "deep" : "short";
  const turn = runs % nodes.length;
  const node = nodes[turn];
  try {
    await run(String(runs), { node, depth, seed: own }, sums);
  } catch (error) {
    console.error(error.message);
    const again = `${node.path} node_modules/.bin/vitest run --config vitest.soak.config.ts --tags-filter soak`;
    console.error(`failed with Node ${node.version}; again with: SHMGEN_DEPTH=${depth} SHMGEN_SEED=${own} ${again}`);
    process.exitCode = 1;
    break;
  }
  runsOf[turn] += 1;
  runs += 1;
  console.log(`after ${spent().toFixed(1)} min: ${runs} runs; the last one ${depth}, with Node ${node.version}`);
} while (spent() < minutes);
console.log(sums.table());
const turns = nodes.map(({ version }, at) => `${version} ${runsOf[at]}`).join(", ");
console.log(`containers, in ${(spent() * 60).toFixed(1)} s: ${runs} runs (${turns}), seed ${seed}`);
