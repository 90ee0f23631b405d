/** Death at every single store into a region: what each leaves is made anew, or goes on, or is the old one as it was. */
import * as fs from "node:fs";
import { expect, it } from "vitest";
import type { Region } from "@shmgen/runtime";
import { rawMemory } from "@shmgen/runtime/codegen-v1";
import { Counter, type CounterChange, type CounterReader, counterOf } from "../support/regions/counter.mjs";
import { isFull, someOf } from "../support/run/depth.js";
import { type ChildContext, codeOf, regionDirectory, startProcess } from "../support/processes/processes.js";
import { descriptorIn, descriptorMovesTo } from "../support/regions/region-bytes.js";
import type * as Stores from "../support/syscalls/stores.mjs";
import { inPairs, ownDirectory } from "../support/syscalls/strace.js";

const base = regionDirectory();
const HOOK = new URL("../support/syscalls/stores.mjs", import.meta.url).href;
const KINDS = isFull ? (["wasm", "view"] as const) : (["auto"] as const);
type Kind = "auto" | "wasm" | "view";

/** What the process under test gets that is killed. */
interface Order {
  readonly hook: string;
  readonly directory: string;
  readonly mapping: Kind;
  /** The point of its death; 0: it lives on and counts. */
  readonly dieAt: number;
  readonly change: CounterChange;
  readonly tailLength?: number;
}

interface Case {
  readonly what: string;
  /** Makes what there is before in this directory, and returns what is still needed at the end. */
  prepare?(directory: string): Promise<Region<Counter> | undefined>;
  /** In the process under test, which knows only what it is given. */
  readonly act: (context: ChildContext, order: Order) => Promise<Stores.Report>;
  readonly change: CounterChange;
  readonly tailLength?: number;
  /** What must be true after it, wherever it ended. */
  judge(directory: string, region: Region<Counter> | undefined): void;
  /** The least of points that it has to have, of which we know. */
  readonly points: number;
}

const TAILED = {
  tailStride: 8,
  fingerprint: "00000000000000cd",
  fields: [
    { name: "count", type: "atomic<u32>", offset: 0, size: 4, align: 4, docs: "" },
    { name: "tail", type: "tail<u64>", offset: 32, size: 0, align: 8, docs: "" },
  ],
};
const Tailed = counterOf(TAILED);
const MIGRATED = { version: 2, fingerprint: "2222222222222222" };
const Migrated = counterOf(MIGRATED);
const DOTNET = { header: "dotnet", typeId: 1, version: 3 } as const;
const Dotnet = counterOf(DOTNET);
const TAIL = (128 + 32) / 8;
const MARK = 0xeeee_eeee_eeee_eeeen;
const LENGTH = 3;
const GROWN = 1000;

const words = (region: Region<Counter>): BigUint64Array => rawMemory(region.memory).u64.subarray(TAIL);
const descriptorOf = (Class: typeof Counter): Buffer => Buffer.from(Class.definition.descriptor, "base64");
const tailOf = (region: Region<Counter>): bigint[] => [...words(region).subarray(0, region.tailLength)];

/** A region that nobody holds. */
function leave(directory: string, Class: typeof Counter, tailLength?: number): undefined {
  const options = { directory, cleanup: "keep" } as const;
  const region = Class.createOrOpen("life", { ...options, ...(tailLength !== undefined && { tailLength }) });
  region.data.count = 99;
  region.data.big = MARK;
  if (tailLength !== undefined) words(region).fill(MARK, 0, tailLength);
  region.close();
}

/** Whoever comes next makes it anew: nothing of the old one or of the dead is left, not even behind its end. */
function isMadeAnew(directory: string, Class: typeof Counter, tailLength?: number): void {
  const options = { directory, timeoutMs: 1000, initialise: (data: Counter) => void (data.word = 9) };
  const region = Class.createOrOpen("life", { ...options, ...(tailLength !== undefined && { tailLength }) });
  expect(["created", "reinitialised"]).toContain(region.outcome);
  expect([region.data.count, region.data.word, region.data.big]).toEqual([0, 9, 0n]);
  expect(fs.readFileSync(region.path).includes(Buffer.alloc(8, 0xee))).toBe(false);
  region.close();
  expect(fs.readdirSync(directory)).toEqual([]);
}

