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
let { data } = region;
const grows = "grains" in data;
let { frames, lent } = data;
let container = data[field];
/** Once the tail has grown there are new accessors for all. */
function refresh() {
  if (!region.refresh()) return;
  ({ data } = region);
  ({ frames, lent } = data);
  container = data[field];
}
const MOST = Number(most);
const PUSHED = 0x10000;
const CROSSED = 0x20000;
const THREADS_MAX = 4096;
/** Elements that a tail grows to. */
const GRAINS = 100_000;
const markOf = (at) => (Math.imul(at + 1, 0x9e3779b1) | 1) >>> 0;
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

/** Deaths when the last timed call was over: since then each lock that it took was free. */
let deathsBefore;
/** A call that waits for nothing but a lock. Says how long it took when somebody has died who may have had that, and nobody was stopped. */
function timed(call) {
  const { stops } = data;
  const begin = performance.now();
  const result = call();
  const micros = Math.ceil((performance.now() - begin) * 1000);
  const { deaths } = data;
  const isAfterDeath = deaths !== deathsBefore;
  deathsBefore = deaths;
  if (!isAfterDeath || stops % 2 === 1 || data.stops !== stops) return result;
  if (micros > 100_000) data.$slow.add(1);
  for (let longest = data.longest; longest < micros; longest = data.longest) {
    data.$longest.compareExchange(longest, micros);
  }
  return result;
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
    if (!timed(() => container.push(job))) while (inTime(isPushed) === undefined);
    data.ledger.field(id).add(PUSHED);
    if (grows && id % 64 === 0) ROLES.grow();
    return true;
  },
  pop() {
    const job = timed(() => container.pop()) ?? inTime(() => container.popWait(WAIT));
    if (job === undefined) return data.isOver === 0;
    countTaken(checked(job), job.by);
    inOrder(job);
    return true;
  },
  work() {
    const job = timed(() => container.lease()) ?? inTime(() => container.leaseWait(WAIT));
    if (job === undefined) return data.isOver === 0;
    countTaken(checked(job.data), job.data.by);
    job.done();
    return true;
  },
  /** Fills a slot of the pool, and passes its handle on. */
  fill() {
    const id = data.$next.add(1);
    if (id >= MOST) return false;
    let slot = timed(() => frames.alloc());
    while (slot === undefined) slot = inTime(() => frames.allocWait(WAIT));
    slot.data.owner = id;
    slot.data.hits = ME;
    slot.data.pixels.fill(id & 0xff);
    const isPushed = () => {
      lent.pushWait(slot.handle, WAIT);
      return true;
    };
    if (!timed(() => lent.push(slot.handle))) while (inTime(isPushed) === undefined);
    slot.lend();
    data.ledger.field(id).add(PUSHED);
    return true;
  },
  /** Takes the slots of handles, and frees them. A handle is stale when who took its slot before has died with it. */
  drain() {
    const job = timed(() => lent.lease()) ?? inTime(() => lent.leaseWait(WAIT));
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
  /** Adds elements to the tail, as far as it goes, and marks them. Everybody marks an element alike. */
  grow() {
    const { length } = data.grains;
    try {
      if (length < GRAINS) region.growTail(Math.min(length + 20 + (length % 300), GRAINS));
    } catch (error) {
      // Another one has made it longer than that.
      if (error.code !== "ERR_SHM_RANGE") throw error;
    }
    refresh();
    const first = Math.max(length - 500, 0);
    for (let at = first; at < data.grains.length; at += 1) {
      const mark = data.grains.at(at);
      if (mark !== 0 && mark !== markOf(at)) fail(`another element: ${at} has ${mark}`);
      if (mark === 0) data.grains.set(at, markOf(at));
    }
    return data.isOver === 0;
  },
};

if (parentPort === null) process.stdout.write("at work\n");
else parentPort.postMessage("at work");
while (data.isOn === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
while (ROLES[role]()) if (grows) refresh();
region.close();
