/** Opens what was shared, adds one, and shares it back. */
import { parentPort, workerData } from "node:worker_threads";
import { Telemetry } from "../../../examples/dist/telemetry/generated/telemetry.js";

const region = Telemetry.fromShared(workerData);
region.data.$samples.add(1n);
parentPort.postMessage(region.share());
// Open until it is terminated.
parentPort.on("message", () => {});
