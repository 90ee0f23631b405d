/**
 * Modules of Node without what comes with an `import` of them. That reads all their properties, and so loads streams and promises
 * with node:fs: 3 to 8 ms of processor time, also where no region is opened.
 */
import { createRequire } from "node:module";
import type * as Fs from "node:fs";
import type * as PerfHooks from "node:perf_hooks";

/** Of no place, because it is for Node's modules alone; some bundlers do not know their module's own. */
const require = createRequire("/");

export const fs = require("node:fs") as typeof Fs;

/** Milliseconds by a clock that only goes forward. Loaded with the first call. */
export function now(): number {
  return (require("node:perf_hooks") as typeof PerfHooks).performance.now();
}
