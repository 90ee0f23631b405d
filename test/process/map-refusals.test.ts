/** What maps refuse, whom they wait for, and what they do with words that nobody can have written. */
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Region } from "@shmgen/runtime";
import { isShmError, rawMemory } from "@shmgen/runtime/codegen-v1";
import { type CachesData, type CachesModule, generateCaches } from "../support/containers/caches.js";
import { messageOf } from "../support/containers/floors.js";
import { type ChildContext, codeOf, regionDirectory, startProcess, until } from "../support/processes/processes.js";
import { byDepth } from "../support/run/depth.js";
import { Random, runSeed } from "../support/run/random.js";
import { startThread } from "../support/threads/threads.mjs";
import { A_KIND, HAS_SIGNALS, KINDS } from "../support/run/system.js";
import { givenTo } from "../support/threads/given.js";

const directory = regionDirectory();
const CACHES = generateCaches();
const { Caches, Session } = (await import(CACHES)) as CachesModule;
const HEADER = 128;
let regions = 0;

function caches(mapping: "wasm" | "view" = A_KIND): Region<CachesData> {
  return Caches.createOrOpen(`refusals-${(regions += 1)}`, { mapping });
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => "none",
    (error: unknown) => (isShmError(error) ? error.code : error),
  );
}

/** In a process that stops within a change, and says so. */
async function changeForever({ load, fs }: ChildContext, url: string, name: string, own: string): Promise<void> {
  process.env["SHMGEN_DIR"] = own;
  const { Caches: OwnCaches } = (await load(url)) as CachesModule;
  const { sessions } = OwnCaches.open(name).data;
  sessions.update("ayse", (session) => {
    session.visits = 99;
    fs.writeFileSync(`${own}/${name}-changes`, "");
    process.kill(process.pid, "SIGSTOP");
  });
}

describe("maps", () => {
  it("are read in regions that were opened read-only, and not changed", () => {
    using region = caches();
    region.data.sessions.set("ayse", { visits: 1 });
    using reading = Caches.openReadOnly(region.name);
    const { sessions, many } = reading.data;
    expect([sessions.get("ayse"), sessions.has("ali"), sessions.size]).toEqual([
      { visits: 1, seen: 0, name: "" },
      false,
      1,
    ]);
    expect([...sessions]).toEqual([["ayse", { visits: 1, seen: 0, name: "" }]]);
    // Nobody has set anything yet, and then somebody does.
    expect(many.get("one")).toBeUndefined();
    region.data.many.set("one", 1);
    expect(many.get("one")).toBe(1);
    const changing = sessions as unknown as CachesData["sessions"];
    for (const change of [
      () => changing.set("a", {}),
      () => changing.delete("ayse"),
      () => changing.update("ayse", () => undefined),
      () => changing.clear(),
    ]) {
      expect(codeOf(change)).toBe("ERR_SHM_READ_ONLY");
    }
  });

  it("that were closed refuse every use, frozen or not, and what was begun before", async () => {
    const region = caches();
    const { sessions, many, numbers } = region.data;
    Object.freeze(many);
    Object.freeze(numbers);
    many.set("a", 1).set("b", 2);
    const entries = many.entries();
    entries.next();
    expect(() => many.update("a", (value) => (region.close(), value))).toThrow(/closed/);
    for (const map of [sessions, many, numbers]) {
      const one = map as typeof many;
      for (const use of [
        () => one.get("a"),
        () => one.has("a"),
        () => one.set("a", 1),
        () => one.update("a", (value) => value),
        () => one.delete("a"),
        () => one.clear(),
        () => [...one],
        () => one.size,
        () => one.capacity,
      ]) {
        expect(codeOf(use)).toBe("ERR_SHM_CLOSED");
      }
      expect(await rejection(Promise.resolve().then(() => one.setAsync("a", 1)))).toBe("ERR_SHM_CLOSED");
    }
    expect(codeOf(() => [...entries])).toBe("ERR_SHM_CLOSED");
    expect(Session.local().visits).toBe(0);
  });

  it.runIf(HAS_SIGNALS)(
    "are read beside one who changes them and is stopped; others who change them wait, and go on at its death",
    async () => {
      using region = caches();
      const { sessions } = region.data;
      sessions.set("ayse", { visits: 1 });
      const child = await startProcess();
      const changes = child.run(changeForever, CACHES, region.name, directory).catch(() => undefined);
      await until(() => existsSync(`${directory}/${region.name}-changes`), "the other process changes it");
      const began = performance.now();
      for (let turn = 0; turn < 10_000; turn += 1) expect(sessions.get("ayse")?.visits).toBe(1);
      expect([[...sessions.keys()], sessions.size]).toEqual([["ayse"], 1]);
      expect(performance.now() - began).toBeLessThan(5000);
      expect(messageOf(() => sessions.set("ali", {}, { timeoutMs: 20 }))).toContain(`process ${child.pid}`);
      const abort = new AbortController();
      const reason = new Error("enough");
      const aborted = rejection(sessions.setAsync("ali", {}, { signal: abort.signal }));
      const waiting = [
        sessions.updateAsync("ayse", (session) => void (session.visits += 1), { timeoutMs: 60_000 }),
        sessions.setAsync("ali", { visits: 7 }, { timeoutMs: 60_000 }),
        sessions.deleteAsync("ali", { timeoutMs: 60_000 }),
      ];
      // The event loop turns meanwhile.
      let turns = 0;
      await new Promise<void>((resolve) => {
        const timer = setInterval(() => {
          if ((turns += 1) < 5) return;
          clearInterval(timer);
          resolve();
        }, 5);
      });
      abort.abort(reason);
      expect(await aborted).toBe(reason);
      await child.kill();
      await changes;
      expect(await Promise.all(waiting)).toEqual([true, undefined, true]);
      expect([sessions.get("ayse")?.visits, sessions.size]).toEqual([2, 1]);
    },
  );
});

