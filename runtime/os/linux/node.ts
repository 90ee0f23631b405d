/**
 * node:fs without what comes with an `import` of it. That reads all its properties, and so loads streams and promises: 3 to 8 ms of
 * processor time, also where no region is opened.
 */
import { createRequire } from "node:module";
import type * as Fs from "node:fs";

/** Of no place, because it is for Node's modules alone; some bundlers do not know their module's own. */
const require = createRequire("/");

export const fs = require("node:fs") as typeof Fs;
