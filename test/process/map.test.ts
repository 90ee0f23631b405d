/** Maps of real regions, over both kinds of mappings: with kernels, and without. */
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Region } from "@shmgen/runtime";
import { snapshot } from "@shmgen/runtime";
import { rawMemory } from "@shmgen/runtime/codegen-v1";
import { hashOf } from "../../runtime/dist/runtime/containers/map/hash.js";
import {
  type CachesData,
  type CachesModule,
  generateCaches,
  type Words as Copy,
} from "../support/containers/caches.js";
import { messageOf } from "../support/containers/floors.js";
import { codeOf, regionDirectory } from "../support/processes/processes.js";
import { byDepth } from "../support/run/depth.js";
import { Random, runSeed } from "../support/run/random.js";
import { startThread } from "../support/threads/threads.mjs";
import { A_KIND, KINDS } from "../support/run/system.js";

const directory = regionDirectory();
const CACHES = generateCaches();
const { Caches, Session, Words } = (await import(CACHES)) as CachesModule;
const HEADER = 128;
let regions = 0;

function caches(mapping: "wasm" | "view" = A_KIND): Region<CachesData> {
  return Caches.createOrOpen(`caches-${(regions += 1)}`, { mapping });
}

/** Index of the first word of a map in the region's words. */
function wordOf(name: keyof CachesData): number {
  return (HEADER + (Caches.layout.fields.find((one) => one.name === name)?.offset ?? 0)) / 4;
}

it("hashes as others do: these are the vectors of Linux for hsiphash with words of 32 bits", () => {
  const bytes = Uint8Array.from({ length: 64 }, (_, at) => at);
  const hashes = Array.from({ length: 9 }, (_, length) => {
    const words = new Uint32Array(bytes.slice().fill(0, length).buffer);
    return (hashOf(words, length, { low: 0x0302_0100, high: 0x0706_0504 }) >>> 0).toString(16);
  });
  const known = "5814c896 e7e864ca bc4b0e30 1539939 7e059ea6 88e3d89b a0080b65 9d38d9d6 577999b1";
  expect(hashes.join(" ")).toBe(known);
});

it("a change that waits for its turn, or need not, is never met half way by others of the same thread", async () => {
  using region = caches();
  const { sessions } = region.data;
  const changes: Promise<unknown>[] = [sessions.setAsync("ayse", { visits: 1 })];
  sessions.set("ali", { visits: 2 });
  sessions.update("ali", (session) => {
    changes.push(
      sessions.updateAsync("ayse", (other) => void (other.visits += 10)),
      sessions.deleteAsync("ali"),
    );
    session.visits = 3;
  });
  expect([sessions.get("ayse")?.visits, sessions.has("ali")]).toEqual([11, false]);
  sessions.set("ali", { visits: 4 });
  expect([await Promise.all(changes), sessions.get("ali")?.visits]).toEqual([[undefined, true, true], 4]);
});

