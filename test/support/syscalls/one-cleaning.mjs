/**
 * One listing and one cleaning of a directory, between two marks that show in a trace of system calls:
 * `node one-cleaning.mjs list|clean`. Prints what happened as one line of JSON, with the descriptors that remain.
 */
import { readdirSync } from "node:fs";
import { cleanStale, listRegions } from "@shmgen/runtime";
import { begin, end } from "./traced.mjs";

const [what = "clean"] = process.argv.slice(2);
const work = what === "list" ? listRegions : cleanStale;
// Everything that is loaded on first use is loaded now. A list changes nothing.
listRegions();
const descriptors = () => readdirSync("/proc/self/fd").length;
descriptors();

const before = descriptors();
const result = { outcome: "none", code: "none", message: "" };
begin();
try {
  const done = work();
  const names = Array.isArray(done) ? done : done.removed;
  result.outcome = names.map(({ name, state }) => `${name} ${state}`).join(", ");
} catch (error) {
  result.code = error.code ?? `untyped ${error.name}`;
  result.message = error.message;
}
end();
console.log(JSON.stringify({ ...result, descriptors: descriptors() - before, mappings: 0 }));
