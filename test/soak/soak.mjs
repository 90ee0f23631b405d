/**
 * What must hold however often anybody is killed, stopped or ended, for as long as is wanted:
 *
 *   npm run test:soak -- --minutes N [--seed S] [--nodes PATH:PATH] [--only regions|containers] [options of regions.mjs]
 *
 * A half of the time is for opening and closing regions (regions.mjs), the other one for what stands in them (containers.mjs). Exit
 * code 1 when either has failed.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runNode } from "./run-node.mjs";

const PARTS = ["regions", "containers"];

const given = process.argv.slice(2);
const string = { type: "string" };
// What else there is, regions.mjs checks.
const { values } = parseArgs({
  strict: false,
  options: { minutes: string, seed: string, nodes: string, only: string },
});
const { minutes = 1, seed = Math.floor(Math.random() * 2 ** 32), nodes, only } = values;
if (only !== undefined && !PARTS.includes(only)) {
  console.error(`--only is one of ${PARTS.join(", ")}: found=${only}`);
  process.exit(2);
}
if (!(Number(minutes) > 0)) {
  console.error(`--minutes is a number above 0: found=${minutes}`);
  process.exit(2);
}
const parts = PARTS.filter((part) => only === undefined || part === only);
const common = [
  "--minutes",
  String(Number(minutes) / parts.length),
  "--seed",
  String(seed),
  ...(nodes === undefined ? [] : ["--nodes", nodes]),
];
/** Without what is not for the parts; of an option that is there twice, the last one counts. */
const others = given.filter((word, at) => !word.startsWith("--only") && given[at - 1] !== "--only");
for (const part of parts) {
  const args = part === "regions" ? [...others, ...common] : common;
  const { code } = await runNode([join(import.meta.dirname, `${part}.mjs`), ...args], { stdio: "inherit" });
  if (code !== 0) process.exit(code);
}
