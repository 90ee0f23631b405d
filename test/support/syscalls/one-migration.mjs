/**
 * One migration of the region "life" from version 1 to 2, between two marks that show in a trace of system calls:
 * `node one-migration.mjs [unnamed|named] [OPTIONS]`; with "named", as on a file system without unnamed files. Prints as one-life.mjs.
 */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { Counter } from "../regions/counter.mjs";
import { NextCounter, toNext } from "../regions/changes.mjs";
import { begin, end, opened } from "./traced.mjs";

const [kind = "unnamed", options = "{}"] = process.argv.slice(2);
if (kind === "named") {
  const { openSync } = fs;
  fs.openSync = (path, flags, mode) => {
    if ((flags & 0o20000000) === 0) return openSync(path, flags, mode);
    throw Object.assign(new Error("no such files here"), { code: "ENOTSUP", syscall: "open" });
  };
  syncBuiltinESMExports();
}
const directory = process.env.SHMGEN_DIR ?? "";
const open = (name, more) =>
  NextCounter.createOrOpen(name, { timeoutMs: 300, migrate: [toNext], cleanup: "keep", ...more });
// Everything that is loaded on first use is loaded now.
const warm = Counter.createOrOpen("warm", { cleanup: "keep" });
warm.data.big = 1n;
warm.close();
open("warm", { cleanup: "last-close" }).close();
const descriptors = () => fs.readdirSync("/proc/self/fd").length;
const mappings = () =>
  fs
    .readFileSync("/proc/self/maps", "utf8")
    .split("\n")
    .filter((line) => line.includes(`${directory}/`)).length;
descriptors();
mappings();

const before = descriptors();
const result = { outcome: "none", code: "none", message: "" };
begin();
try {
  const region = open("life", JSON.parse(options));
  result.outcome = region.outcome;
  opened();
  region.close();
} catch (error) {
  result.code = error.code ?? `untyped ${error.name}`;
  result.message = error.message;
}
end();
console.log(JSON.stringify({ ...result, descriptors: descriptors() - before, mappings: mappings() }));