/** Where left-over regions are kept: it is complete as it was made, or made anew. */
function isComplete(directory: string): void {
  const initialise = (data: Counter): void => void (data.word = 9);
  const region = Counter.createOrOpen("life", { directory, timeoutMs: 1000, onStale: "keep", initialise });
  expect([region.data.count, region.data.word, region.data.big]).toEqual([0, region.outcome === "opened" ? 7 : 9, 0n]);
  expect(descriptorIn(region.path)).toEqual(descriptorOf(Counter));
  region.close();
  expect(fs.readdirSync(directory)).toEqual([]);
}

async function holdTail(directory: string): Promise<Region<Counter>> {
  const region = Tailed.createOrOpen("life", { directory, tailLength: LENGTH });
  words(region).set([1n, 2n, 3n]);
  return region;
}

function hasGrownOrNot(directory: string, region: Region<Counter> | undefined): void {
  if (region === undefined) throw new Error("nobody held it");
  region.refresh();
  expect([LENGTH, GROWN]).toContain(region.tailLength);
  const rest = (length: number): bigint[] => Array.from({ length: length - LENGTH }, () => 0n);
  expect(tailOf(region)).toEqual([1n, 2n, 3n, ...rest(region.tailLength)]);
  expect(descriptorIn(region.path)).toEqual(descriptorOf(Tailed));
  // It goes on: what the dead left half done is in nobody's way, and shows nowhere.
  const longer = GROWN + 200;
  region.growTail(longer);
  expect(tailOf(region)).toEqual([1n, 2n, 3n, ...rest(longer)]);
  expect(descriptorIn(region.path)).toEqual(descriptorOf(Tailed));
  expect(descriptorMovesTo(region.path)).toBe(0n);
  region.close();
  expect(fs.readdirSync(directory)).toEqual([]);
}

async function grow({ load, counterOf }: ChildContext, order: Order): Promise<Stores.Report> {
  const { watchStores } = (await load(order.hook)) as typeof Stores;
  const { directory, mapping, change, tailLength = 0 } = order;
  const region = counterOf(change).open("life", { directory, mapping });
  const stores = watchStores(directory, order.dieAt);
  region.growTail(tailLength);
  return stores.report();
}

async function make({ load, counterOf }: ChildContext, order: Order): Promise<Stores.Report> {
  const { watchStores } = (await load(order.hook)) as typeof Stores;
  const { directory, mapping, change, tailLength } = order;
  const initialise = (data: Counter): void => void (data.word = 7);
  const stores = watchStores(directory, order.dieAt);
  counterOf(change).createOrOpen("life", {
    directory,
    mapping,
    initialise,
    ...(tailLength !== undefined && { tailLength }),
  });
  return stores.report();
}

async function migrate({ load, counterOf, runtime }: ChildContext, order: Order): Promise<Stores.Report> {
  const { watchStores } = (await load(order.hook)) as typeof Stores;
  const { directory, mapping, change } = order;
  const step = runtime.migration(counterOf({}), (old: CounterReader, next: Counter) => {
    next.count = old.count + 1;
    next.big = old.big * 2n;
  });
  const stores = watchStores(directory, order.dieAt);
  counterOf(change).createOrOpen("life", { directory, mapping, cleanup: "keep", migrate: [step] });
  return stores.report();
}

/** Runs it in a process of its own; undefined when that has died. */
async function run(
  { act, change, tailLength }: Case,
  directory: string,
  mapping: Kind,
  dieAt: number,
): Promise<Stores.Report | undefined> {
  const child = await startProcess();
  const length = tailLength !== undefined && { tailLength };
  const report = await child
    .run(act, { hook: HOOK, directory, mapping, dieAt, change, ...length })
    .catch((error: unknown) => {
      if (String(error).includes("signal=SIGKILL")) return undefined;
      throw error;
    });
  await child.kill();
  return report;
}

