/**
 * One contender of the groups of maps: `node map-contender.mjs MODULE NAME WORK [beside]` prints ns for one get or set of 10,000 keys. `beside`: while
 * another process sets them without a pause.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";

const [url, name, work, how, directory] = process.argv.slice(2);
const COUNT = 10_000;
const BATCH = 20_000;
const BATCHES = 40;
const keys = Array.from({ length: COUNT }, (_, at) => `session-${(Math.imul(at, 2654435761) >>> 0).toString(16)}`);
/** In an order that no cache foresees. */
const order = Array.from({ length: COUNT }, (_, at) => keys[(at * 7919) % COUNT]);
const session = (visits) => ({ visits, seen: 1.5 });
const isOther = how === "other";
const own = directory ?? mkdtempSync("/dev/shm/shmgen-bench-");

/** Each gives what is done with one key; `fill` comes before. */
const CONTENDERS = {
  async Map() {
    const map = new Map();
    return { get: (key) => map.get(key).visits, set: (key, at) => map.set(key, session(at)) };
  },
  async shmgen() {
    const { Floor, Session } = await import(url);
    const region = Floor.createOrOpen("bench", { directory: own });
    const { sessions } = region.data;
    const copy = Session.local();
    return {
      get: (key) => sessions.get(key).visits,
      copy: (key) => sessions.get(key, copy).visits,
      has: (key) => sessions.has(key),
      set: (key, at) => sessions.set(key, session(at)),
      ttl: (key, at) => sessions.set(key, session(at), { ttlMs: 60_000 }),
      update: (key) => sessions.update(key, (one) => void (one.visits += 1)),
      close: () => region.close(),
    };
  },
  async lmdb() {
    const { open } = await import("lmdb");
    const db = open({ path: `${own}/lmdb`, noSync: true });
    return {
      get: (key) => db.get(key).visits,
      set: (key, at) => db.putSync(key, session(at)),
      async batch(from, length) {
        for (let at = from; at < from + length; at += 1) void db.put(order[at % COUNT], session(at));
        await db.flushed;
      },
      close: () => db.close(),
    };
  },
  /** A cache in one process that others ask. */
  async send() {
    const cache = fork(import.meta.filename, [url, "send", "serve", "serve", own]);
    await once(cache, "message");
    let next;
    cache.on("message", (value) => next(value));
    const ask = (message) =>
      new Promise((resolve) => {
        next = resolve;
        cache.send(message);
      });
    return {
      isAsync: true,
      get: (key) => ask({ key }),
      set: (key, at) => ask({ key, value: session(at) }),
      close: () => cache.kill("SIGKILL"),
    };
  },
};

if (how === "serve") {
  const map = new Map();
  process.on("message", ({ key, value }) => {
    if (value !== undefined) map.set(key, value);
    process.send(value === undefined ? map.get(key) : true);
  });
  process.send("ready");
} else {
  const contender = await CONTENDERS[name]();
  if (isOther) {
    process.send("sets");
    for (let at = 0; ; at += 1) contender.set(order[at % COUNT], at);
  }
  for (const [at, key] of keys.entries()) await contender.set(key, at);
  const other = how === "beside" ? fork(import.meta.filename, [url, name, work, "other", own]) : undefined;
  if (other) await once(other, "message");
  console.log((await best(contender)).toFixed(2));
  other?.kill("SIGKILL");
  if (other) await once(other, "exit");
  await contender.close?.();
  if (directory === undefined) rmSync(own, { recursive: true, force: true });
}

/** The fastest of many batches: what else the machine does is in the others. */
async function best(contender) {
  const call = contender[work];
  const length = contender.isAsync ? BATCH / 20 : BATCH;
  let least = Infinity;
  let turn = 0;
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const begin = process.hrtime.bigint();
    if (work === "batch") await call(turn, length);
    else if (contender.isAsync) for (let at = 0; at < length; at += 1) await call(order[(turn + at) % COUNT], at);
    else for (let at = 0; at < length; at += 1) call(order[(turn + at) % COUNT], at);
    turn += length;
    least = Math.min(least, Number(process.hrtime.bigint() - begin) / length);
  }
  return least;
}
