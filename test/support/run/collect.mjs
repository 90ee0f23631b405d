/** Regions that nobody refers to are closed when V8 likes. Those who run functions of tests have it done at once, so that no test rests on one. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc");

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Collects what nobody refers to in this thread, and lets that be told. */
export async function collect() {
  // What this job has looked at lives until its end, and what was collected is told in a task of its own.
  for (let round = 0; round < 2; round += 1) {
    await turn();
    gc();
  }
  await turn();
}
