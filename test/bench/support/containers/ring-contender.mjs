/**
 * One contender of the groups of rings: `node ring-contender.mjs GENERATED WAY [CONSUMER'S WAY]` prints ns for each record of 64 bytes, or for
 * each round trip. The parent consumes, or sends and gets back.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { MessageChannel, receiveMessageOnPort, Worker, isMainThread, workerData } from "node:worker_threads";
import { rawMemory } from "@shmgen/runtime/codegen-v1";
import { RingBuffer } from "ringbuf.js";

const [generated, way, how, role, directory] = process.argv.slice(2);
const COUNTS = { send: 100_000, port: 100_000, forAwait: 1_000_000 };
const TRIPS = { spinning: 200_000, sleeping: 20_000, async: 20_000, send: 10_000 };
const COUNT = way === "trip" ? TRIPS[how] : (COUNTS[how] ?? COUNTS[way] ?? 3_000_000);
const WARM_UP = Math.floor(COUNT / 10);
const TOTAL = COUNT + WARM_UP;
const BATCH = 16;
const PATIENT = { timeoutMs: 60_000 };
const FILE = new URL(import.meta.url).pathname;

function fill(slot, id) {
  slot.id = id;
  slot.kind = 1;
  slot.price = 1.5;
  slot.open = 2.5;
  slot.high = 3.5;
  slot.low = 4.5;
  slot.close = 5.5;
  slot.volume = 6.5;
  slot.turnover = 7.5;
}
const record = (id) => ({
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

/** Time of those after the warm-up, as the consumer has them; each proves that it is the next one. */
let next = 0;
let begun = 0n;
function have(tick) {
  if (tick.id !== next) throw new Error(`${tick.id} after ${next - 1}`);
  next += 1;
  if (next === WARM_UP) begun = process.hrtime.bigint();
}
const figure = () => Number(process.hrtime.bigint() - begun) / COUNT;

const produce = {
  claim(producer) {
    for (let id = 0; id < TOTAL; id += 1) {
      let slot = producer.claim();
      while (slot === undefined) {
        producer.wait(PATIENT);
        slot = producer.claim();
      }
      fill(slot, id);
      producer.publish();
    }
  },
  push(producer) {
    for (let id = 0; id < TOTAL; id += 1) {
      const value = record(id);
      if (!producer.push(value)) producer.pushWait(value, PATIENT);
    }
  },
  batch(producer) {
    for (let id = 0; id < TOTAL;) {
      let claimed = 0;
      for (; claimed < BATCH && id < TOTAL; claimed += 1, id += 1) {
        const slot = producer.claim();
        if (slot === undefined) break;
        fill(slot, id);
      }
      if (claimed > 0) producer.publish(claimed);
      else producer.wait(PATIENT);
    }
  },
};

const consume = {
  peek(consumer) {
    while (next < TOTAL) {
      const tick = consumer.peek();
      if (tick === undefined) {
        consumer.wait(PATIENT);
        continue;
      }
      have(tick);
      consumer.release();
    }
  },
  pop(consumer) {
    while (next < TOTAL) {
      const tick = consumer.pop();
      if (tick === undefined) consumer.wait(PATIENT);
      else have(tick);
    }
  },
  drain(consumer) {
    for (let taken = 0; taken < TOTAL;) {
      const count = consumer.drain(have, BATCH);
      if (count === 0) consumer.wait(PATIENT);
      taken += count;
    }
  },
  async forAwait(consumer) {
    for await (const tick of consumer) {
      have(tick);
      if (next === TOTAL) break;
    }
  },
};

/**
 * What JavaScript can do at best: the same ring by typed arrays with constant places, without any check, one by one or in batches. Zeros
 * slots and rests as shmgen does.
 */
function overArrays({ memory }, isParent) {
  const { u32, f64 } = rawMemory(memory);
  const [tailAt, headAt, slotsAt] = [1024, 1040, 528];
  const most = how === "batch" ? BATCH : 1;
  const lookAt = (at, known) => {
    let found = Atomics.load(u32, at);
    while (found === known) {
      for (let turn = 0; turn < 2000; turn += 1) idle = (idle + turn) | 0;
      found = Atomics.load(u32, at);
    }
    return found;
  };
  let [tail, head] = [0, 0];
  if (isParent) take();
  else put();

  function put() {
    while (tail < TOTAL) {
      let count = 0;
      for (; count < most && tail + count < TOTAL; count += 1) {
        if (tail + count - head === 1024) {
          if (count > 0) break;
          head = lookAt(headAt, head);
        }
        const at = slotsAt + ((tail + count) & 1023) * 8;
        for (let word = 0; word < 8; word += 1) f64[at + word] = 0;
        u32[2 * at] = tail + count;
        u32[2 * at + 1] = 1;
        for (let word = 1; word < 8; word += 1) f64[at + word] = word + 0.5;
      }
      tail += count;
      Atomics.store(u32, tailAt, tail);
      if (Atomics.load(u32, tailAt + 2) !== 0) throw new Error("nobody sleeps here");
    }
  }

  function take() {
    while (head < TOTAL) {
      if (head === tail) tail = lookAt(tailAt, tail);
      const count = Math.min(most, tail - head);
      for (let index = 0; index < count; index += 1) {
        if (u32[2 * (slotsAt + ((head + index) & 1023) * 8)] !== next) throw new Error("not the next one");
        next += 1;
        if (next === WARM_UP) begun = process.hrtime.bigint();
      }
      head += count;
      Atomics.store(u32, headAt, head);
      if (Atomics.load(u32, headAt + 2) !== 0) throw new Error("nobody sleeps here");
    }
  }
}
let idle = 0;

