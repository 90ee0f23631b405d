/** Accounts for orders until a last one: `node consumer.js REGION LAST`. Goes on where the one before was killed. */
import { Floor } from "./generated/floor.js";
import { checkOf } from "./check.js";

const [name = "floor", last = "100000"] = process.argv.slice(2);
using region = Floor.open(name);
const { node: tally, toNode } = region.data;
using orders = toNode.consumer();
console.log(`node consumer: goes on after order ${tally.last}`);

const end = BigInt(last);
for await (const order of orders) {
  const { id } = order;
  if (order.check !== checkOf(order) || id > tally.last + 1n) tally.$wrong.add(1);
  else if (id <= tally.last) tally.$again.add(1);
  else tally.last = id;
  if (tally.last === end) break;
}
console.log("node consumer: done");
