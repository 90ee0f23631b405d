/** Reads ticks until a last one, without the right to write: `node reader.js REGION LAST NAME [PAUSE]`, ms after each 2,000th of them. */
import { setTimeout as sleep } from "node:timers/promises";
import { isWhole } from "./check.js";
import { Feed } from "./generated/feed.js";

const [name = "feed", last = "300000", who = "reader", pause = "0"] = process.argv.slice(2);
using region = Feed.openReadOnly(name);
const ticks = region.data.ticks.reader({ from: "oldest" });
console.log(`${who}: begins with tick ${ticks.position + 1}`);

const first = ticks.position;
let [read, wrong] = [0, 0];
for await (const tick of ticks) {
  read += 1;
  if (!isWhole(tick, ticks.position)) wrong += 1;
  if (ticks.position === Number(last)) break;
  if (read % 2000 === 0 && pause !== "0") await sleep(Number(pause));
}
const { missedInAll, position } = ticks;
console.log(`${who}: ${read} ticks, ${missedInAll} missed, ${wrong} not whole`);
process.exitCode = wrong === 0 && read + missedInAll === position - first ? 0 : 1;
