/**
 * Several processes change the same map while they are stopped and killed: what one of them has done is there, each key says how often it
 * was raised, and a key never goes back.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import { type CachesModule, generateCaches } from "../support/containers/caches.js";
import { type ChildContext, regionDirectory, startProcess, until } from "../support/processes/processes.js";
import { byDepth } from "../support/run/depth.js";
import { Random, runSeed } from "../support/run/random.js";
import { tally } from "../support/run/tally.js";
import { resume, STOPS, suspend } from "../support/processes/stops.js";

const directory = regionDirectory();
const CACHES = generateCaches();
const { Caches } = (await import(CACHES)) as CachesModule;
const CHANGES = byDepth(20_000, 80_000, 10_000_000);
const LIVES = byDepth(6, 12, 300);
const PARTIES = 3;
/** More, and each life has its share of the changes. */
const DEATHS_MAX = 3 * PARTIES * LIVES;

interface Order {
  readonly directory: string;
  readonly name: string;
  readonly caches: string;
  /** Its own keys, which nobody else changes. */
  readonly party: number;
}

/**
 * Raises its own keys, one after the other, and says in a file how far it is: before each change that it begins it, and after it that it is
 * done. Changes keys of all as well, so that entries go from hand to hand. Until it is killed.
 */
async function work({ load, fs }: ChildContext, order: Order): Promise<void> {
  process.env["SHMGEN_DIR"] = order.directory;
  const { Caches: OwnCaches } = (await load(order.caches)) as CachesModule;
  const { many } = OwnCaches.open(order.name).data;
  const log = new Uint32Array(2);
  const file = fs.openSync(`${order.directory}/log-${order.party}`, "r+");
  fs.readSync(file, new Uint8Array(log.buffer), 0, 8, 0);
  const say = (at: number, value: number): void => {
    log[at] = value;
    fs.writeSync(file, new Uint8Array(log.buffer), 0, 8, 0);
  };
  for (let turn = log[0]!; ; turn += 1) {
    say(0, turn + 1);
    const key = `own ${order.party}`;
    if (turn % 3 === 0) many.set(key, turn + 1);
    else many.update(key, () => turn + 1, { initial: 0 });
    say(1, turn + 1);
    for (let other = 0; other < 20; other += 1) {
      const shared = `shared ${(turn * 31 + other * 17) % 1500}`;
      many.update("changes", (value) => value + 1, { initial: 0 });
      if (other % 4 === 0) many.delete(shared);
      // Never the oldest: that may be somebody's own key.
      else if (many.size < 900) many.set(shared, turn, other % 4 === 1 ? { ttlMs: 5 } : {});
    }
  }
}

/** Waits for a life's share of the changes. */
async function untilMore(changes: () => number): Promise<void> {
  const enough = changes() + CHANGES / (PARTIES * LIVES);
  while (changes() < enough) await delay(5);
}

it(`${CHANGES} changes and ${PARTIES * LIVES} deaths: all that was done is there`, { tags: ["soak"] }, async () => {
  using region = Caches.createOrOpen("storm");
  const { many } = region.data;
  const random = new Random(runSeed("map-storm"));
  let [kills, stops] = [0, 0];
  const storm = { isOver: false };
  const changes = (): number => many.get("changes") ?? 0;
  const logOf = (party: number): Uint32Array =>
    new Uint32Array(new Uint8Array(readFileSync(`${directory}/log-${party}`)).buffer);
  const watched = (async () => {
    const last = new Map<string, number>();
    let looks = 0;
    while (!storm.isOver) {
      for (let party = 0; party < PARTIES; party += 1) {
        const key = `own ${party}`;
        const value = many.get(key) ?? 0;
        expect(value).toBeGreaterThanOrEqual(last.get(key) ?? 0);
        last.set(key, value);
      }
      looks += 1;
      if (looks % 200 === 0) expect(new Set(many.keys()).size).toBeLessThanOrEqual(1000);
      if (looks % 20 === 0) await delay(1);
    }
    return looks;
  })();
  const party = async (own: number): Promise<void> => {
    writeFileSync(`${directory}/log-${own}`, new Uint8Array(8));
    for (let lives = 0; lives < LIVES || changes() < CHANGES; lives += 1) {
      const child = await startProcess();
      const order = { directory, name: region.name, caches: CACHES, party: own };
      const [before = 0] = logOf(own);
      void child.run(work, order).catch(() => undefined);
      // Most of them come to work, however long the start takes, so that the changes come together.
      if (random.chance(0.8)) await until(() => (logOf(own)[0] ?? 0) > before, `party ${own} works`);
      await delay(random.integer(20, 150));
      // Where starting takes longer than working, the last ones live until there was work.
      if (kills > DEATHS_MAX) await untilMore(changes);
      if (random.chance(STOPS)) {
        suspend(child);
        stops += 1;
        await delay(random.integer(0, 120));
        resume(child);
        await delay(random.integer(0, 20));
      }
      await child.kill();
      kills += 1;
      const [begun, done] = logOf(own) as unknown as [number, number];
      const value = many.get(`own ${own}`) ?? 0;
      expect(value, `party ${own}`).toBeGreaterThanOrEqual(done);
      expect(value, `party ${own}`).toBeLessThanOrEqual(begun);
    }
  };
  try {
    await Promise.all(Array.from({ length: PARTIES }, (_, own) => party(own)));
  } finally {
    storm.isOver = true;
  }
  const looks = await watched;
  tally("maps", { operations: changes(), kills, stops, looks });
  // No room was lost: all entries can be used.
  many.clear();
  for (let key = 0; key < 1000; key += 1) many.set(`${key}`, key);
  expect([many.size, [...many].length]).toEqual([1000, 1000]);
  expect(Array.from({ length: 1000 }, (_, key) => many.get(`${key}`)).every((value, key) => value === key)).toBe(true);
});
