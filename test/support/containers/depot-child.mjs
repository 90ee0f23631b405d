/**
 * One who works in a depot, in a process of its own or a thread, which others kill and stop: `node depot-child.mjs REGION ROLE FIELD MOST MODULE
 * MAPPING`. A thread may be given the shared region as its data. Says that it is at work by a line, or a message. depot-child.c is the
 * same in C.
 *
 * Elements have ids from `next`, and prove themselves by sums. In the ledger each id has what became of it: PUSHED when it was pushed for
 * sure, CROSSED when it was taken by another language than its own, and how often it was taken, or done.
 */
import { parentPort, threadId, workerData } from "node:worker_threads";

const [name, role, field, most, module, mapping] = process.argv.slice(2);
const { Depot } = await import(module);
const region = workerData === null ? Depot.open(name, { mapping }) : Depot.fromShared(workerData);
const { data } = region;
const { frames, lent } = data;
const container = data[field];
const MOST = Number(most);
const PUSHED = 0x10000;
const CROSSED = 0x20000;
const THREADS_MAX = 4096;
const WAIT = { timeoutMs: 50 };
const sumOf = (id, by) => (Math.imul(id, 0x9e3779b1) ^ Math.imul(by, 0x85ebca6b)) >>> 0;
/** Of one life. The last thread is nobody in Node, but a process in C. */
const ME = (process.pid * THREADS_MAX + threadId) >>> 0;
const jobOf = (id) => ({ id, by: ME, sum: sumOf(id, ME) });

function fail(what) {
  throw new Error(what);
}

function checked({ id, by, sum }) {
  if (sum !== sumOf(id, by)) fail(`torn: id=${id} by=${by} sum=${sum}`);
  return id;
}

function countTaken(id, by) {
  const entry = data.ledger.field(id);
  entry.add(1);
  if (by % THREADS_MAX === THREADS_MAX - 1) entry.or(CROSSED);
}

/** The last id of each producer that this consumer has seen. */
const last = new Map();
function inOrder({ id, by }) {
  if ((last.get(by) ?? -1) >= id) fail(`out of order: ${id} after ${last.get(by)} by ${by}`);
  last.set(by, id);
}

/** What a call gives, or undefined when it has waited in vain. */
function inTime(call) {
  try {
    return call();
  } catch (error) {
    if (error.code !== "ERR_SHM_BUSY") throw error;
    return undefined;
  }
}

const ROLES = {
  push() {
    const id = data.$next.add(1);
    if (id >= MOST) return false;
    const job = jobOf(id);
    const isPushed = () => {
      container.pushWait(job, WAIT);
      return true;
    };
    while (inTime(isPushed) === undefined);
    data.ledger.field(id).add(PUSHED);
    return true;
  },
  pop() {
    const job = inTime(() => container.popWait(WAIT));
    if (job === undefined) return data.isOver === 0;
    countTaken(checked(job), job.by);
    inOrder(job);
    return true;
  },
  work() {
    const job = inTime(() => container.leaseWait(WAIT));
    if (job === undefined) return data.isOver === 0;
    countTaken(checked(job.data), job.data.by);
    job.done();
    return true;
  },
  /** Fills a slot of the pool, and passes its handle on. */
  fill() {
    const id = data.$next.add(1);
    if (id >= MOST) return false;
    let slot;
    while (slot === undefined) slot = inTime(() => frames.allocWait(WAIT));
    slot.data.owner = id;
    slot.data.hits = ME;
    slot.data.pixels.fill(id & 0xff);
    const isPushed = () => {
      lent.pushWait(slot.handle, WAIT);
      return true;
    };
    while (inTime(isPushed) === undefined);
    slot.lend();
    data.ledger.field(id).add(PUSHED);
    return true;
  },
  /** Takes the slots of handles, and frees them. A handle is stale when who took its slot before has died with it. */
  drain() {
    const job = inTime(() => lent.leaseWait(WAIT));
    if (job === undefined) return data.isOver === 0;
    let slot;
    try {
      slot = frames.take(job.data);
    } catch (error) {
      if (error.code !== "ERR_SHM_STALE") throw error;
      job.done();
      return true;
    }
    const { owner, hits, pixels } = slot.data;
    for (const pixel of pixels) if (pixel !== (owner & 0xff)) fail(`another frame: owner=${owner} pixel=${pixel}`);
    countTaken(owner, hits);
    job.done();
    slot.free();
    return true;
  },
};

if (parentPort === null) process.stdout.write("at work\n");
else parentPort.postMessage("at work");
while (data.isOn === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
while (ROLES[role]());
region.close();
