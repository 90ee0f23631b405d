/** Counts primes with several workers over one region: `node main.js [WORKERS] [NUMBERS] [NAME]`. */
import { Worker } from "node:worker_threads";
import { Tally } from "./generated/tally.js";

const workers = Math.min(16, Number(process.argv[2] ?? 4));
const numbers = Number(process.argv[3] ?? 400_000);
const name = process.argv[4] ?? "tally";

using region = Tally.createOrOpen(name);
const tally = region.data;
console.log(`${region.outcome}: ${region.path}, shared as ${region.kind}`);

// Posted, not opened by name: the workers see the same pages at the same addresses, and nothing is mapped twice.
const shared = region.share();
for (let worker = 0; worker < workers; worker += 1) {
  const workerData = { shared, worker, workers, numbers };
  new Worker(new URL("./worker.js", import.meta.url), { workerData }).on("error", (error) => {
    throw error;
  });
}

for (let done = tally.done; done < workers; done = tally.done) await tally.$done.waitAsync(done, 1000);
const took = Array.from(tally.took).slice(0, workers);
console.log(`${workers} workers: ${tally.primes} primes below ${numbers}, ${tally.looked} numbers looked at`);
console.log(`all of them had work: ${took.every((ms) => ms > 0)}`);
