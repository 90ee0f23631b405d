/**
 * One contender of the groups of queues and pools: `node lists-contender.mjs GENERATED WORK` prints the ns of one operation, or of a record. Works of
 * several processes fork: two produce and two consume.
 */
import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";

const [generated, work, role, directory] = process.argv.slice(2);
const MANY = 500_000;
const SENT = 50_000;
const PATIENT = { timeoutMs: 60_000 };
const FILE = new URL(import.meta.url).pathname;
const task = (id) => ({
  id,
  kind: 1,
  price: 1.5,
  open: 2.5,
  high: 3.5,
  low: 4.5,
  close: 5.5,
  volume: 6.5,
  turnover: 7.5,
});

function region(dir) {
  process.env.SHMGEN_DIR = dir;
  return import(generated).then(({ Lists }) => Lists.createOrOpen("bench"));
}

/** ns for one call, the best of 20 batches. */
function bestOf(times, call) {
  let best = Infinity;
  for (let batch = 0; batch < 20; batch += 1) {
    const begun = process.hrtime.bigint();
    for (let at = 0; at < times; at += 1) call(at);
    best = Math.min(best, Number(process.hrtime.bigint() - begun) / times);
  }
  return best;
}

/** The same object each time, as the struct of C is. */
const one = task(0);
function numbered(id) {
  one.id = id;
  return one;
}

const ALONE = {
  queue: ({ tasks }) =>
    bestOf(50_000, (id) => {
      tasks.push(numbered(id));
      if (tasks.pop().id !== id) throw new Error("another one");
    }),
  work: ({ jobs }) =>
    bestOf(50_000, (id) => {
      jobs.push(numbered(id));
      const job = jobs.lease();
      if (job.data.id !== id) throw new Error("another one");
      job.done();
    }),
  pool: ({ frames }) =>
    bestOf(50_000, () => {
      const slot = frames.alloc();
      slot.data.id = 1;
      slot.free();
    }),
};

const ROLES = {
  "queue-2x2": {
    produce: ({ tasks }) => {
      for (let id = 0; id < MANY; id += 1) {
        const value = numbered(id);
        if (!tasks.push(value)) tasks.pushWait(value, PATIENT);
      }
    },
    consume: ({ tasks }) => {
      for (let id = 0; id < MANY; id += 1) if (tasks.pop() === undefined) tasks.popWait(PATIENT);
    },
  },
  "work-2x2": {
    produce: ({ jobs }) => {
      for (let id = 0; id < MANY; id += 1) {
        const value = numbered(id);
        if (!jobs.push(value)) jobs.pushWait(value, PATIENT);
      }
    },
    consume: ({ jobs }) => {
      for (let id = 0; id < MANY; id += 1) (jobs.lease() ?? jobs.leaseWait(PATIENT)).done();
    },
  },
};

/** From the moment at which all are ready until all are done. */
async function four(roles) {
  const dir = mkdtempSync("/dev/shm/shmgen-bench-");
  try {
    const opened = await region(dir);
    const children = ["produce", "consume", "produce", "consume"].map((one) => fork(FILE, [generated, work, one, dir]));
    await Promise.all(children.map((child) => new Promise((resolve) => child.once("message", resolve))));
    const ends = children.map((child) => new Promise((resolve) => child.once("exit", resolve)));
    const begun = process.hrtime.bigint();
    for (const child of children) child.send("go");
    for (const code of await Promise.all(ends)) if (code !== 0) throw new Error(`ended with ${code}`);
    opened.close();
    return Number(process.hrtime.bigint() - begun) / (2 * (roles === undefined ? SENT : MANY));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Two send to a parent, which passes each on to one of two others: what there is without shared memory. */
async function sends() {
  const producers = [0, 1].map(() => fork(FILE, [generated, work, "produce", "-"]));
  const consumers = [0, 1].map(() => fork(FILE, [generated, work, "consume", "-"]));
  const all = [...producers, ...consumers];
  await Promise.all(all.map((child) => new Promise((resolve) => child.once("message", resolve))));
  let turn = 0;
  for (const producer of producers) {
    producer.on("message", (message) => {
      if (message === "last") return;
      consumers[turn].send(message);
      turn = 1 - turn;
    });
  }
  const ends = consumers.map((child) => new Promise((resolve) => child.once("exit", resolve)));
  const begun = process.hrtime.bigint();
  for (const child of all) child.send("go");
  await Promise.all(ends);
  return Number(process.hrtime.bigint() - begun) / (2 * SENT);
}

async function send() {
  if (role === "produce") {
    for (let id = 0; id < SENT; id += 1) {
      if (!process.send(task(id))) await new Promise((resolve) => setImmediate(resolve));
    }
    // What is behind the last one on the way is written when its callback is called.
    process.send("last", () => process.disconnect());
    return;
  }
  let seen = 0;
  process.on("message", () => {
    seen += 1;
    if (seen === SENT) process.exit(0);
  });
}

if (role === undefined) {
  if (work === "send-2x2") console.log(await sends());
  else if (ROLES[work] !== undefined) console.log(await four(ROLES[work]));
  else {
    const dir = mkdtempSync("/dev/shm/shmgen-bench-");
    try {
      const opened = await region(dir);
      console.log(ALONE[work](opened.data));
      opened.close();
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  }
} else {
  const opened = work === "send-2x2" ? undefined : await region(directory);
  if (opened !== undefined) {
    // Takes part, before time is taken.
    opened.data.frames.alloc()?.free();
  }
  process.send("ready");
  await new Promise((resolve) => process.once("message", resolve));
  if (opened === undefined) await send();
  else {
    ROLES[work][role](opened.data);
    opened.close();
    process.disconnect();
  }
}
