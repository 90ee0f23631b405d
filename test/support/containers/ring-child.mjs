/**
 * One side of `floor` in a process of its own, which others kill. Elements are `{ id: its place, kind, sum: of both }`, so that each proves
 * itself by the place at which it is found. Says "at work" when it has its role, and ends by itself when all is done.
 *
 *   node ring-child.mjs producer|consumer LENGTH COUNT STYLE [ATOMIC OPERATION TO DIE AT] [FILE FOR WHAT WAS DELIVERED]
 */
import fs from "node:fs";
import { dieAt } from "./die-at.mjs";
import { floorOf } from "./ring-region.mjs";

const [role, length, count, style, point = "0", log = ""] = process.argv.slice(2);
const COUNT = Number(count);
const region = floorOf({ length: Number(length) }).open("floor");
const { data } = region;
const { orders } = data;
/** For what hangs: on a busy machine the other side may take minutes to start again. */
const TIMEOUT = { timeoutMs: 600_000 };
const kindOf = (id) => (id * 7) & 0xff;
const sumOf = (id) => (Math.imul(id, 0x9e3779b1) ^ kindOf(id)) >>> 0;

const produce = {
  hold: (producer, id) => produce.push(producer, id),
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

/** Who recovers the one before us may be stopped while he does, and its role is free only after that. */
function take() {
  for (;;) {
    try {
      return isProducer ? orders.producer() : orders.consumer();
    } catch (error) {
      if (error.code !== "ERR_SHM_BUSY") throw error;
    }
  }
}

const calls = Number(point) === 0 ? () => 0 : dieAt(Number(point), { loads: true });
const isProducer = role === "producer";
const side = take();
process.send?.("at work");
// What was published or consumed before us is where we go on.
for (let place = data.word(isProducer ? "tail" : "head"); place < COUNT;) {
  place += await (isProducer ? produce : consume)[style](side, place);
}
// Dies with its role.
if (style === "hold") await new Promise(() => setInterval(() => undefined, 1000));
side.close();
region.close();
process.send?.({ delivered, calls: calls() }, () => process.disconnect());
