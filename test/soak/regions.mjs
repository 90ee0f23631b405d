/**
 * Random SIGKILL, SIGSTOP and SIGCONT of peers in Node and in C that open, use and close the same regions:
 *
 *   node test/soak/regions.mjs --minutes N [--seed S] [--node-kills N] [--c-kills N] [--node-workers N] [--c-workers N] [--nodes PATH:PATH]
 *
 * Ends when the time is over or both numbers of kills are reached. Exit code 1 when any peer, or this process, saw what must
 * not happen: two initialisers, a live or stopped holder's region made anew or without its name, content that is not whole,
 * a generation that does not grow, an error, or an open that did not return within 20 seconds. The seed repeats what every
 * process intends and when it is signalled; in which order the kernel runs them it cannot repeat.
 */
import { spawn } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { buildPeers, withoutGcc } from "../support/c/peer/peers.mjs";
import { nodesOf } from "./nodes.mjs";
import { randomBits } from "./random.mjs";

const HANG_MS = 30_000;
/** Rows of holders in the ledger. */
const WORKERS = 32;

const number = { type: "string" };
const { values } = parseArgs({
  options: {
    minutes: number,
    seed: number,
    "node-kills": number,
    "c-kills": number,
    "node-workers": number,
    "c-workers": number,
    library: number,
    nodes: number,
  },
});

function option(name, missing, least = 0) {
  const value = values[name] === undefined ? missing : Number(values[name]);
  if (value >= least) return value;
  console.error(`--${name} is a number of at least ${least}: found=${values[name]}`);
  process.exit(2);
}

const minutes = option("minutes", 1);
const seed = option("seed", Math.floor(Math.random() * 2 ** 32));
const nodeKillsWanted = option("node-kills", Number.POSITIVE_INFINITY);
const cKillsWanted = option("c-kills", Number.POSITIVE_INFINITY);
const nodeWorkers = option("node-workers", 2);
const cWorkers = option("c-workers", 4);
if (nodeWorkers + cWorkers > WORKERS) {
  console.error(`at most ${WORKERS} workers: found=${nodeWorkers + cWorkers}`);
  process.exit(2);
}
if (withoutGcc !== undefined) {
  console.error(`the soak needs a C compiler: ${withoutGcc}`);
  process.exit(2);
}

const nodes = nodesOf(values.nodes);
const peers = await buildPeers(values.library);
const base = mkdtempSync("/dev/shm/shmgen-soak-");
const children = new Set();
process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(base, { recursive: true, force: true });
  peers.remove();
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(130));
const regions = join(base, "regions");
const log = join(base, "violations");
mkdirSync(regions, { mode: 0o700 });
const { Ledger, Shared } = await import(peers.module);
const ledgerDirectory = join(base, "ledger");
const ledgerRegion = Ledger.createOrOpen("ledger", { directory: ledgerDirectory });
const ledger = ledgerRegion.data;
const environment = { ...process.env, SHMGEN_DIR: regions };
const counts = { nodeKills: 0, nodePauses: 0, nodePausesOfHolders: 0 };
const end = performance.now() + minutes * 60_000;
const running = () => performance.now() < end && ledger.violations === 0n;

function violation(text) {
  ledger.$violations.add(1n);
  appendFileSync(log, `soak: ${text}\n`);
}

