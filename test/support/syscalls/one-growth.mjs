/**
 * One growth of a tail in a region that has kept address space for it, between two marks that show in a trace of system calls.
 * Prints what happened as one line of JSON, with the blocks that the file has got by it.
 */
import { statSync } from "node:fs";
import { TailedCounter } from "../regions/changes.mjs";
import { begin, end } from "./traced.mjs";

const region = TailedCounter.createOrOpen("life", { tailLength: 4, maxTail: 1 << 20 });
// Everything that is loaded on first use is loaded now.
region.growTail(5);
const before = statSync(region.path).blocks;
const result = { outcome: region.kind, code: "none", message: "" };
begin();
try {
  region.growTail(1 << 20);
} catch (error) {
  result.code = error.code ?? `untyped ${error.name}`;
  result.message = error.message;
}
end();
const added = statSync(region.path).blocks - before;
// The region goes on, and what failed works now.
const lengthThen = region.tailLength;
region.growTail(1 << 20);
console.log(
  JSON.stringify({ ...result, descriptors: 0, mappings: 0, added, lengthThen, lengthNow: region.tailLength }),
);
region.close();