const growth: Case = {
  what: "a tail that grows",
  act: grow,
  change: TAILED,
  tailLength: GROWN,
  prepare: holdTail,
  judge: hasGrownOrNot,
  // Announce, copy, offset, zero, length, end; copy and zero have a middle.
  points: 8,
};

const CASES: readonly Case[] = [
  {
    what: "a region that is created",
    act: make,
    change: {},
    judge: isComplete,
    points: 21,
  },
  {
    what: "a region that is made anew",
    act: make,
    change: {},
    prepare: async (directory) => leave(directory, Counter),
    judge: (directory) => isMadeAnew(directory, Counter),
    points: 25,
  },
  {
    what: "a region that is made anew smaller",
    act: make,
    change: TAILED,
    tailLength: 2,
    prepare: async (directory) => leave(directory, Tailed, 3000),
    judge: (directory) => isMadeAnew(directory, Tailed, 2),
    points: 27,
  },
  {
    what: "a region with the header of .NET that is made anew",
    act: make,
    change: DOTNET,
    prepare: async (directory) => leave(directory, Dotnet),
    judge: (directory) => isMadeAnew(directory, Dotnet),
    points: 5,
  },
  growth,
  {
    ...growth,
    what: "a tail that grows where somebody died who was growing it",
    prepare: async (directory) => {
      const region = await holdTail(directory);
      // After the copy of the descriptor, before anything refers to it.
      expect(await run({ ...growth, tailLength: GROWN * 2 }, directory, "auto", 4)).toBe(undefined);
      expect(descriptorMovesTo(region.path)).toBeGreaterThan(0n);
      return region;
    },
    points: 10,
  },
  {
    what: "a migration",
    act: migrate,
    change: MIGRATED,
    prepare: async (directory) => {
      const region = Counter.createOrOpen("life", { directory, cleanup: "keep" });
      Object.assign(region.data, { count: 4, word: 3, big: 21n });
      region.close();
      return undefined;
    },
    judge: isOldOrNew,
    points: 22,
  },
];

function isOldOrNew(directory: string): void {
  const options = { directory, onStale: "keep", timeoutMs: 1000 } as const;
  const open = (Class: typeof Counter): unknown[] => {
    using region = Class.createOrOpen("life", options);
    const { count, word, big } = region.data;
    return [region.outcome, count, word, big];
  };
  const isOld =
    codeOf(() => Migrated.createOrOpen("life", { ...options, cleanup: "keep" }).close()) === "ERR_SHM_VERSION";
  if (isOld) expect(open(Counter)).toEqual(["opened", 4, 3, 21n]);
  else expect(open(Migrated)).toEqual(["opened", 5, 0, 42n]);
}

for (const mapping of KINDS) {
  for (const one of CASES) {
    it(`SIGKILL at every store of ${one.what} (${mapping}) [faults 4 6, figure 2]`, async () => {
      const { prepare = async () => undefined, judge } = one;
      const trial = async (dieAt: number): Promise<Stores.Report | undefined> => {
        const directory = ownDirectory(base);
        const region = await prepare(directory);
        const report = await run(one, directory, mapping, dieAt);
        judge(directory, region);
        return report;
      };
      const whole = await trial(0);
      // Every change of the files was seen as it was made: there is no point that is not tried.
      expect(whole?.uncounted).toEqual([]);
      const points = whole?.points ?? 0;
      expect(points).toBeGreaterThanOrEqual(one.points);
      const each = someOf(
        Array.from({ length: points }, (_, index) => index + 1),
        4,
        2,
      );
      await inPairs(each, async (dieAt) => expect(await trial(dieAt), `point ${dieAt}`).toBe(undefined));
      console.log(`${one.what}, ${mapping}: ${each.length} of ${points} points`);
    });
  }
}
