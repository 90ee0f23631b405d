/** Regions that are to stay say so in their header, and who cleans believes it: `cleanup: "keep"` in processes that end in any way. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { cleanStale, listRegions, removeRegion } from "@shmgen/runtime";
import { HEADER_OFFSET } from "@shmgen/schema/region-format";
import { Counter, counterOf } from "../support/regions/counter.mjs";
import { left } from "../support/regions/left-over.js";
import { codeOf, regionDirectory, startProcess } from "../support/processes/processes.js";
import { endOfScript } from "../support/processes/scripts.js";

const directory = regionDirectory();
const STORES = new URL("../support/syscalls/stores.mjs", import.meta.url).href;

const kept = (name: string): boolean | undefined => listRegions().find((region) => region.name === name)?.kept;
const cleaned = (includeKept = false): string[] => cleanStale({ includeKept }).removed.map(({ name }) => name);
const bytes = (name: string): Buffer => readFileSync(join(directory, name));

it("what was opened with keep stays when its processes were killed, and cleaning says why; what was not goes", async () => {
  const child = await startProcess();
  await child.run(({ Counter, kept }) => {
    kept["stays"] = Counter.createOrOpen("stays", { cleanup: "keep" });
    kept["goes"] = Counter.createOrOpen("goes");
  });
  expect(["stays", "goes"].map(kept)).toEqual([true, false]);
  await child.kill();
  const result = cleanStale();
  expect(result.removed.map(({ name }) => name)).toEqual(["goes"]);
  expect(result.kept).toMatchObject([{ name: "stays", state: "stale", why: "kept: it was opened to stay" }]);
  expect(cleanStale({ dryRun: true, includeKept: true }).removed).toMatchObject([{ name: "stays", state: "stale" }]);
  expect(cleaned(true)).toEqual(["stays"]);
});

it("one of several openers says keep: the mark is one store, and nothing else of the header changes", () => {
  using first = Counter.createOrOpen("one");
  const before = bytes("one");
  expect(first.header?.kept).toBe(false);
  const second = Counter.open("one", { cleanup: "keep" });
  const after = bytes("one");
  const changed = [...before.keys()].filter((at) => before[at] !== after[at]);
  expect(changed).toEqual([HEADER_OFFSET.initialisedAt + 7]);
  expect((after[HEADER_OFFSET.initialisedAt + 7] ?? 0) ^ (before[HEADER_OFFSET.initialisedAt + 7] ?? 0)).toBe(0x80);
  second.close();
  const [listed] = listRegions();
  expect(listed).toMatchObject({ kept: true, initialisedAt: new Date(Number(first.header?.initialisedAt) / 1e6) });
});

it("who dies just before the store leaves a region that is not kept, and who dies after it one that is", () => {
  const open = (dieAt: number): string | null =>
    endOfScript(`
      const { watchStores } = await import(${JSON.stringify(STORES)});
      Counter.open("edge");
      watchStores(${JSON.stringify(directory)}, ${dieAt});
      Counter.open("edge", { cleanup: "keep" });
      process.kill(process.pid, "SIGKILL");
    `).signal;
  using region = Counter.createOrOpen("edge");
  expect(open(1)).toBe("SIGKILL");
  expect(kept("edge")).toBe(false);
  // There is no second store to die at.
  expect(open(2)).toBe("SIGKILL");
  expect(kept("edge")).toBe(true);
  region.close();
});

it("a death at any store of an initialisation with keep leaves a half-made region, which is cleaned, or a kept one", () => {
  const outcomes = new Set<string>();
  for (let dieAt = 1; dieAt < 64; dieAt += 1) {
    const { signal, stdout } = endOfScript(`
      const { watchStores } = await import(${JSON.stringify(STORES)});
      watchStores(${JSON.stringify(directory)}, ${dieAt});
      globalThis.region = Counter.createOrOpen("made", { cleanup: "keep", initialise: (data) => (data.count = 1) });
      console.log("made");
    `);
    const isKept = kept("made");
    expect(cleaned()).toEqual(isKept === true ? [] : ["made"]);
    outcomes.add(isKept === undefined ? "half-made" : `kept ${isKept}`);
    if (isKept === true) removeRegion("made");
    if (signal === null) {
      expect(stdout).toBe("made\n");
      break;
    }
  }
  expect([...outcomes].sort()).toEqual(["half-made", "kept true"]);
});

it("the last to close goes by its own option: without keep it removes a region that says that it is to stay", () => {
  const last = Counter.createOrOpen("last");
  Counter.open("last", { cleanup: "keep" }).close();
  expect(kept("last")).toBe(true);
  last.close();
  expect(listRegions()).toEqual([]);
});

it("a region that is made anew is kept only if its maker says so; one that is taken over stays kept", () => {
  Counter.createOrOpen("anew", { cleanup: "keep" }).close();
  // Another process, which does not close it.
  const open = (options: string): void => {
    endOfScript(`globalThis.it = Counter.createOrOpen("anew", ${options}); process.kill(process.pid, "SIGKILL");`);
  };
  open(`{ onStale: "keep" }`);
  expect(kept("anew")).toBe(true);
  open("{}");
  expect(kept("anew")).toBe(false);
  expect(cleaned()).toEqual(["anew"]);
});

it("a migration carries over that the region is to stay", () => {
  const old = counterOf({});
  const next = counterOf({ version: 2 });
  const migration = { from: old.definition, move: () => undefined };
  old.createOrOpen("moved", { cleanup: "keep" }).close();
  const region = next.createOrOpen("moved", { migrate: [migration], onStale: "keep" } as never);
  expect(region).toMatchObject({ outcome: "migrated", header: { kept: true, version: 2 } });
  region.close();
});

it("who may not write, or writes for itself alone, does not set it", () => {
  using region = Counter.createOrOpen("reader");
  Counter.openReadOnly("reader", { cleanup: "keep" }).close();
  Counter.open("reader", { access: "private", cleanup: "keep" }).close();
  expect(kept("reader")).toBe(false);
  Counter.fromToken(region.token(), { cleanup: "keep" }).close();
  expect(kept("reader")).toBe(true);
});

it("removeRegion goes by the name alone, and a region that the dead left is none that is to stay", () => {
  Counter.createOrOpen("named", { cleanup: "keep" }).close();
  expect(removeRegion("named")).toMatchObject({ name: "named", state: "stale" });
  left("old");
  expect(kept("old")).toBe(false);
  expect(cleaned()).toEqual(["old"]);
  expect(codeOf(() => cleanStale({ includeKept: "yes" as never }))).toBe("ERR_SHM_RANGE");
});
