/**
 * Simultaneous starts: N processes that have imported the runtime stand at a barrier, and call `createOrOpen` of one region at
 * the same moment, their first call of all. Beside it the same processes that only load the C library and
 * map a private memory, so that what the machine's cores need for N cold starts can be taken off.
 * `node starts.bench.mjs [--short] [N...]`
 */
import { spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Counter } from "../support/regions/counter.mjs";

const self = fileURLToPath(import.meta.url);
const child = process.argv.indexOf("--child");
const short = process.argv.includes("--short");
const asked = process.argv.slice(2).map(Number).filter(Number.isInteger);

/** What each of them does. The barrier is a FIFO: all who open it for reading go on when somebody opens it for writing. */
function contend(contender, barrier) {
  process.stdout.write("here\n");
  fs.closeSync(fs.openSync(barrier, "r"));
  const before = process.cpuUsage();
  let outcome;
  try {
    const region =
      contender === "bare" ? Counter.createAnonymous() : Counter.createOrOpen("bomb", { timeoutMs: 60_000 });
    outcome = contender === "bare" ? "bare" : region.outcome;
    globalThis.kept = region;
  } catch (error) {
    outcome = error.code ?? String(error);
  }
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(`${outcome} ${(user + system) / 1000}\n`);
  // Until all are there, so that nobody makes it a second time.
  process.stdin.resume();
  process.stdin.on("end", () => process.exit(0));
}

/** Starts `count` of them; how long it took until the last one had it, ms, and what came out. */
async function start(contender, count, directory) {
  const barrier = `${directory}/.barrier-${contender}-${count}`;
  spawnSync("mkfifo", [barrier]);
  const env = { ...process.env, SHMGEN_DIR: directory };
  const children = [];
  const said = { here: 0, answers: [], listener: undefined };
  /** Until they have said so many things. */
  const until = async (key, wanted) => {
    const size = () => (key === "here" ? said.here : said.answers.length);
    while (size() < wanted) await new Promise((resolve) => (said.listener = resolve));
  };
  for (let n = 0; n < count; n += 1) {
    const stdio = ["pipe", "pipe", "inherit"];
    const one = spawn(process.execPath, [self, "--child", contender, barrier], { env, stdio });
    children.push(one);
    createInterface({ input: one.stdout }).on("line", (line) => {
      if (line === "here") said.here += 1;
      else said.answers.push(line.split(" "));
      said.listener?.();
    });
    // It is not how a machine starts processes that is to be seen.
    if (n % 8 === 7) await until("here", n - 7);
  }
  await until("here", count);
  await new Promise((resolve) => setTimeout(resolve, 500));
  const begin = performance.now();
  const writer = fs.openSync(barrier, "w");
  await until("answers", count);
  const took = performance.now() - begin;
  fs.closeSync(writer);
  const outcomes = countsOf(said.answers.map(([outcome]) => outcome));
  const busyMs = said.answers.reduce((sum, [, ms]) => sum + Number(ms), 0) / count;
  for (const one of children) one.stdin.end();
  await Promise.all(children.map((one) => one.exitCode ?? new Promise((resolve) => one.once("close", resolve))));
  fs.rmSync(barrier);
  return { took, busyMs, outcomes: outcomes };
}

/** `"1 created, 15 opened"` */
function countsOf(words) {
  const counts = new Map();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, count]) => `${count} ${word}`).join(", ");
}

if (child !== -1) {
  contend(...process.argv.slice(child + 1));
} else {
  const directory = fs.mkdtempSync("/dev/shm/shmgen-bench-");
  try {
    for (const count of asked.length > 0 ? asked : short ? [16, 64] : [16, 64, 200, 500]) {
      const bare = await start("bare", count, directory);
      const { took, busyMs, outcomes } = await start("shmgen", count, directory);
      const seconds = (ms) => `${(ms / 1000).toFixed(2).padStart(6)} s`;
      console.log(
        `${String(count).padStart(4)} processes at once ${seconds(took)}   ${(took / count).toFixed(1)} ms each   ` +
          `${(took / bare.took).toFixed(2)} x memory of their own; ` +
          `processor time ${busyMs.toFixed(1)} ms each, ${(busyMs / bare.busyMs).toFixed(2)} x   ${outcomes}`,
      );
    }
  } finally {
    fs.rmSync(directory, { recursive: true, force: true });
  }
}