/** The C side: kills its own peers, some thousand in a second. */
function storm() {
  if (cWorkers === 0 || cKillsWanted === 0) return Promise.resolve({});
  const kills = Math.min(cKillsWanted, Number.MAX_SAFE_INTEGER);
  const args = [ledgerDirectory, log, seed, nodeWorkers, cWorkers, kills, Math.ceil(minutes * 60)];
  const child = spawn(peers.program("storm"), args.map(String), {
    env: environment,
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.add(child);
  let output = "";
  child.stdout.on("data", (text) => (output += text));
  return new Promise((resolve) => {
    child.once("close", (code, signal) => {
      children.delete(child);
      if (code !== 0) violation(`storm ended by itself: code=${code} signal=${signal}`);
      resolve(code === 0 ? JSON.parse(output) : {});
    });
  });
}

function heldBy(worker) {
  for (let slot = 0; slot < 8; slot += 1) {
    const { inode } = ledger.holders.at(worker * 8 + slot);
    if (inode !== 0n) return { slot, inode };
  }
  return undefined;
}

function isStopped(pid) {
  try {
    return /\) T /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    // It has ended.
    return false;
  }
}

/** Stops it for a while. What it has open is its own as long as it is stopped. */
async function pause(child, worker, ms) {
  child.kill("SIGSTOP");
  // One that has ended by itself is told of where its end is waited for.
  while (child.exitCode === null && child.signalCode === null && !isStopped(child.pid)) await sleep(1);
  const held = heldBy(worker);
  await sleep(ms);
  if (held !== undefined) {
    counts.nodePausesOfHolders += 1;
    const path = join(regions, `slot-${held.slot}`);
    const now = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    if (now?.ino !== held.inode) violation(`${path}: it lost its name while its holder was stopped`);
    // Live for everybody: a left-over would be refused. Without a wait, because another one that this process has stopped
    // may have the lifecycle lock.
    try {
      Shared.open(`slot-${held.slot}`, { directory: regions, cleanup: "keep", timeoutMs: 0 }).close();
    } catch (error) {
      if (error.code !== "ERR_SHM_BUSY") violation(`${path}: ${error.message}`);
    }
  }
  counts.nodePauses += 1;
  child.kill("SIGCONT");
}

/** One after the other: a process begins, works for some milliseconds, is perhaps stopped, and is killed. */
async function nodeLane(worker) {
  const script = join(import.meta.dirname, "worker.mjs");
  const bits = randomBits(seed ^ Math.imul(worker + 1, 0x9e3779b1));
  for (let life = worker; running() && counts.nodeKills < nodeKillsWanted; life += 1) {
    for (let slot = 0; slot < 8; slot += 1) ledger.holders.at(worker * 8 + slot).inode = 0n;
    const args = [script, peers.module, ledgerDirectory, log, bits(), worker];
    const child = spawn(nodes[life % nodes.length].path, args.map(String), {
      env: environment,
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.add(child);
    const exited = new Promise((resolve) => {
      child.once("exit", (code, signal) => resolve({ code, signal }));
    });
    await new Promise((resolve) => {
      createInterface({ input: child.stdout }).once("line", resolve);
      child.once("exit", resolve);
    });
    const afterMs = (bits() % 40_000) / 1000;
    if (bits() % 5 === 0) {
      await sleep(bits() % 20);
      await pause(child, worker, bits() % 20);
    }
    await sleep(afterMs);
    child.kill("SIGKILL");
    const { signal, code } = await exited;
    children.delete(child);
    if (signal === "SIGKILL") counts.nodeKills += 1;
    else violation(`a Node peer ended by itself: code=${code} signal=${signal}`);
  }
}

function callsText() {
  const names = ["opened", "created", "reinitialised", "refused", "violations"];
  return names.map((name) => `${name}=${ledger[name]}`).join(" ");
}

/** Opens that nobody comes to the end of are hangs, even where every single process would still be within its time. */
async function watch(signal) {
  let last = -1n;
  let since = performance.now();
  let told = since;
  for (;;) {
    await sleep(200, undefined, { signal });
    if (performance.now() - told > 60_000) {
      told = performance.now();
      console.log(`after ${((told - begin) / 60_000).toFixed(0)} min: ${callsText()} node-kills=${counts.nodeKills}`);
    }
    const progress = ledger.opened + ledger.created + ledger.reinitialised + ledger.refused;
    if (progress !== last) {
      last = progress;
      since = performance.now();
    } else if (performance.now() - since > HANG_MS) {
      violation(`nobody opened anything for ${HANG_MS} ms`);
      return;
    }
  }
}

/** What is left when all are dead has to be usable. */
function checkRemains() {
  for (let slot = 0; slot < 8; slot += 1) {
    const region = Shared.createOrOpen(`slot-${slot}`, { directory: regions, timeoutMs: 1000 });
    if (region.outcome === "opened") throw new Error(`slot-${slot} is open, but nobody is left`);
    region.close();
  }
  const remains = readdirSync(regions);
  if (remains.length > 0) throw new Error(`files remain: ${remains.join(" ")}`);
}

console.log(
  `soak: seed=${seed} minutes=${minutes} node-workers=${nodeWorkers} c-workers=${cWorkers} nodes=${nodes.map(({ version }) => version)}`,
);
const begin = performance.now();
const watching = new AbortController();
watch(watching.signal).catch(() => undefined);
const work = Promise.all([storm(), ...Array.from({ length: nodeWorkers }, (_, worker) => nodeLane(worker))]);
const [cCounts] = await work;
try {
  if (ledger.violations === 0n) checkRemains();
} catch (error) {
  violation(error.message);
}
watching.abort();
console.log(`C: ${JSON.stringify(cCounts)}`);
console.log(`Node: ${JSON.stringify(counts)}`);
console.log(`both, in ${((performance.now() - begin) / 1000).toFixed(1)} s: ${callsText()}`);
if (ledger.violations > 0n) {
  if (existsSync(log)) console.error(readFileSync(log, "utf8").slice(0, 10_000));
  const again = process.argv.slice(2).filter((_, at, all) => !all[at].startsWith("--seed") && all[at - 1] !== "--seed");
  console.error(`failed; again with: node test/soak/regions.mjs ${again.join(" ")} --seed ${seed}`);
  process.exitCode = 1;
}
ledgerRegion.close();
