/** Pushes orders 1, 2, 3 ... into both rings, up to a number: `node producer.js REGION LAST`. Goes on where the one before was killed. */
import { Floor, type Order } from "./generated/floor.js";
import { checkOf } from "./check.js";

const [name = "floor", last = "100000"] = process.argv.slice(2);
using region = Floor.open(name);
const { data } = region;
using toNode = data.toNode.producer();
using toC = data.toC.producer();
console.log(`producer: goes on with order ${data.sent === 0n ? 1n : data.sent}`);

const end = BigInt(last);
// The last one before may have been pushed or not: it is pushed again, and consumers know its id.
for (let id = data.sent === 0n ? 1n : data.sent; id <= end; id += 1n) {
  data.sent = id;
  for (const ring of [toNode, toC]) {
    let slot: Order | undefined;
    while ((slot = ring.claim()) === undefined) ring.wait();
    slot.id = id;
    slot.price = Number(id) / 100;
    slot.amount = Number(id % 1000n);
    slot.check = checkOf(slot);
    ring.publish();
  }
}
console.log("producer: done");
