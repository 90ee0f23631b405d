/** Receives one region: `node receiver.mjs SOCKET [options as JSON]`; prints what it is, adds 1 to its count, and closes it. */
import { Counter } from "../regions/counter.mjs";

try {
  const waiting = Counter.receiveRegion(process.argv[2], JSON.parse(process.argv[3] ?? "{}"));
  console.log("listening");
  const region = await waiting;
  console.log(region.name, region.readOnly ? region.data.count : region.data.addCount(1), region.sealed);
  region.close();
} catch (error) {
  console.log(error.code ?? error.stack);
}
