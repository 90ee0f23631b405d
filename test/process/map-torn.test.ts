/**
 * Readers of maps whose entries others replace, remove and add again all the time, so that entries go from key to key: no value is torn,
 * and none is another key's, whoever is stopped or killed.
 */
import { expect, it } from "vitest";
import { type CachesData, type CachesModule, generateCaches } from "../support/containers/caches.js";
import { type Child, type ChildContext, regionDirectory, startProcess, until } from "../support/processes/processes.js";
import { byDepth } from "../support/run/depth.js";
import { tally } from "../support/run/tally.js";
import { startThread } from "../support/threads/threads.mjs";
import { KINDS } from "../support/run/system.js";
import { STOPS, suspend } from "../support/processes/stops.js";

const directory = regionDirectory();
const CACHES = generateCaches();
const caches = (await import(CACHES)) as CachesModule;
/** Reads of each form of values of 8, 64 and 1,000 bytes, a half of them in a thread. */
const READS = byDepth(300_000, 1_000_000, 50_000_000);
const KILLS = byDepth(4, 8, 100);

interface Order {
  readonly directory: string;
  readonly name: string;
  readonly mapping: "wasm" | "view";
  readonly caches: string;
  readonly reads: number;
}

/** Each value says its key in the upper half, and when it was set in the lower one, in all of its words. Until it is killed. */
async function write({ load }: ChildContext, order: Order): Promise<void> {
  process.env["SHMGEN_DIR"] = order.directory;
  const { Caches } = (await load(order.caches)) as CachesModule;
  const { numbers, records, larges, many } = Caches.open(order.name, { mapping: order.mapping }).data;
  const [short, long] = [new BigUint64Array(8), new BigUint64Array(125)];
  for (;;) {
    // One clock for all writers, so that values of a key never go back.
    let now = 0;
    many.update("clock", (before) => (now = before + 1), { initial: 0 });
    // More keys than there is room for: entries change hands all the time.
    const key = (now * 7) % 11;
    const value = (BigInt(key) << 32n) | BigInt(now);
    const options = { evict: "oldest" } as const;
    if (now % 5 === 0) {
      numbers.delete(key);
      records.delete(key);
      larges.delete(key);
    } else {
      numbers.set(key, value, options);
      records.set(key, { words: short.fill(value) }, options);
      larges.set(key, { words: long.fill(value) }, options);
    }
  }
}

interface Found {
  wrong: number;
  reads: number;
  hits: number;
  /** Different values of the largest ones. */
  values: number;
}

/** Reads so often, and until it has seen some hundred different values. */
function read(module: CachesModule, { numbers, records, larges }: CachesData, reads: number): Found {
  const found = { wrong: 0, reads: 0, hits: 0, values: 0 };
  const [record, large] = [module.Words.local(), module.Large.local()];
  let last = 0n;
  const check = (key: number, words: ArrayLike<bigint>): void => {
    found.hits += 1;
    for (let at = 1; at < words.length; at += 1) if (words[at] !== words[0]) found.wrong += 1;
    if (Number(words[0]! >> 32n) !== key) found.wrong += 1;
  };
  for (let turn = 0; found.reads < reads || found.values < 100; turn += 1) {
    const key = turn % 11;
    const number = numbers.get(key);
    if (number !== undefined) check(key, [number]);
    if (records.get(key, record) !== undefined) check(key, record.words);
    if (larges.get(key, large) !== undefined) {
      check(key, large.words);
      if (large.words[0] !== last) found.values += 1;
      last = large.words[0]!;
    }
    found.reads += 3;
    if (turn % 1000 > 0) continue;
    const keys = new Set<number>();
    for (const [own, { words }] of larges) {
      check(own, words as unknown as bigint[]);
      // None comes twice.
      if (keys.has(own)) found.wrong += 1;
      keys.add(own);
    }
  }
  return found;
}

async function readInThread({ load }: ChildContext, order: Order, source: string): Promise<unknown> {
  process.env["SHMGEN_DIR"] = order.directory;
  const own = (await load(order.caches)) as CachesModule;
  const region = own.Caches.open(order.name, { mapping: order.mapping });
  // eslint-disable-next-line typescript/no-implied-eval
  const run = new Function(`return ${source}`)() as typeof read;
  const result = run(own, region.data, order.reads);
  region.close();
  return result;
}

it.each(KINDS)(
  "0 wrong values over a %s mapping, while writers are stopped, killed and come back",
  { tags: ["soak"] },
  async (mapping) => {
    using region = caches.Caches.createOrOpen(`torn-${mapping}`, { mapping });
    const { data } = region;
    const order = { directory, name: region.name, mapping, caches: CACHES, reads: READS / 2 };
    const clock = (): number => data.many.get("clock") ?? 0;
    const goesOn = async (): Promise<void> => {
      const before = clock();
      await until(() => clock() - before > 20, "they write");
    };
    const start = async (): Promise<Child> => {
      const child = await startProcess();
      void child.run(write, order).catch(() => undefined);
      return child;
    };
    const writers = [await start(), await start()];
    await goesOn();
    const thread = await startThread();
    const inThread = thread.run(readInThread as never, order as never, read.toString() as never);
    const found: Found = { wrong: 0, reads: 0, hits: 0, values: 0 };
    for (let kill = 0; kill <= KILLS; kill += 1) {
      const now = read(caches, data, order.reads / (KILLS + 1));
      for (const name of ["wrong", "reads", "hits", "values"] as const) found[name] += now[name];
      if (kill === KILLS) break;
      const victim = writers.shift()!;
      if (STOPS > 0) suspend(victim);
      // Readers go on beside all that it may have in hand.
      const beside = Array.from({ length: 1000 }, () => data.records.get(3)).filter((one) => one !== undefined);
      expect(beside.every(({ words }) => new Set(words).size === 1)).toBe(true);
      await victim.kill();
      writers.push(await start());
      await goesOn();
    }
    const other = (await inThread) as Found;
    await Promise.all([...writers.map((writer) => writer.kill()), thread.end()]);
    const wrong = found.wrong + other.wrong;
    tally("maps", {
      operations: found.reads + other.reads,
      hits: found.hits + other.hits,
      values: found.values + other.values,
      kills: KILLS,
      stops: KILLS,
      torn: wrong,
    });
    expect(wrong).toBe(0);
    expect(found.hits).toBeGreaterThan(found.reads / 10);
  },
);
