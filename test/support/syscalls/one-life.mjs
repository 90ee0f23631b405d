/**
 * One life of a region, between two marks that show in a trace of system calls: `node one-life.mjs NAME [OPTIONS]`.
 * Prints what happened as one line of JSON, with the descriptors and mappings that remain.
 */
import { readFileSync, readdirSync } from "node:fs";
import { Counter } from "../regions/counter.mjs";
import { begin, end, opened } from "./traced.mjs";

const [name = "life", options = "{}"] = process.argv.slice(2);
const directory = process.env.SHMGEN_DIR ?? "";
// The directory is there and ours alone, so that all lives make the same calls. Everything that is loaded on first use is loaded now.
Counter.createOrOpen("warm").close();
const descriptors = () => readdirSync("/proc/self/fd").length;
const mappings = () =>
  readFileSync("/proc/self/maps", "utf8")
    .split("\n")
    .filter((line) => line.includes(`${directory}/`)).length;
descriptors();
mappings();

const before = descriptors();
const result = { outcome: "none", code: "none", message: "" };
begin();
try {
  const region = Counter.createOrOpen(name, {
    timeoutMs: 300,
    initialise: (data) => (data.count = 5),
    ...JSON.parse(options),
  });
  result.outcome = region.outcome;
  opened();
  region.close();
} catch (error) {
  result.code = error.code ?? `untyped ${error.name}`;
  result.message = error.message;
}
end();
console.log(JSON.stringify({ ...result, descriptors: descriptors() - before, mappings: mappings() }));
