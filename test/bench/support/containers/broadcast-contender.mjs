/**
 * One contender of the groups of broadcasts: `node broadcast-contender.mjs GENERATED read|publish READERS WAY` prints the ns of an element that
 * each reader reads beside a writer at full speed, or of one that is published beside such readers. The parent writes.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { rawMemory } from "@shmgen/runtime/codegen-v1";

const [generated, what, readers, way, role, directory] = process.argv.slice(2);
const COUNT = way === "send" ? 100_000 : way === "forAwait" ? 1_000_000 : 3_000_000;
const WARM_UP = COUNT / 10;
const TOTAL = COUNT + WARM_UP;
const READERS = Number(readers);

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

let begun = 0n;
const figure = () => Number(process.hrtime.bigint() - begun) / COUNT;

/** Words beside the broadcast: `at(name)` is one's index. */
function wordsOf(Feed, region) {
  const { u32 } = rawMemory(region.memory);
  const at = (name) => (128 + Feed.layout.fields.find((field) => field.name === name).offset) / 4;
  return { u32, ready: at("ready"), done: at("done"), stop: at("stop") };
}

let read = 0;
function have({ id }, position) {
  if (id !== position >>> 0) throw new Error(`${id} at ${position}`);
  read += 1;
  if (read === WARM_UP) begun = process.hrtime.bigint();
}

/** Reads so many, or until it has to stop. */
async function consume(cursor, Tick, isStopped) {
  if (way === "forAwait") {
    for await (const tick of cursor) {
      have(tick, cursor.position - 1);
      if (read === TOTAL || isStopped()) return;
    }
  }
  const copy = way === "read()" ? undefined : Tick.local();
  while (read < TOTAL && !isStopped()) {
    const tick = copy === undefined ? cursor.read() : cursor.read(copy);
    if (tick !== undefined) have(tick, cursor.position - 1);
    else {
      try {
        cursor.wait({ timeoutMs: 100 });
      } catch (error) {
        if (error.code !== "ERR_SHM_BUSY") throw error;
      }
    }
  }
}

function publish(writer, isOver) {
  const end = what === "read" ? Infinity : TOTAL;
  for (let id = 0; id < end; id += 1) {
    if (id === WARM_UP && what === "publish") begun = process.hrtime.bigint();
    if (way === "publish(value)") writer.publish(record(id));
    else {
      fill(writer.claim(), id >>> 0);
      writer.publish();
    }
    if (what === "read" && id % 1024 === 0 && isOver()) return;
  }
}

async function overRegion() {
  const own = directory ?? mkdtempSync("/dev/shm/shmgen-bench-");
  const { Feed, Tick } = await import(generated);
  const region = Feed.createOrOpen("bench", { directory: own });
  const { u32, ready, done, stop } = wordsOf(Feed, region);
  if (role === "child") {
    const cursor = region.data.ticks.reader();
    Atomics.add(u32, ready, 1);
    await consume(cursor, Tick, () => Atomics.load(u32, stop) !== 0);
    Atomics.add(u32, done, 1);
    process.send(figure(), () => process.disconnect());
    region.close();
    return;
  }
  const children = Array.from({ length: READERS }, () =>
    fork(import.meta.filename, [generated, what, readers, way, "child", own]),
  );
  const ends = children.map((child) => once(child, "exit"));
  const figures = children.map(async (child) => (await once(child, "message"))[0]);
  while (Atomics.load(u32, ready) < READERS) await new Promise((resolve) => setTimeout(resolve, 5));
  publish(region.data.ticks.writer(), () => Atomics.load(u32, done) === READERS);
  if (what === "publish") console.log(figure());
  Atomics.store(u32, stop, 1);
  await Promise.all(ends);
  if (what === "read") console.log((await Promise.all(figures)).reduce((sum, one) => sum + one, 0) / READERS);
  region.close();
  rmSync(own, { recursive: true, force: true });
}

/** Objects by messages, to each reader its own. */
async function overSend() {
  if (role === "child") {
    process.on("message", (tick) => {
      have(tick, read);
      if (read === TOTAL) process.send(figure(), () => process.disconnect());
    });
    return;
  }
  const children = Array.from({ length: READERS }, () =>
    fork(import.meta.filename, [generated, what, readers, way, "child"]),
  );
  const figures = children.map(async (child) => (await once(child, "message"))[0]);
  let id = 0;
  // Some at a time: without an end to what is under way the memory would be what is measured.
  const batch = () => {
    for (let count = 0; count < 64 && id < TOTAL; count += 1, id += 1)
      for (const child of children) child.send(record(id));
    if (id < TOTAL) setImmediate(batch);
  };
  batch();
  console.log((await Promise.all(figures)).reduce((sum, one) => sum + one, 0) / READERS);
}

await (way === "send" ? overSend() : overRegion());
