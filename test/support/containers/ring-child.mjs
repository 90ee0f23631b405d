/**
 * One side of `floor` in a process of its own, which others kill. Elements are `{ id: its place, kind, sum: of both }`, so that each proves
 * itself by the place at which it is found. Says "at work" when it has its role, and ends by itself when all is done.
 *
 *   node ring-child.mjs producer|consumer LENGTH COUNT STYLE [ATOMIC OPERATION TO DIE AT] [FILE FOR WHAT WAS DELIVERED]
 */
import fs from "node:fs";
import { floorOf } from "./ring-region.mjs";

const [role, length, count, style, dieAt = "0", log = ""] = process.argv.slice(2);
const COUNT = Number(count);
const region = floorOf({ length: Number(length) }).open("floor");
const { data } = region;
const { orders } = data;
const TIMEOUT = { timeoutMs: 60_000 };
const kindOf = (id) => (id * 7) & 0xff;
const sumOf = (id) => (Math.imul(id, 0x9e3779b1) ^ kindOf(id)) >>> 0;

/** From here on each atomic operation and each futex call on the region's words is counted, and is never made when it is the one. */
function watch() {
  let calls = 0;
  const point = () => {
    calls += 1;
    if (calls === Number(dieAt)) process.kill(process.pid, "SIGKILL");
  };
  for (const name of ["load", "store", "exchange", "compareExchange", "add", "sub", "or", "and"]) {
    const original = Atomics[name];
    Atomics[name] = (...args) => {
      if (args[0].buffer.byteLength >= 4096) point();
      return original(...args);
    };
  }
  return () => calls;
}

const produce = {
  push(producer, id) {
    producer.pushWait({ id, kind: kindOf(id), sum: sumOf(id) }, TIMEOUT);
    return 1;
  },
  claim(producer, id) {
    const slot = producer.claim();
    if (slot === undefined) return 0;
    slot.id = id;
    slot.kind = kindOf(id);
    slot.sum = sumOf(id);
    producer.publish();
    return 1;
  },
  batch(producer, id) {
    let claimed = 0;
    for (; claimed < 16 && id + claimed < COUNT; claimed += 1) {
      const slot = producer.claim();
      if (slot === undefined) break;
      slot.id = id + claimed;
      slot.kind = kindOf(slot.id);
      slot.sum = sumOf(slot.id);
    }
    if (claimed > 0) producer.publish(claimed);
    return claimed;
  },
  async async(producer, id) {
    await producer.pushAsync({ id, kind: kindOf(id), sum: sumOf(id) }, TIMEOUT);
    return 1;
  },
};

let delivered = 0;
function check(order, place) {
  if (order.id === place && order.kind === kindOf(place) && order.sum === sumOf(place)) {
    delivered += 1;
    if (log !== "") fs.appendFileSync(log, `${place} `);
    return;
  }
  console.error(`at ${place}: id=${order.id} kind=${order.kind} sum=${order.sum}`);
  process.exit(1);
}
const consume = {
  push(consumer, place) {
    consumer.wait(TIMEOUT);
    check(consumer.pop(), place);
    return 1;
  },
  claim(consumer, place) {
    const order = consumer.peek();
    if (order === undefined) return 0;
    check(order, place);
    consumer.release();
    return 1;
  },
  batch(consumer, place) {
    consumer.wait(TIMEOUT);
    return consumer.drain((order) => check(order, place++));
  },
  async async(consumer, place) {
    for await (const order of consumer) {
      check(order, place++);
      if (place === COUNT) {
        consumer.release();
        break;
      }
    }
    return COUNT;
  },
};

const counted = Number(dieAt) > 0 || log !== "" ? watch() : undefined;
const isProducer = role === "producer";
const side = isProducer ? orders.producer() : orders.consumer();
process.send?.("at work");
// What was published or consumed before us is where we go on.
for (let place = data.word(isProducer ? "tail" : "head"); place < COUNT;) {
  place += await (isProducer ? produce : consume)[style](side, place);
}
side.close();
const calls = counted?.() ?? 0;
region.close();
process.send?.({ delivered, calls }, () => process.disconnect());