/** Sends each back that comes, or sends and waits for it. */
function trips({ there, back }, isParent) {
  const producer = (isParent ? there : back).producer();
  const consumer = (isParent ? back : there).consumer();
  const isSpinning = how === "spinning";
  for (let id = 0; id < TOTAL; id += 1) {
    if (isParent) fill(producer.claim(), id);
    if (isParent) producer.publish();
    let tick = consumer.peek();
    while (tick === undefined) {
      if (!isSpinning) consumer.wait(PATIENT);
      tick = consumer.peek();
    }
    if (isParent) have(tick);
    else fill(producer.claim(), tick.id);
    consumer.release();
    if (!isParent) producer.publish();
  }
}

async function asyncTrips({ there, back }, isParent) {
  const producer = (isParent ? there : back).producer();
  const consumer = (isParent ? back : there).consumer();
  if (isParent) await producer.pushAsync(record(0));
  for await (const tick of consumer) {
    if (isParent) have(tick);
    if (!isParent || next < TOTAL) await producer.pushAsync(record(isParent ? next : tick.id));
    if (isParent ? next === TOTAL : tick.id === TOTAL - 1) break;
  }
}

async function overRegion() {
  const own = directory ?? mkdtempSync("/dev/shm/shmgen-bench-");
  const { Market } = await import(generated);
  const region = Market.createOrOpen("bench", { directory: own });
  const { data } = region;
  const isParent = role === undefined;
  const child = isParent ? fork(FILE, [generated, way, how, "child", own]) : undefined;
  if (child !== undefined) await once(child, "message");
  else process.send("ready");
  if (way === "arrays") overArrays(region, isParent);
  else if (way === "trip") await (how === "async" ? asyncTrips : trips)(data, isParent);
  else if (isParent) await consume[how](data.there.consumer());
  else produce[way](data.there.producer());
  if (isParent) console.log(figure());
  else process.disconnect();
  region.close();
  if (!isParent) return;
  if (child.exitCode === null) await once(child, "exit");
  rmSync(own, { recursive: true, force: true });
}

/** Objects by messages between processes; round trips when the parent asks for them. */
async function overSend() {
  if (role === "child") {
    if (way === "trip") return process.on("message", (tick) => process.send(tick));
    let id = 0;
    // Some at a time: without an end to what is under way the memory would be what is measured.
    const batch = () => {
      for (let count = 0; count < 64 && id < TOTAL; count += 1) process.send(record(id++));
      if (id < TOTAL) setImmediate(batch);
    };
    return batch();
  }
  const child = fork(FILE, [generated, way, how ?? "", "child"]);
  if (way === "trip") child.send(record(0));
  await new Promise((resolve) => {
    child.on("message", (tick) => {
      have(tick);
      if (next === TOTAL) resolve();
      else if (way === "trip") child.send(record(next));
    });
  });
  console.log(figure());
  child.kill();
}

/** Two threads: neither can be had between processes. */
async function overThreads() {
  const storage = RingBuffer.getStorageForCapacity(1024 * 8, Float64Array);
  const { port1, port2 } = new MessageChannel();
  const argv = process.argv.slice(2);
  const worker = new Worker(FILE, { argv, workerData: { storage, port2 }, transferList: [port2] });
  worker.on("error", (error) => {
    throw error;
  });
  if (way === "port") {
    while (next < TOTAL) {
      const message = receiveMessageOnPort(port1);
      if (message !== undefined) have(message.message);
    }
  } else {
    const ring = new RingBuffer(storage, Float64Array);
    const size = how === "batch" ? 8 * BATCH : 8;
    const values = new Float64Array(size);
    while (next < TOTAL) {
      const got = ring.pop(values);
      for (let at = 0; at < got; at += 8) {
        if (values[at] !== next) throw new Error("not the next one");
        next += 1;
        if (next === WARM_UP) begun = process.hrtime.bigint();
      }
    }
  }
  console.log(figure());
  process.exit();
}

function inThread({ storage, port2 }) {
  if (way === "port") {
    for (let id = 0; id < TOTAL; id += 1) port2.postMessage(record(id));
    return;
  }
  const ring = new RingBuffer(storage, Float64Array);
  const size = how === "batch" ? 8 * BATCH : 8;
  const values = new Float64Array(size).fill(1.5);
  for (let id = 0; id < TOTAL;) {
    for (let at = 0; at < size; at += 8) {
      values[at] = id + at / 8;
      for (let field = 1; field < 8; field += 1) values[at + field] = field + 0.5;
    }
    while (ring.availableWrite() < size);
    ring.push(values);
    id += size / 8;
  }
}

if (!isMainThread) inThread(workerData);
else if (way === "send" || how === "send") await overSend();
else if (way === "port" || way === "ringbuf") await overThreads();
else await overRegion();