describe.each(KINDS)("a map over a mapping of kind %s", (mapping) => {
  it("gives back what was set, whatever its keys and values are", () => {
    using region = caches(mapping);
    const { sessions, numbers, larges, texts, gears, tags, wide, lanes } = region.data;
    expect([sessions.get("ayse"), sessions.has("ayse"), sessions.size, sessions.capacity]).toEqual([
      undefined,
      false,
      0,
      4,
    ]);
    expect(sessions.set("ayse", { visits: 1, name: "a" })).toBe(sessions);
    sessions.set("ali", { seen: 2.5 }).set("çağrı€", { visits: 3 }).set("", { visits: 4 });
    expect(sessions.get("ayse")).toEqual({ visits: 1, seen: 0, name: "a" });
    sessions.set("ayse", { seen: 7 });
    expect(sessions.get("ayse")).toEqual({ visits: 0, seen: 7, name: "" });
    expect(new Map(sessions).get("çağrı€")).toEqual({ visits: 3, seen: 0, name: "" });
    expect([...sessions.keys()].sort()).toEqual(["", "ali", "ayse", "çağrı€"]);
    expect([...sessions.values()].map(({ visits }) => visits).sort()).toEqual([0, 0, 3, 4]);
    expect([sessions.delete("ali"), sessions.delete("ali"), sessions.has("ali"), sessions.size]).toEqual([
      true,
      false,
      false,
      3,
    ]);
    sessions.set("thirteen byte", { visits: 13 });
    expect(sessions.get("thirteen byte")?.visits).toBe(13);
    numbers.set(0, 2n ** 64n - 1n).set(0xffff_ffff, 5n);
    expect([...numbers].sort()).toEqual([
      [0, 2n ** 64n - 1n],
      [0xffff_ffff, 5n],
    ]);
    larges.set(7, { words: Array.from({ length: 125 }, (_, at) => BigInt(at)) });
    expect(larges.get(7)?.words[124]).toBe(124n);
    texts.set(2n ** 63n, "seven b");
    expect([texts.get(2n ** 63n), texts.get(1n)]).toEqual(["seven b", undefined]);
    gears.set(3, 9).set(0, 8);
    expect([gears.get(3), gears.get(0), codeOf(() => gears.get(1))]).toEqual([9, 8, "ERR_SHM_RANGE"]);
    tags.set(Uint8Array.of(1, 0, 3), Number.NaN).set(Uint8Array.of(0, 0, 0), -0);
    expect([tags.get(Uint8Array.of(1, 0, 3)), tags.get(new Uint8Array(3))]).toEqual([Number.NaN, -0]);
    expect([...tags.keys()].map(String).sort()).toEqual(["0,0,0", "1,0,3"]);
    wide.set(2 ** 52, [1, 2, 3]);
    expect([...wide]).toEqual([[2 ** 52, [1, 2, 3]]]);
    lanes.at(0).set(1, 2);
    expect([lanes.at(0).get(1), lanes.at(1).get(1)]).toEqual([2, undefined]);
    sessions.clear();
    expect([sessions.size, [...sessions], sessions.get("ayse")]).toEqual([0, [], undefined]);
    expect([JSON.stringify(sessions), snapshot(region.data).many]).toEqual([
      '{"size":0,"capacity":4}',
      { size: 0, capacity: 1000 },
    ]);
  });

  it("copies a value to an accessor over private memory, and to no other", () => {
    using region = caches(mapping);
    const { records, numbers } = region.data;
    const copy = Words.local();
    expect(records.get(1, copy)).toBeUndefined();
    records.set(1, { words: Array.from({ length: 8 }, () => 5n) });
    expect([...records.get(1, copy)!.words]).toEqual(Array.from({ length: 8 }, () => 5n));
    expect(records.get(1, copy)).toBe(copy);
    copy.words[0] = 9n;
    expect(records.get(1)?.words[0]).toBe(5n);
    // Beyond the first blocks of private memory, where kernels copy to another place first.
    const others = Array.from({ length: 20_000 }, () => Words.local());
    expect(records.get(1, others.at(-1)!)?.words[7]).toBe(5n);
    for (const other of [Session.local(), region.data, {}, null, 1]) {
      expect(codeOf(() => records.get(1, other as Copy))).toBe("ERR_SHM_RANGE");
    }
    numbers.set(1, 1n);
    expect(() => numbers.get(1, copy)).toThrow(/use read\(\)|has no accessor/);
  });

  it("refuses keys and values that do not fit, changes nothing then, and goes on", () => {
    using region = caches(mapping);
    const { sessions, numbers, tags } = region.data;
    const strange = sessions as unknown as { get(key: unknown): unknown; set(key: unknown, value: unknown): void };
    for (const key of ["fourteen bytes", "a\0b", "\ud800", "€€€€€", 5, null, undefined, {}]) {
      expect(codeOf(() => strange.get(key))).toBe("ERR_SHM_RANGE");
      expect(codeOf(() => strange.set(key, { visits: 1 }))).toBe("ERR_SHM_RANGE");
    }
    for (const value of [{ visits: -1 }, { visit: 1 }, { name: "longer" }, null, 5]) {
      expect(codeOf(() => strange.set("ayse", value))).toBe("ERR_SHM_RANGE");
    }
    for (const key of [-1, 2 ** 32, 0.5, 1n, "1"]) expect(codeOf(() => numbers.get(key as number))).not.toBe("none");
    for (const key of [new Uint8Array(2), [1, 2, 3], new Uint16Array(3)]) {
      expect(messageOf(() => tags.get(key as Uint8Array))).toContain("a Uint8Array of 3 bytes");
    }
    for (const options of [{ ttlMs: 0 }, { ttlMs: Number.NaN }, { evict: "newest" }, { timeoutMs: -1 }]) {
      expect(codeOf(() => sessions.set("ayse", {}, options as object))).toBe("ERR_SHM_RANGE");
    }
    expect([sessions.size, [...sessions], numbers.size]).toEqual([0, [], 0]);
    sessions.set("ayse", { visits: 1 });
    expect(sessions.get("ayse")?.visits).toBe(1);
  });
});