it("a thread that is terminated within a change leaves the old value, and others go on", async () => {
  using region = caches();
  const { many } = region.data;
  many.set("ayse", 1).set("here", 0);
  const thread = await startThread();
  const changes = thread
    .run(
      async ({ load }, url, given) => {
        const { Caches: OwnCaches } = (await load(url)) as CachesModule;
        const opened = typeof given === "string" ? OwnCaches.open(given) : OwnCaches.fromShared(given);
        const own = opened.data.many;
        own.set("here", 1);
        own.update("ayse", () => {
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
          return 99;
        });
      },
      CACHES,
      givenTo(region),
    )
    .catch(() => undefined);
  await until(() => many.get("here") === 1, "the thread changes it");
  await thread.end();
  await changes;
  expect(many.update("ayse", (value) => value + 1, { timeoutMs: 20_000 })).toBe(true);
  expect([many.get("ayse"), many.size]).toEqual([2, 2]);
});

describe.each(KINDS)("words of a map over a mapping of kind %s that nobody can have written", (mapping) => {
  const ROUNDS = byDepth(200, 2000, 50_000);
  const ODD = [0, 1, 2, 3, 4, 5, 6, 7, 0x7fff_ffff, 0x8000_0000, 0xffff, 0xffff_ffff];

  /** Each use: a result, or one of these. */
  const uses = ({ sessions }: CachesData): readonly (() => unknown)[] => [
    () => sessions.get("a"),
    () => sessions.get("b", Session.local()),
    () => sessions.has("c"),
    () => [...sessions],
    () => sessions.set("a", { visits: 2 }, { timeoutMs: 0, evict: "oldest" }),
    () => sessions.set("e", { visits: 2 }, { timeoutMs: 0, ttlMs: 5 }),
    () => sessions.update("b", (session) => void (session.visits += 1), { timeoutMs: 0 }),
    () => sessions.delete("c", { timeoutMs: 0 }),
    () => JSON.stringify(sessions),
    () => sessions.clear({ timeoutMs: 0 }),
  ];

  it(`give results or errors, in time, and nothing outside is touched: ${ROUNDS} rounds`, { timeout: 600_000 }, () => {
    using region = caches(mapping);
    const { data } = region;
    const seed = runSeed(`map-hostile-${mapping}`);
    const random = new Random(seed);
    const raw = rawMemory(region.memory);
    const field = Caches.layout.fields.find(({ name }) => name === "sessions");
    const [at, size] = [HEADER + (field?.offset ?? 0), field?.size ?? 0];
    for (const key of ["a", "b", "c"]) data.sessions.set(key, { visits: 1 });
    const before = raw.u8.slice();
    const counts: Record<string, number> = {};
    for (let round = 0; round < ROUNDS; round += 1) {
      raw.u8.set(before.subarray(at, at + size), at);
      const isWild = random.chance(0.3);
      for (let change = isWild ? size / 4 : random.integer(1, 4); change > 0; change -= 1) {
        const word = at / 4 + (isWild ? change - 1 : random.integer(0, size / 4 - 1));
        raw.u32[word] = random.chance(0.2) ? random.integer(0, 0xffff_ffff) : random.pick(ODD);
      }
      for (const use of uses(data)) {
        const began = performance.now();
        const code = codeOf(use);
        counts[code] = (counts[code] ?? 0) + 1;
        expect(["none", "ERR_SHM_FORMAT", "ERR_SHM_BUSY", "ERR_SHM_RANGE"], `seed ${seed}, round ${round}`).toContain(
          code,
        );
        expect(performance.now() - began).toBeLessThan(2000);
      }
    }
    expect(counts["none"]).toBeGreaterThan(0);
    expect(counts["ERR_SHM_FORMAT"]).toBeGreaterThan(0);
    const table = HEADER + 64 * 16;
    const outside = (bytes: Uint8Array): Uint8Array => bytes.slice(table).fill(0, at - table, at - table + size);
    expect(outside(raw.u8)).toEqual(outside(before));
    // Whatever it was: with a free lock, clear() makes a new start.
    raw.u32[at / 4] = 0;
    data.sessions.clear();
    for (const key of ["a", "b", "c", "d"]) data.sessions.set(key, { visits: 3 });
    expect([...data.sessions.values()].map(({ visits }) => visits)).toEqual([3, 3, 3, 3]);
    console.log(`${mapping}: ${JSON.stringify(counts)}`);
  });
});
