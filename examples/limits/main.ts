/**
 * An HTTP cluster whose rate limits and feature flags are changed while it serves: `node main.js shared|messages [CHANGES PER SECOND]
 * [SECONDS]`. Prints one line of JSON about what autocannon has measured.
 */
import autocannon from "autocannon";
import cluster, { type Worker } from "node:cluster";
import { once } from "node:events";
import { Limits } from "./generated/limits.js";
import type { State } from "./state.js";
import { serve } from "./worker.js";

const WORKERS = 4;
const kind = process.argv[2] === "messages" ? "messages" : "shared";
const changesPerSecond = Number(process.argv[3] ?? 1000);
const seconds = Number(process.argv[4] ?? 5);

if (cluster.isPrimary) await run();
else serve(kind);

async function run(): Promise<void> {
  using region = Limits.createUnique("limits");
  const { settings } = region.data;
  const environment = { LIMITS_REGION: region.name, LIMITS_WORKERS: WORKERS };
  let state: State = { revision: 0, perSecond: 1_000_000, newCheckout: false, maintenance: false };
  const workers: Worker[] = [];
  const publish = (next: State): void => {
    state = next;
    if (kind === "messages") for (const worker of workers) worker.send(state);
    else settings.update((own) => Object.assign(own, state, { check: state.revision }));
  };
  publish(state);
  for (let worker = 0; worker < WORKERS; worker += 1) workers.push(cluster.fork(environment));
  const ready = await Promise.all(workers.map((worker) => once(worker, "listening")));
  const [{ port }] = ready[0] as [{ readonly port: number }];
  publish(state);

  let changes = 0;
  const start = performance.now();
  const operator = setInterval(() => {
    // As many as are due: a busy loop delays timers.
    const due = ((performance.now() - start) / 1000) * changesPerSecond;
    for (; changes < due; changes += 1) {
      publish({ ...state, revision: state.revision + 1, newCheckout: state.revision % 2 === 0 });
    }
  }, 1);
  const requests = Array.from({ length: 16 }, (_, client) => ({ headers: { "x-client": String(client) } }));
  const result = await autocannon({ url: `http://127.0.0.1:${port}`, connections: 32, duration: seconds, requests });
  clearInterval(operator);
  const { mixed } = region.data;
  const facts = { kind, changesPerSecond, changes, requestsPerSecond: Math.round(result.requests.average), mixed };
  console.log(JSON.stringify({ ...facts, p99Ms: result.latency.p99, errors: result.errors }));
  // Before the region is closed here: the last one to close it removes it, and they cannot any more.
  const ends = workers.map((worker) => once(worker, "exit"));
  for (const worker of workers) worker.kill("SIGKILL");
  await Promise.all(ends);
}
