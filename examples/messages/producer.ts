/** Sends JSON, text and bytes in turn: `node producer.js REGION NAME COUNT`. */
import { Log } from "./generated/log.js";

const [name = "log", who = "a", count = "3"] = process.argv.slice(2);
using region = Log.open(name);
const { log } = region.data;

for (let number = 1; number <= Number(count); number += 1) {
  switch (number % 3) {
    case 1:
      if (!log.pushJson({ who, number, memory: process.memoryUsage.rss() })) await log.pushAsync(`${who} is held up`);
      break;
    case 2:
      await log.pushAsync(`${who} says hello for the ${number}th time`);
      break;
    default: {
      // In place: nobody else can push until it is published.
      using grant = log.claim(16);
      if (grant === undefined) break;
      grant.bytes.fill(number);
      grant.publish("bytes");
    }
  }
}
await log.pushAsync(`${who} has said all`);
