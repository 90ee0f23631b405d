/**
 * One opening of a region with its close, for die-at-call.cjs: `node --require die-at-call.cjs one-opening.mjs NAME OPTIONS`. Everything that is
 * loaded on first use is loaded before calls are counted. Prints their names, when it lives to the end.
 */
import { Counter } from "../regions/counter.mjs";

const [name, options] = process.argv.slice(2);
Counter.createOrOpen("warm", { cleanup: "keep" }).close();
globalThis.arm();
const region = Counter.createOrOpen(name, {
  initialise: (data) => (data.big = 5n),
  timeoutMs: 20_000,
  ...JSON.parse(options),
});
region.data.addCount(1);
region.close();
console.log(JSON.stringify({ outcome: region.outcome, calls: globalThis.callsMade() }));
