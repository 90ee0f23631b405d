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

/** The fastest of many short batches: what else the machine does is in the others. */
function alone() {
  let best = Infinity;
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const begin = process.hrtime.bigint();
    for (let turn = 0; turn < BATCH; turn += 1) contender();
    best = Math.min(best, Number(process.hrtime.bigint() - begin) / BATCH);
  }
  return best;
}

if (how === "writes") {
  process.send("writes");
  for (;;) lock.update(change);
}
const writer = how === "beside" ? fork(import.meta.filename, [url, size, name, "writes", own]) : undefined;
if (writer) await once(writer, "message");
const begun = lock.sequence;
console.log(alone().toFixed(2));
if (writer && lock.sequence === begun) throw new Error("nobody wrote");
writer?.kill("SIGKILL");
region.close();
if (directory === undefined) rmSync(own, { recursive: true, force: true });
