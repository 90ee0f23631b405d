/** One contender of the groups of counters: `node counters-contender.mjs MODULE WORK` prints the ns of one operation. */
import { mkdtempSync, rmSync } from "node:fs";

const [url, work] = process.argv.slice(2);
const BATCHES = 20;
const directory = mkdtempSync("/dev/shm/shmgen-bench-");
const { Stats } = await import(url);
const region = Stats.createOrOpen("bench", { directory });
const { stats } = region.data;

/** The best of some batches of `times` calls, of which `body` makes all. */
function bestOf(times, body) {
  let best = Infinity;
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const begun = process.hrtime.bigint();
    body(times);
    best = Math.min(best, Number(process.hrtime.bigint() - begun) / times);
  }
  return best;
}

const WORKS = {
  add() {
    const counter = stats.counter("requests_total", { method: "GET" });
    return bestOf(1_000_000, (times) => {
      for (let at = 0; at < times; at += 1) counter.add();
    });
  },
  "add-raw"() {
    const numbers = new Float64Array(new SharedArrayBuffer(64));
    return bestOf(1_000_000, (times) => {
      for (let at = 0; at < times; at += 1) numbers[3] += 1;
    });
  },
  "add-atomic"() {
    const numbers = new BigInt64Array(new SharedArrayBuffer(64));
    return bestOf(1_000_000, (times) => {
      for (let at = 0; at < times; at += 1) Atomics.add(numbers, 3, 1n);
    });
  },
  observe() {
    const histogram = stats.histogram("request_seconds");
    return bestOf(1_000_000, (times) => {
      for (let at = 0; at < times; at += 1) histogram.observe((at & 1023) * 0.001);
    });
  },
  read() {
    for (let at = 0; at < 64; at += 1) stats.counter("requests_total", { worker: String(at), method: "GET" }).add(at);
    return (
      bestOf(200, (times) => {
        for (let at = 0; at < times; at += 1) stats.series();
      }) / 64
    );
  },
};

console.log(WORKS[work]());
region.close();
rmSync(directory, { recursive: true, force: true });
