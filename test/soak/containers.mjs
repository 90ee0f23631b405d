/**
 * Containers under random SIGKILL, SIGSTOP and SIGCONT, in processes of Node and C and in threads, for some minutes:
 *
 *   node test/soak/containers.mjs --minutes N [--seed S]
 *
 * Runs the tests that are tagged with "soak", again and again with other seeds: with numbers and sums in what they hand on they find
 * whatever is lost, torn, there twice or out of order. A run that has begun comes to its end. The first ones are short, and
 * those with time enough before them go deep. Exit code 1 at the first that fails.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { randomBits } from "./random.mjs";
import { runNode } from "./run-node.mjs";

const root = join(import.meta.dirname, "../..");
/** What a deep run takes, about. */
const DEEP_MINUTES = 5;
/** What has to be done in each run, by the words of its tests. */
const LISTS = ["queues", "pools", "work"];
const WORK = ["locks", "values", "rings", "broadcasts", "maps", "C and Node", ...LISTS].concat(
  LISTS.flatMap((list) => [`${list} of C and Node`, `${list} of threads`]),
);

const string = { type: "string" };
const { values } = parseArgs({ options: { minutes: string, seed: string } });
const minutes = Number(values.minutes ?? 1);
const bits = randomBits(Number(values.seed ?? Math.floor(Math.random() * 2 ** 32)));
const folder = mkdtempSync(join(tmpdir(), "shmgen-soak-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

/** One run, added to `sums`. */
async function run(name, { depth, seed }, sums) {
  const file = join(folder, name);
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const { code, output } = await runNode(
    [vitest, "run", "--config", "vitest.soak.config.ts", "--tags-filter", "soak"],
    { cwd: root, env: { ...process.env, SHMGEN_TALLY: file, SHMGEN_DEPTH: depth, SHMGEN_SEED: String(seed) } },
  );
  if (code !== 0) throw new Error(output);
  const own = {};
  for (const line of existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : []) {
    const { what, counts } = JSON.parse(line);
    add(own, what, counts);
    add(sums, what, counts);
  }
  for (const what of WORK) if (!(own[what]?.kills > 0)) throw new Error(`nobody was killed: ${what}\n${output}`);
}

function add(table, what, counts) {
  const row = (table[what] ??= {});
  for (const [key, count] of Object.entries(counts)) row[key] = (row[key] ?? 0) + count;
}

const begin = performance.now();
const spent = () => (performance.now() - begin) / 60_000;
const sums = {};
let runs = 0;
do {
  const seed = bits();
  const depth = runs > 0 && minutes - spent() >= DEEP_MINUTES ? "deep" : "short";
  try {
    await run(String(runs), { depth, seed }, sums);
  } catch (error) {
    console.error(error.message);
    const again = `SHMGEN_DEPTH=${depth} SHMGEN_SEED=${seed} npx vitest run --config vitest.soak.config.ts --tags-filter soak`;
    console.error(`failed; again with: ${again}`);
    process.exitCode = 1;
    break;
  }
  runs += 1;
} while (spent() < minutes);
for (const [what, row] of Object.entries(sums)) {
  console.log(
    `${what}: ${Object.entries(row)
      .map(([key, count]) => `${key} ${count}`)
      .join(", ")}`,
  );
}
console.log(`containers, in ${(spent() * 60).toFixed(1)} s: ${runs} runs`);
