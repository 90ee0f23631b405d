/** One worker of main.ts. It has a lock of its own: should it be terminated, the region and the others go on. */
import { workerData } from "node:worker_threads";
import type { SharedRegion } from "@shmgen/runtime";
import { Tally } from "./generated/tally.js";

const { shared, worker, workers, numbers } = workerData as {
  readonly shared: SharedRegion;
  readonly worker: number;
  readonly workers: number;
  readonly numbers: number;
};

using region = Tally.fromShared(shared);
const tally = region.data;
const start = performance.now();
for (let n = worker; n < numbers; n += workers) {
  tally.$looked.add(1n);
  if (isPrime(n)) tally.$primes.add(1n);
}
tally.took[worker] = performance.now() - start;
tally.$done.add(1);
tally.$done.notify();

function isPrime(n: number): boolean {
  for (let divisor = 2; divisor * divisor <= n; divisor += 1) if (n % divisor === 0) return false;
  return n > 1;
}
