/**
 * A child that was handed a region at descriptor 3: `node fd-child.mjs [options as JSON]`. Attaches, adds 1 to the count and
 * prints what it was, or a code; with `{ "wait": true }` it does each step after a line on its standard input.
 */
import * as fs from "node:fs";
import { createInterface } from "node:readline";
import { Counter, counterOf } from "../regions/counter.mjs";

const { wait = false, tailed = false, ...options } = JSON.parse(process.argv[2] ?? "{}");
const struct = tailed ? counterOf({ tailStride: 8, fingerprint: "00000000000000cd" }) : Counter;
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const step = async () => (wait ? (await lines.next()).value : undefined);
try {
  await step();
  const region = struct.attachFd(3, options);
  const before = region.readOnly ? region.data.count : region.data.addCount(1);
  console.log(
    region.outcome,
    before,
    region.name,
    `sealed=${region.sealed} inherited=${fs.existsSync("/proc/self/fd/3")}`,
  );
  for (let line = await step(); line?.startsWith("grow"); line = await step()) {
    region.growTail(Number(line.slice(5)));
    console.log(region.tailLength);
  }
  region.close();
  console.log("closed");
} catch (error) {
  console.log(error.code ?? error.stack);
}
process.exit();
