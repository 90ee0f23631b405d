/** A process under test: runs the functions that its parent sends, over the built runtime. See processes.ts. */
import * as fs from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import * as runtime from "@shmgen/runtime";
import { tryExclusive } from "../../../runtime/dist/runtime/os/index.js";
import { Counter, counterOf, futexOf } from "../regions/counter.mjs";

/** What the functions get. `kept` holds what has to live on between two of them. */
const load = (url) => import(url);
const context = { load, Counter, counterOf, futexOf, tryExclusive, fs, runtime, kept: {} };

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc");

/** Regions that nobody refers to are closed when V8 likes: here at once, so that no test rests on one. */
async function collect() {
  // What this job has looked at lives until its end, and what was collected is told in a task of its own.
  for (let round = 0; round < 2; round += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    gc();
  }
  await new Promise((resolve) => setImmediate(resolve));
}

process.on("message", async ({ id, source, args }) => {
  try {
    // The parent is the test itself.
    const run = new Function(`return (${source})`)();
    const value = await run(context, ...args);
    await collect();
    process.send({ id, value });
  } catch (error) {
    process.send({ id, error: { name: error.name, message: error.message, code: error.code, stack: error.stack } });
  }
});
process.on("disconnect", () => process.exit());
process.send({ id: 0 });
