/**
 * A cluster whose workers count in one region, and are killed while they serve: `node main.js [REQUESTS] [KILLS]`. Prints what was answered and
 * what was counted, and then what `shmgen metrics` says.
 */
import { spawnSync } from "node:child_process";
import cluster, { type Worker } from "node:cluster";
import { once } from "node:events";
import { request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { Metrics } from "./generated/metrics.js";
import { serve } from "./worker.js";

const WORKERS = 3;
const CLIENTS = 10;
const requests = Number(process.argv[2] ?? 3000);
const kills = Number(process.argv[3] ?? 3);

if (cluster.isPrimary) await run();
else serve();

/** Whether it was answered. */
function ask(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    // A connection that was handed to a worker which is killed then may never be closed.
    const sent = request({ host: "127.0.0.1", port, agent: false, timeout: 1000 }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode === 200));
      response.on("error", () => resolve(false));
    });
    sent.on("timeout", () => sent.destroy());
    sent.on("error", () => resolve(false));
    sent.end();
  });
}

async function run(): Promise<void> {
  using region = Metrics.createUnique("metrics");
  let port = 0;
  const start = async (place: number): Promise<Worker> => {
    const worker = cluster.fork({ METRICS_REGION: region.name, METRICS_WORKER: String(place) });
    const [address] = (await once(worker, "listening")) as [{ readonly port: number }];
    // The same for all of them.
    port = address.port;
    return worker;
  };
  const workers = await Promise.all(Array.from({ length: WORKERS }, (_, place) => start(place)));
  let [answered, failed] = [0, 0];
  const client = async (): Promise<void> => {
    for (let turn = 0; turn < requests / CLIENTS; turn += 1) {
      if (await ask(port)) answered += 1;
      else failed += 1;
    }
  };
  const killer = async (): Promise<void> => {
    for (let kill = 0; kill < kills; kill += 1) {
      await delay(100);
      const place = kill % WORKERS;
      const victim = workers[place];
      const gone = victim && once(victim, "exit");
      victim?.kill("SIGKILL");
      await gone;
      workers[place] = await start(place);
    }
  };
  await Promise.all([killer(), ...Array.from({ length: CLIENTS }, client)]);
  const counted = region.data.stats
    .series()
    .reduce((sum, one) => sum + (one.name === "http_requests_total" && one.kind === "counter" ? one.value : 0), 0);
  // Who was killed between counting and answering has counted a request that was not answered.
  const isRight = counted >= answered && counted <= answered + failed;
  console.log(
    `${answered} requests were answered, ${failed} were not; ${isRight ? "all" : "NOT all"} that were are counted`,
  );
  console.log(spawnSync("npx", ["shmgen", "metrics", region.name], { encoding: "utf8" }).stdout.trimEnd());
  const ends = workers.map((worker) => once(worker, "exit"));
  for (const worker of workers) worker.kill("SIGKILL");
  await Promise.all(ends);
}