describe.each(KINDS)("a map that is changed over a mapping of kind %s", (mapping) => {
  it("is changed in place by updates, which add what is missing where they are told what", async () => {
    using region = caches(mapping);
    const { sessions, numbers } = region.data;
    const visit = (session: { visits: number }): void => void (session.visits += 1);
    expect(sessions.update("ayse", visit)).toBe(false);
    expect(sessions.update("ayse", visit, { initial: { visits: 5, name: "x" } })).toBe(true);
    expect(sessions.update("ayse", visit, { initial: { visits: 50 } })).toBe(true);
    expect(await sessions.updateAsync("ayse", visit)).toBe(true);
    expect(sessions.get("ayse")).toEqual({ visits: 8, seen: 0, name: "x" });
    expect(numbers.update(1, (value) => value + 1n, { initial: 0n })).toBe(true);
    expect(numbers.update(1, (value) => value + 1n)).toBe(true);
    expect(numbers.get(1)).toBe(2n);
    const thrown = new Error("no");
    expect(() =>
      sessions.update("ayse", (session) => {
        session.visits = 99;
        // Readers see the old one meanwhile, also this thread.
        expect(sessions.get("ayse")?.visits).toBe(8);
        throw thrown;
      }),
    ).toThrow(thrown);
    expect(messageOf(() => sessions.update("ayse", () => void sessions.set("ali", {})))).toContain(
      "within a change of it",
    );
    expect(codeOf(() => sessions.update("ayse", async () => undefined))).toBe("ERR_SHM_RANGE");
    expect(codeOf(() => sessions.update("ayse", (() => ({ visits: 1 })) as never))).toBe("ERR_SHM_RANGE");
    expect([sessions.get("ayse")?.visits, sessions.size]).toEqual([8, 1]);
    await sessions.setAsync("ali", { visits: 2 });
    expect([await sessions.deleteAsync("ali"), await sessions.deleteAsync("ali")]).toEqual([true, false]);
    await sessions.clearAsync();
    expect(sessions.size).toBe(0);
  });

  it("refuses another key when it is full, or has the oldest one go", () => {
    using region = caches(mapping);
    const { sessions } = region.data;
    for (const key of ["a", "b", "c", "d"]) sessions.set(key, { visits: 1 });
    expect(messageOf(() => sessions.set("e", {}))).toMatch(/is full, and none of its entries has expired: capacity=4/);
    expect(codeOf(() => sessions.update("e", () => undefined, { initial: {} }))).toBe("ERR_SHM_BUSY");
    // What is there can be replaced all the same, and is the newest then.
    sessions.set("a", { visits: 2 }).update("b", () => undefined);
    sessions.set("e", { visits: 5 }, { evict: "oldest" });
    expect([...sessions.keys()].sort()).toEqual(["a", "b", "d", "e"]);
    sessions.set("f", {}, { evict: "oldest" }).set("g", {}, { evict: "oldest" });
    expect([...sessions.keys()].sort()).toEqual(["b", "e", "f", "g"]);
    expect(sessions.size).toBe(4);
    sessions.delete("e");
    sessions.set("h", {});
    expect(sessions.size).toBe(4);
  });

  it("does not find what has expired, and gives its room to others", async () => {
    using region = caches(mapping);
    const { sessions } = region.data;
    sessions.set("long", { visits: 1 }, { ttlMs: 60_000 }).set("short", { visits: 2 }, { ttlMs: 40 });
    sessions.set("kept", { visits: 3 }, { ttlMs: 40 }).set("ever", { visits: 4 }, { ttlMs: Infinity });
    sessions.update("kept", () => undefined, { ttlMs: 60_000 });
    sessions.update("short", (session) => void (session.visits += 1));
    expect([sessions.has("short"), sessions.size]).toEqual([true, 4]);
    await delay(60);
    expect([sessions.has("short"), sessions.get("short"), sessions.get("kept")?.visits]).toEqual([false, undefined, 3]);
    expect([...sessions.keys()].sort()).toEqual(["ever", "kept", "long"]);
    expect([sessions.update("short", () => undefined), sessions.size]).toEqual([false, 4]);
    sessions.set("next", { visits: 5 });
    expect([sessions.get("next")?.visits, sessions.size]).toEqual([5, 4]);
    sessions.delete("next");
    sessions.set("short", { visits: 6 }, { ttlMs: 10 });
    await delay(20);
    expect([sessions.delete("short"), sessions.size]).toEqual([false, 3]);
    expect(
      sessions.update("late", (session) => void (session.visits += 1), { initial: { visits: 1 }, ttlMs: 10 }),
    ).toBe(true);
    await delay(20);
    expect(sessions.update("late", (session) => void (session.visits += 1), { initial: { visits: 7 } })).toBe(true);
    expect(sessions.get("late")?.visits).toBe(8);
  });

  it("is what a Map is, through a hundred thousand changes, also where its counters begin again", () => {
    using region = caches(mapping);
    const { many } = region.data;
    const seed = runSeed("map");
    const random = new Random(seed);
    const words = rawMemory(region.memory).u32;
    const first = wordOf("many");
    many.set("first", 1);
    words.fill(0xffff_ffff, first + 7, first + 8);
    // Stamps of all buckets are about to begin again.
    for (let bucket = 0; bucket < 1024; bucket += 1) words[first + 16 + 2 * bucket + 1] = 0xffff_fffe;
    const same = new Map([["first", 1]]);
    for (let turn = 0; turn < byDepth(20_000, 100_000); turn += 1) {
      const key = `key ${random.integer(0, 1500)}`;
      const what = random.integer(0, 9);
      if (what < 4) {
        many.set(key, turn, { evict: "oldest" });
        // The order is that of the last set or update.
        if (!same.delete(key) && same.size === 1000) same.delete(same.keys().next().value as string);
        same.set(key, turn);
      } else if (what < 6) {
        const value = same.get(key);
        expect(many.update(key, (before) => (before + 1) >>> 0)).toBe(value !== undefined);
        if (value !== undefined) {
          same.delete(key);
          same.set(key, value + 1);
        }
      } else if (what === 6) expect(many.delete(key)).toBe(same.delete(key));
      else expect(many.get(key), `seed ${seed}, turn ${turn}`).toBe(same.get(key));
    }
    expect(many.size).toBe(same.size);
    expect(new Map(many)).toEqual(new Map([...same].sort()));
    expect([...many.keys()].every((key) => many.has(key))).toBe(true);
  });

  it("is the same for all threads that share the mapping, whose updates add up", async () => {
    using region = caches(mapping);
    const shared = mapping === "wasm" ? region.share() : undefined;
    const worker = await startThread();
    const done = worker.run(
      async ({ load }, { url, given, name, kind, directory: own }) => {
        process.env["SHMGEN_DIR"] = own;
        const { Caches: OwnCaches } = (await load(url)) as CachesModule;
        const opened = given === undefined ? OwnCaches.open(name, { mapping: kind }) : OwnCaches.fromShared(given);
        for (let count = 0; count < 2000; count += 1) {
          opened.data.many.update(`key ${count % 7}`, (value) => value + 1, { initial: 0 });
        }
        opened.close();
      },
      { url: CACHES, given: shared, name: region.name, kind: mapping, directory },
    );
    const { many } = region.data;
    for (let count = 0; count < 2000; count += 1) {
      many.update(`key ${count % 7}`, (value) => value + 1, { initial: 0 });
      if (count % 100 === 0) await many.updateAsync("turns", (value) => value + 1, { initial: 0 });
    }
    await done;
    expect(many.get("turns")).toBe(20);
    expect([...many.values()].reduce((sum, value) => sum + value, 0)).toBe(4020);
    await worker.end();
  });
});
