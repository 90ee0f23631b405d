/**
 * One contender of the groups of mutexes: `node mutex-contender.mjs NAME [contended]` prints ns for a turn, which is to take, to add 1
 * to a number, and to let go. Contended: two processes have turns without a pause, and both count.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { Gates } from "../../../support/containers/gates.mjs";

const [name, how, directory] = process.argv.slice(2);
const BATCH = 20_000;
const BATCHES = 100;
const TURNS = 2_000_000;

const own = directory ?? mkdtempSync("/dev/shm/shmgen-bench-");
const region = Gates.createOrOpen("bench", { directory: own });
const { data } = region;
const words = data.wordsOf("door");
const me = data.participants.self();
const { door, seats } = data;

const CONTENDERS = {
  raw() {
    Atomics.compareExchange(words, 0, 0, me);
    data.add();
    Atomics.exchange(words, 0, 0);
  },
  "raw, nothing between"() {
    Atomics.compareExchange(words, 0, 0, me);
    Atomics.exchange(words, 0, 0);
  },
  "shmgen, nothing between"() {
    door.lock().unlock();
  },
  "raw spinning"() {
    while (Atomics.compareExchange(words, 0, 0, me) !== 0);
    data.add();
    Atomics.exchange(words, 0, 0);
  },
  shmgen() {
    const lock = door.lock();
    data.add();
    lock.unlock();
  },
  tryLock() {
    const lock = door.tryLock();
    data.add();
    lock.unlock();
  },
  semaphore() {
    const permit = seats.acquire();
    data.add();
    permit.release();
  },
};
const turn = CONTENDERS[name];

/** The fastest of many short batches: what else the machine does is in the others. */
function alone() {
  let best = Infinity;
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const begun = process.hrtime.bigint();
    for (let count = 0; count < BATCH; count += 1) turn();
    best = Math.min(best, Number(process.hrtime.bigint() - begun) / BATCH);
  }
  return best;
}

function turns() {
  const begun = process.hrtime.bigint();
  for (let count = 0; count < TURNS; count += 1) turn();
  return Number(process.hrtime.bigint() - begun) / TURNS;
}

async function contended() {
  const partner = fork(import.meta.filename, [name, how, own]);
  await once(partner, "message");
  partner.send("go");
  const ns = turns();
  const [theirs] = await once(partner, "message");
  const expected = 2 * TURNS + 2 * BATCH;
  if (data.totals[0] !== expected) throw new Error(`${name} counted ${data.totals[0]} of ${expected}`);
  // Both have had their turns in this time.
  return Math.max(ns, theirs) / 2;
}

if (directory === undefined) {
  try {
    if (how === "contended") for (let count = 0; count < BATCH; count += 1) turn();
    console.log(how === "contended" ? await contended() : alone());
  } finally {
    region.close();
    rmSync(own, { recursive: true, force: true });
  }
} else {
  for (let count = 0; count < BATCH; count += 1) turn();
  process.once("message", () => process.send(turns(), () => process.disconnect()));
  process.send("ready");
}
