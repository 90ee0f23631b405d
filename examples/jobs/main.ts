/**
 * Jobs without a server: `node main.js [PICTURES]`. Four workers of a cluster do them, of which one is killed with SIGKILL every now and then and
 * replaced; each job is done at least once, and two that kill or fail whoever tries them end in a queue of their own.
 */
import cluster from "node:cluster";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Jobs } from "./generated/jobs.js";

const WORKERS = 4;
const pictures = Number(process.argv[2] ?? 2000);
/** Ids of the pictures that nobody can do. */
const POISON = [7, 77];

using region = Jobs.createUnique("jobs");
const { todo, failed, done } = region.data;
cluster.setupPrimary({ exec: join(import.meta.dirname, "worker.js"), args: [region.name, POISON.join(",")] });
/** Aborted when all jobs are done. */
const over = new AbortController();
let deaths = 0;
cluster.on("exit", (_worker, _code, signal) => {
  if (over.signal.aborted) return;
  if (signal === "SIGKILL") deaths += 1;
  cluster.fork();
});
for (let count = 0; count < WORKERS; count += 1) cluster.fork();

const storm = killNowAndThen();
for (let id = 0; id < pictures; id += 1) {
  // Waits while the queue is full: workers that are slow hold the producer up, and nothing piles up.
  await todo.pushAsync({ id, name: `picture-${id}.png` }, { timeoutMs: 60_000 });
}
while (todo.length > 0 || todo.leasedCount > 0) await sleep(10);
over.abort();
await storm;
await Promise.all(
  Object.values(cluster.workers ?? {}).map(async (worker) => {
    if (worker === undefined || worker.isDead()) return;
    worker.process.kill("SIGTERM");
    await once(worker, "exit");
  }),
);

const counts = Array.from({ length: pictures }, (_, id) => done.at(id));
const missing = counts.filter((count, id) => count === 0 && !POISON.includes(id)).length;
const again = counts.filter((count) => count > 1).length;
const lost: string[] = [];
for (let job = failed.lease(); job !== undefined; job = failed.lease()) {
  lost.push(job.data.name);
  job.done();
}
console.log(`${pictures} pictures by ${WORKERS} workers, of which ${deaths} were killed`);
console.log(`${missing} were not done, ${again} were done more than once`);
console.log(`failed three times: ${lost.sort().join(", ")}`);
process.exitCode = missing === 0 && lost.length === POISON.length ? 0 : 1;

/** Kills a worker every 50 ms, at no particular moment of its work. */
async function killNowAndThen(): Promise<void> {
  while (!over.signal.aborted) {
    await sleep(50);
    const workers = Object.values(cluster.workers ?? {});
    workers[Math.floor(Math.random() * workers.length)]?.process.kill("SIGKILL");
  }
}
