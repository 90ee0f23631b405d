/**
 * One contender of the groups of seqlocks: `node seqlock-contender.mjs MODULE SIZE NAME [beside]` prints ns for a read or an update of
 * a value of 64 or 1,000 bytes. `beside`: while another process updates it without a pause.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { rawMemory } from "@shmgen/runtime/codegen-v1";

const [url, size, name, how, directory] = process.argv.slice(2);
const { Floor, Short, Long } = await import(url);
const BATCH = 5_000;
const BATCHES = 200;

const own = directory ?? mkdtempSync("/dev/shm/shmgen-bench-");
const region = Floor.createOrOpen("bench", { directory: own });
const lock = size === "64" ? region.data.short : region.data.long;
const copy = (size === "64" ? Short : Long).local();
const length = Number(size) / 4;

/** The memory of its first cell, and private memory as long. */
const field = Floor.layout.fields.find((one) => one.name === (size === "64" ? "short" : "long"));
const sequence = (128 + field.offset) / 4;
const { u32, buffer } = rawMemory(region.memory);
const cell = new Uint32Array(buffer, 4 * sequence + 16, length);
const target = new Uint32Array(length);

const CONTENDERS = {
  set: () => target.set(cell),
  loop() {
    for (let index = 0; index < length; index += 1) target[index] = cell[index];
  },
  "loop, between sequences"() {
    const before = Atomics.load(u32, sequence);
    for (let index = 0; index < length; index += 1) target[index] = cell[index];
    return before === Atomics.load(u32, sequence);
  },
  atomics() {
    const before = Atomics.load(u32, sequence);
    for (let index = 0; index < length; index += 1) target[index] = Atomics.load(cell, index);
    return before === Atomics.load(u32, sequence);
  },
  "read(copy)": () => lock.read(copy),
  "read()": () => lock.read(),
  update: () => lock.update(change),
};
const contender = CONTENDERS[name];
let turns = 0;
function change({ words }) {
  words[0] = turns += 1;
}

/** Of one batch: ns for a turn, and how many values were published meanwhile. */
function batch(length) {
  const [begin, first] = [process.hrtime.bigint(), lock.sequence];
  for (let turn = 0; turn < length; turn += 1) contender();
  return { ns: Number(process.hrtime.bigint() - begin) / length, published: (lock.sequence - first) >>> 0 };
}

/** The fastest of many short batches: what else the machine does is in the others. */
function alone() {
  let best = Infinity;
  for (let count = 0; count < BATCHES; count += 1) best = Math.min(best, batch(BATCH).ns);
  return best;
}

/** The middle one of batches, too short to be interrupted in most, in which the writer published all the time. */
function beside() {
  const all = [];
  for (let warm = 0; warm < 200; warm += 1) batch(BATCH / 10);
  while (all.length < 10 * BATCHES) {
    const { ns, published } = batch(BATCH / 10);
    // One update takes a microsecond or less.
    if (published > (ns * BATCH) / 10 / 2000) all.push(ns);
  }
  return all.sort((a, b) => a - b)[all.length / 2];
}

if (how === "writes") {
  process.send("writes");
  for (;;) lock.update(change);
}
const writer = how === "beside" ? fork(import.meta.filename, [url, size, name, "writes", own]) : undefined;
if (writer) await once(writer, "message");
console.log((writer ? beside() : alone()).toFixed(2));
writer?.kill("SIGKILL");
region.close();
if (directory === undefined) rmSync(own, { recursive: true, force: true });
