/** A process under test: runs the functions that its parent sends, over the built runtime. See processes.ts. */
import * as fs from "node:fs";
import * as runtime from "@shmgen/runtime";
import { tryExclusive } from "../../../runtime/dist/runtime/os/index.js";
import { Counter, counterOf, futexOf } from "../regions/counter.mjs";
import { collect } from "../run/collect.mjs";

/** What the functions get. `kept` holds what has to live on between two of them. */
const load = (url) => import(url);
const context = { load, Counter, counterOf, futexOf, tryExclusive, fs, runtime, kept: {} };

/** Not by who has let go of its parent. */
const answer = (message) => process.connected && process.send(message);

process.on("message", async ({ id, source, args }) => {
  try {
    // The parent is the test itself.
    const run = new Function(`return (${source})`)();
    const value = await run(context, ...args);
    await collect();
    answer({ id, value });
  } catch (error) {
    answer({ id, error: { name: error.name, message: error.message, code: error.code, stack: error.stack } });
  }
});
process.on("disconnect", () => process.exit());
process.send({ id: 0 });
