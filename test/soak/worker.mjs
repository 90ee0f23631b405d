/**
 * A peer of the soak in Node: `node worker.mjs MODULE LEDGER-DIRECTORY LOG SEED WORKER`. Opens, checks and closes regions until
 * it is killed, and leaves the same evidence as test/support/c/peer/storm.c; evidence.h says why it is evidence.
 */
import { appendFileSync, lstatSync, readFileSync, writeSync } from "node:fs";
import { randomBits } from "./random.mjs";

const [module, ledgerDirectory, log, seed, worker] = process.argv.slice(2);
const { Ledger, Shared } = await import(module);
const open = Ledger.open("ledger", { directory: ledgerDirectory });
const ledger = open.data;
const random = randomBits(Number(seed));
const sleeper = new Int32Array(new SharedArrayBuffer(4));
const SLOTS = 8;
const PF_EXITING = 4;
const OPEN_TIMEOUT_MS = 20_000;

function violation(text) {
  ledger.$violations.add(1n);
  appendFileSync(log, `node ${process.pid}: ${text}\n`);
}

function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { state: fields[0], flags: Number(fields[6]), start: BigInt(fields[19]) };
  } catch {
    return undefined;
  }
}

function isAlive(token) {
  const stat = statOf(token & 0x3fffffn);
  if (stat === undefined || stat.start !== token >> 22n) return false;
  return stat.state !== "Z" && stat.state !== "X" && (stat.flags & PF_EXITING) === 0;
}

const token = (statOf("self").start << 22n) | BigInt(process.pid);
const holders = Array.from({ length: SLOTS }, (_, slot) => ledger.holders.at(Number(worker) * SLOTS + slot));
for (const holder of holders) holder.token = token;
const pathOf = (slot) => `${process.env.SHMGEN_DIR}/slot-${slot}`;
const inodeOf = (slot) => lstatSync(pathOf(slot), { bigint: true, throwIfNoEntry: false })?.ino;

/** Nobody else has the region's file, so its path names it, and the generation in it is ours. */
function noteInitialiser(number) {
  const slot = ledger.slots.at(number);
  const inode = inodeOf(number);
  const generation = BigInt(readFileSync(pathOf(number)).readUInt32LE(68));
  const before = slot.$initialiser.exchange(token);
  if (before !== 0n && isAlive(before)) {
    violation(`slot ${number}: two initialisers, the other one is pid ${before & 0x3fffffn}`);
  }
  for (let at = number; at < ledger.holders.length; at += SLOTS) {
    const holder = ledger.holders.at(at);
    if (holder.inode !== inode || !isAlive(holder.token) || holder.inode !== inode) continue;
    violation(`slot ${number}: inode ${inode} is stolen from pid ${holder.token & 0x3fffffn}`);
  }
  if (slot.inode === inode && slot.generation >= generation) {
    violation(`slot ${number}: generation ${generation} after ${slot.generation}`);
  }
  // In this order: whoever is killed on the way must not leave this inode beside the generation of another one.
  slot.inode = 0n;
  slot.generation = generation;
  slot.inode = inode;
}

function initialise(number, data) {
  const stamp = (ledger.$stamps.add(1n) + 1n) << 8n;
  noteInitialiser(number);
  for (let at = 0; at < 64; at += 1) {
    if (data.words[at] !== 0n) violation(`slot ${number}: word ${at} is not zero before initialise`);
    data.words[at] = stamp + BigInt(at);
    if (at === 32 && random() % 4 === 0) Atomics.wait(sleeper, 0, 0, 0.1);
  }
  data.stamp = stamp;
  if (ledger.slots.at(number).$initialiser.compareExchange(token, 0n) !== token) {
    violation(`slot ${number}: another initialiser came before this one had finished`);
  }
}

function checkWhole({ stamp, words }, slot, expected, when) {
  if (stamp !== expected || stamp === 0n) violation(`slot ${slot}: another stamp ${when}`);
  for (let at = 0; at < 64; at += 1) {
    if (words[at] === expected + BigInt(at)) continue;
    violation(`slot ${slot}: word ${at} is torn ${when}`);
    return;
  }
}

function use(region, slot) {
  const { data } = region;
  const { stamp } = data;
  holders[slot].inode = inodeOf(slot) ?? 0n;
  checkWhole(data, slot, stamp, "after opening");
  if (random() % 3 === 0) Atomics.wait(sleeper, 0, 0, (random() % (random() % 8 === 0 ? 3000 : 200)) / 1000);
  data.$counter.add(1n);
  checkWhole(data, slot, stamp, "while open");
  if (!region.isCurrent()) violation(`slot ${slot}: it lost its name while open`);
  holders[slot].inode = 0n;
}

const COUNTS = { opened: "$opened", created: "$created", reinitialised: "$reinitialised" };

function turn() {
  const slot = random() % (1 + (random() % SLOTS));
  const how = random() % 10;
  const name = `slot-${slot}`;
  const options = {
    timeoutMs: OPEN_TIMEOUT_MS,
    onStale: random() % 3 === 0 ? "keep" : "reinitialise",
    cleanup: random() % 6 === 0 ? "keep" : "last-close",
    initialise: (data) => initialise(slot, data),
  };
  let region;
  try {
    if (how === 0) region = Shared.create(name, options);
    else if (how === 1) region = Shared.open(name, { timeoutMs: OPEN_TIMEOUT_MS, cleanup: options.cleanup });
    else region = Shared.createOrOpen(name, options);
  } catch (error) {
    const refused = how === 0 ? ["ERR_SHM_EXISTS"] : how === 1 ? ["ERR_SHM_NOT_FOUND", "ERR_SHM_STALE"] : [];
    if (refused.includes(error.code)) ledger.$refused.add(1n);
    else violation(`${name}: ${error.message}`);
    return;
  }
  ledger[COUNTS[region.outcome]].add(1n);
  use(region, slot);
  region.close();
}

// The parent begins to count down to the signal now.
writeSync(1, "ready\n");
const parent = process.ppid;
while (process.ppid === parent) turn();
