/** A dashboard: maps the region read-only and shows a few samples as they arrive. */
import { setTimeout as sleep } from "node:timers/promises";
import { Gear, Telemetry } from "./generated/telemetry.js";

const name = process.argv[2] ?? "car-7";
const lines = Number(process.argv[3] ?? Number.POSITIVE_INFINITY);

using region = await Telemetry.whenReady(name, { access: "read-only", timeoutMs: 5_000 });
console.log(`${region.outcome} read-only, generation ${region.generation}`);

const car = region.data;
const gears = Object.entries(Gear);
for (let line = 0; line < lines; line += 1) {
  const seen = car.samples;
  // Sleeps in the kernel until the writer notifies; the event loop stays free.
  await car.$samples.waitAsync(seen, 1_000);
  const gear = gears.find(([, value]) => value === car.gear)?.[0];
  const [east = NaN, north = NaN] = car.position;
  console.log(
    `sample ${car.samples}: ${car.driver}, ${gear}, throttle ${car.throttle} %, ` +
      `${east.toFixed(1)} m east, ${north.toFixed(1)} m north, ${car.wheels.at(0).rpm} rpm`,
  );
  await sleep(250);
}
