/**
 * One change of a region's life, for die-at-call.cjs: `node --require die-at-call.cjs one-change.mjs KIND NAME [OPTIONS]`. Everything that is loaded
 * on first use is loaded before calls are counted. Prints their names, when it lives to the end, and what came of it.
 */
import { cleanStale, removeRegion } from "@shmgen/runtime";
import { Counter } from "../regions/counter.mjs";
import { NextCounter, TailedCounter, toNext } from "../regions/changes.mjs";

const [kind, name, options = "{}"] = process.argv.slice(2);
const given = { timeoutMs: 20_000, ...JSON.parse(options) };

const TAIL = { tailLength: 4, maxTail: 200_000, cleanup: "keep" };

const kinds = {
  open(name) {
    const region = Counter.createOrOpen(name, { initialise: (data) => (data.big = 5n), ...given });
    region.data.addCount(1);
    region.close();
    return region.outcome;
  },
  migrate(name) {
    const region = NextCounter.createOrOpen(name, { migrate: [toNext], cleanup: "keep", ...given });
    region.close();
    return region.outcome;
  },
  grow(name) {
    const region = TailedCounter.createOrOpen(name, { ...TAIL, onStale: "keep", ...given });
    region.growTail(100_000);
    region.close();
    return region.outcome;
  },
  remove: (name) => removeRegion(name).state,
  clean: () => cleanStale({ includeKept: true }).removed.length,
};

if (kind === "grow") TailedCounter.createOrOpen("warm", TAIL).close();
else Counter.createOrOpen("warm", { cleanup: "keep" }).close();
kinds[kind]("warm");
globalThis.arm();
const outcome = kinds[kind](name);
console.log(JSON.stringify({ outcome, calls: globalThis.callsMade() }));
