/** The controller of one car: creates the region, or goes on in it, and publishes samples until it is stopped. */
import { setTimeout as sleep } from "node:timers/promises";
import { Gear, Telemetry } from "./generated/telemetry.js";

const name = process.argv[2] ?? "car-7";
const samples = Number(process.argv[3] ?? Number.POSITIVE_INFINITY);

using region = Telemetry.createOrOpen(name, {
  initialise: (car) => {
    car.driver = "nobody";
  },
});
console.log(`${region.outcome}, generation ${region.generation}: ${region.path}`);

const car = region.data;
car.driver = "Ayşe";
car.gear = Gear.Drive;
for (let n = 0; n < samples; n += 1) {
  const angle = n / 20;
  car.position[0] = 400 * Math.cos(angle);
  car.position[1] = 250 * Math.sin(angle);
  car.throttle = 50 + Math.round(50 * Math.sin(angle));
  for (const wheel of car.wheels) wheel.rpm = 900 + n;
  // The counter is stored last: who sees the new count sees the sample, too.
  car.$samples.add(1n);
  car.$samples.notify();
  await sleep(20);
}
