/** Prints what comes, until so many producers have said all: `node consumer.js REGION PRODUCERS`. */
import { Log } from "./generated/log.js";

const [name = "log", producers = "1"] = process.argv.slice(2);
using region = Log.open(name);
using consumer = region.data.log.consumer();
const counts = { json: 0, text: 0, bytes: 0 };
let done = 0;

for await (const message of consumer) {
  counts[message.kind] += 1;
  if (message.kind === "json") console.log("json ", message.json());
  else if (message.kind === "text") console.log("text ", message.text);
  else console.log("bytes", Buffer.from(message.bytes).toString("hex"));
  if (message.kind === "text" && message.text.endsWith("has said all")) done += 1;
  if (done < Number(producers)) continue;
  consumer.release();
  break;
}
console.log(`${counts.json} of JSON, ${counts.text} of text, ${counts.bytes} of bytes`);
