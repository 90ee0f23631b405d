/** A worker under test: runs the functions that the thread which started it sends. See threads.mjs. */
import * as fs from "node:fs";
import { parentPort } from "node:worker_threads";
import { Counter, counterOf, futexOf } from "../regions/counter.mjs";
import { collect } from "../run/collect.mjs";
import { startThread } from "./threads.mjs";

/** What the functions get. `kept` holds what has to live on between two of them. */
const context = { Counter, counterOf, futexOf, fs, startThread, load: (url) => import(url), kept: {} };

parentPort.on("message", async ({ id, source, args }) => {
  try {
    // The sender is the test itself.
    const run = new Function(`return (${source})`)();
    const value = await run(context, ...args);
    await collect();
    parentPort.postMessage({ id, value });
  } catch (error) {
    parentPort.postMessage({ id, error: { name: error.name, message: error.message, code: error.code } });
  }
});
parentPort.postMessage({ id: 0 });
