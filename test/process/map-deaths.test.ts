/**
 * Death at every atomic operation of every change of a map: each key has its old value or its new one, whole, no entry is lost, and others go on
 * changing it. Over a mapping of kind "view", where each word of an entry is stored by JavaScript, and of kind "wasm", where kernels store
 * them.
 */
import { expect, it } from "vitest";
import { rawMemory } from "@shmgen/runtime/codegen-v1";
import { type CachesData, type CachesModule, generateCaches } from "../support/containers/caches.js";
import type * as DieAt from "../support/containers/die-at.mjs";
import { type ChildContext, regionDirectory, startProcess } from "../support/processes/processes.js";
import { byDepth, drawnOf } from "../support/run/depth.js";
import { KINDS } from "../support/run/system.js";

const directory = regionDirectory();
const CACHES = generateCaches();
const { Caches } = (await import(CACHES)) as CachesModule;
const DIE_AT = new URL("../support/containers/die-at.mjs", import.meta.url).href;
const HEADER = 128;
const LOSSES = 1;

type Change = "add" | "replace" | "update" | "delete" | "evict" | "clear" | "repair" | "first";

interface Order {
  readonly directory: string;
  readonly name: string;
  readonly mapping: "wasm" | "view";
  readonly caches: string;
  readonly dieAt: string;
  readonly point: number;
  readonly loads: boolean;
  readonly change: Change;
}

/** In the process that dies. Values say their key and which they are of it. */
async function change({ load }: ChildContext, order: Order): Promise<number> {
  process.env["SHMGEN_DIR"] = order.directory;
  const { Caches: OwnCaches } = (await load(order.caches)) as CachesModule;
  const { dieAt } = (await load(order.dieAt)) as typeof DieAt;
  const region = OwnCaches.open(order.name, { mapping: order.mapping });
  const { records } = region.data;
  const words = (key: number, version: number) => ({
    words: Array.from({ length: 8 }, () => BigInt(key * 1000 + version)),
  });
  const changes: Readonly<Record<Change, () => void>> = {
    add: () => void records.set(9, words(9, 2)),
    first: () => void records.set(9, words(9, 2)),
    replace: () => void records.set(3, words(3, 2)),
    update: () => void records.update(3, (own) => void own.words.fill(3002n)),
    delete: () => void records.delete(3),
    evict: () => void records.set(9, words(9, 2), { evict: "oldest" }),
    clear: () => records.clear(),
    repair: () => void records.set(3, words(3, 2)),
  };
  const points = dieAt(order.point, { loads: order.loads });
  changes[order.change]();
  return points();
}

const record = (key: number, version: number): { words: bigint[] } => ({
  words: Array.from({ length: 8 }, () => BigInt(key * 1000 + version)),
});

/** What is there before: keys 1 to 6, or to 8, which is all that there is room for. */
function fill({ records }: CachesData, change: Change): void {
  if (change === "first") return;
  records.clear();
  for (let key = 1; key <= (change === "evict" ? 8 : 6); key += 1) records.set(key, record(key, 1));
}

/** The versions of keys, each of which has to be whole. */
function versions({ records }: CachesData): Map<number, number> {
  const found = new Map<number, number>();
  for (const [key, { words }] of records) {
    expect(new Set(words).size).toBe(1);
    expect(found.has(key)).toBe(false);
    found.set(key, Number(words[0]) - key * 1000);
    expect(records.get(key)?.words).toEqual(words);
  }
  return found;
}

/** What keys may be there after a death, as sets of versions: 0 for none. */
function mayBe(change: Change, key: number): readonly number[] {
  if (change === "clear") return [0, 1];
  if (change === "evict" && key === 1) return [0, 1];
  if (key === 9) return change === "add" || change === "evict" || change === "first" ? [0, 2] : [0];
  if (change === "first" || (change !== "evict" && key > 6)) return [0];
  if (key !== 3) return [1];
  if (change === "delete") return [0, 1];
  return change === "replace" || change === "update" || change === "repair" ? [1, 2] : [1];
}

const CHANGES: readonly Change[] = ["add", "replace", "update", "delete", "evict", "clear", "repair", "first"];

/** One death; how many points there were, when it came too late. */
async function deathIn(
  what: Change,
  { name, mapping, point }: Pick<Order, "name" | "mapping" | "point">,
): Promise<number | undefined> {
  using region = Caches.createOrOpen(name, { mapping });
  const { data } = region;
  fill(data, what);
  // As after a death of somebody with the lock: whoever comes makes the lists anew, and dies in that.
  if (what === "repair") {
    const at = Caches.layout.fields.find((field) => field.name === "records")?.offset ?? 0;
    Atomics.add(rawMemory(region.memory).u32, (HEADER + at) / 4 + LOSSES, 1);
  }
  const child = await startProcess();
  const order = { directory, name, mapping, caches: CACHES, dieAt: DIE_AT, point, change: what };
  const points = await child.run(change, { ...order, loads: byDepth(false, true) }).catch(() => undefined);
  await child.kill();
  const found = versions(data);
  for (let key = 1; key <= 9; key += 1) {
    if (what === "evict" && key > 1 && key < 9) expect(found.get(key)).toBe(1);
    else expect(mayBe(what, key), `key ${key} at point ${point}`).toContain(found.get(key) ?? 0);
  }
  goesOn(data, [...found.keys()]);
  return points;
}

/** The next one finds the room of all entries and the one to replace with, and the order in which they were set. */
function goesOn(data: CachesData, kept: number[]): void {
  const { records } = data;
  for (let key = 20; kept.length < 8; key += 1) {
    records.set(key, record(key, 1), { timeoutMs: 20_000 });
    kept.push(key);
  }
  expect(() => records.set(99, record(99, 1))).toThrow(/is full/);
  for (const key of kept) records.set(key, record(key, 3));
  const inOrder = (list: readonly number[]): number[] => [...list].sort((one, other) => one - other);
  const after = versions(data);
  expect(inOrder([...after.keys()])).toEqual(inOrder(kept));
  expect(new Set(after.values())).toEqual(new Set([3]));
  expect(records.size).toBe(8);
  for (const key of kept) {
    records.set(1000 + key, record(1000 + key, 1), { evict: "oldest" });
    expect(records.has(key)).toBe(false);
  }
}

it.each(KINDS.flatMap((mapping) => CHANGES.map((one) => [one, mapping] as const)))(
  "%s over a %s mapping: a death at any step leaves whole values, and all of the room",
  { timeout: byDepth(120_000, 600_000) },
  async (what, mapping) => {
    const step = byDepth(mapping === "view" ? 23 : 11, mapping === "view" ? 11 : 5, 1);
    for (let point = drawnOf(step), deaths = 0; ; point += step) {
      // What the first one to change a map does is done once.
      const name = `deaths-${mapping}-${what}${what === "first" ? point : ""}`;
      const points = await deathIn(what, { name, mapping, point });
      if (points === undefined) {
        deaths += 1;
        continue;
      }
      console.log(`${what}, ${mapping}: ${points} points, ${deaths} deaths`);
      expect(points).toBeGreaterThan(what === "delete" ? 5 : 8);
      return;
    }
  },
);
