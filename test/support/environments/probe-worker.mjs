/** Of probe.mjs: a worker that is given a region. */
import { parentPort, workerData } from "node:worker_threads";
import { Plain } from "./generated/probe.js";
const region = Plain.fromShared(workerData);
region.data.n = 5;
region.data.$n.notify();
region.close();
parentPort.postMessage("done");
