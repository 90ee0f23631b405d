/**
 * A cluster whose workers have their sessions in one map, and are killed while they serve: `node main.js [REQUESTS] [KILLS]`. Prints what
 * became of the visits.
 */
import cluster, { type Worker } from "node:cluster";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { Cache } from "./generated/cache.js";
import { serve } from "./worker.js";

const WORKERS = 3;
const CLIENTS = 20;
const requests = Number(process.argv[2] ?? 6000);
const kills = Number(process.argv[3] ?? 5);
const SHORT_MS = 300;

if (cluster.isPrimary) await run();
else serve();

/** The number that a worker answers; undefined where it was killed meanwhile. */
function ask(port: number, agent: Agent, method: string, session: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    // A connection that was handed to a worker which is killed then may never be closed.
    const options = { host: "127.0.0.1", port, method, agent, headers: { "x-session": session }, timeout: 1000 };
    const sent = request(options, (response) => {
      let text = "";
      response.on("data", (part) => (text += String(part)));
      response.on("end", () => resolve(response.statusCode === 200 ? Number(text) : undefined));
      response.on("error", () => resolve(undefined));
    });
    sent.on("timeout", () => sent.destroy());
    sent.on("error", () => resolve(undefined));
    sent.end();
  });
}

async function run(): Promise<void> {
  using region = Cache.createUnique("cache");
  const { sessions } = region.data;
  const environment = { CACHE_REGION: region.name, CACHE_TTL_MS: "60000" };
  let port = 0;
  const start = async (): Promise<Worker> => {
    const worker = cluster.fork(environment);
    const [address] = (await once(worker, "listening")) as [{ readonly port: number }];
    // The same for all of them.
    port = address.port;
    return worker;
  };
  const workers = await Promise.all(Array.from({ length: WORKERS }, start));
  const found = { answers: 0, failed: 0, wrong: 0 };
  const state = { isOver: false };

  /** Each of its visits has to be the one after the last, whichever worker counted that. */
  const client = async (at: number): Promise<void> => {
    // Another connection each time, so that workers take turns.
    const agent = new Agent({ keepAlive: false });
    const session = `session-${at}`;
    let last = 0;
    // Of requests that nobody answered, which may have been counted.
    let unknown = 0;
    for (let turn = 0; turn < requests / CLIENTS; turn += 1) {
      const visits = await ask(port, agent, "POST", session);
      if (visits === undefined) {
        found.failed += 1;
        unknown += 1;
        await delay(5);
        continue;
      }
      found.answers += 1;
      if (visits <= last || visits > last + 1 + unknown) found.wrong += 1;
      last = visits;
      unknown = 0;
      if (turn % 10 === 0 && ((await ask(port, agent, "GET", session)) ?? last) < last) found.wrong += 1;
    }
    agent.destroy();
  };
  const killer = async (): Promise<void> => {
    for (let kill = 0; kill < kills && !state.isOver; kill += 1) {
      await delay(50);
      const victim = workers.shift();
      const gone = victim && once(victim, "exit");
      victim?.kill("SIGKILL");
      await gone;
      workers.push(await start());
    }
  };
  const killing = killer();
  await Promise.all(Array.from({ length: CLIENTS }, (_, at) => client(at)));
  state.isOver = true;
  await killing;
  console.log(`${found.answers} visits were answered, ${found.failed} were not, ${found.wrong} were counted wrongly`);

  for (let at = 0; at < 12_000; at += 1) sessions.set(`guest-${at}`, { user: `guest-${at}` }, { evict: "oldest" });
  console.log(`sessions: ${sessions.size} of ${sessions.capacity}, the oldest is guest-${oldest(sessions.keys())}`);
  sessions.set("short", { user: "short" }, { ttlMs: SHORT_MS, evict: "oldest" });
  const before = sessions.has("short");
  await delay(SHORT_MS + 20);
  console.log(
    `a session of ${SHORT_MS} ms: ${before ? "there" : "missing"}, and then ${sessions.has("short") ? "there" : "gone"}`,
  );
  const ends = workers.map((worker) => once(worker, "exit"));
  for (const worker of workers) worker.kill("SIGKILL");
  await Promise.all(ends);
}

/** The lowest number of a guest that is still there. */
function oldest(keys: Iterable<string>): number {
  let least = Infinity;
  for (const key of keys) if (key.startsWith("guest-")) least = Math.min(least, Number(key.slice(6)));
  return least;
}
