/** What regions tell of: that a peer has died, that the name has gone, that a field has changed. Each in processes that are killed. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { removeRegion } from "@shmgen/runtime";
import { Counter } from "../support/regions/counter.mjs";
import { generateModule } from "../support/containers/generated-module.js";
import { type ChildContext, codeOf, regionDirectory, startProcess, until } from "../support/processes/processes.js";
import { runScript } from "../support/processes/scripts.js";
import { suspend } from "../support/processes/stops.js";

const directory = regionDirectory();
const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 200));

describe("onPeerDeath of a region without participants", () => {
  it("tells of a process that was killed, whether it has come before or after, and of none that closes the region", async () => {
    using region = Counter.createOrOpen("told");
    const before = await startProcess();
    const open = ({ Counter, kept }: ChildContext): void => void (kept["it"] = Counter.open("told"));
    await before.run(open);
    const told: unknown[] = [];
    const end = region.onPeerDeath((death) => told.push(death));
    const [after, closes] = [await startProcess(), await startProcess()];
    await after.run(open);
    await closes.run(open);
    await soon();
    await closes.run(({ kept }) => kept["it"]?.close());
    await before.kill();
    await until(() => told.length === 1, "the first death is told");
    await after.kill();
    await until(() => told.length === 2, "the second death is told");
    await soon();
    expect(told).toEqual([before, after].map(({ pid }) => ({ number: 0, pid })));
    await closes.run(open);
    await soon();
    end();
    await closes.kill();
    await soon();
    expect(told).toHaveLength(2);
  });

  it("a process that is stopped is alive, and a reader may watch as well", async () => {
    using region = Counter.createOrOpen("stopped");
    using reader = Counter.openReadOnly("stopped");
    const told: number[] = [];
    reader.onPeerDeath(({ pid }) => told.push(pid));
    const child = await startProcess();
    await child.run(({ Counter, kept }) => void (kept["it"] = Counter.open("stopped")));
    await soon();
    suspend(child);
    await soon();
    expect(told).toEqual([]);
    await child.kill();
    await until(() => told.length > 0, "the death is told");
    expect(told).toEqual([child.pid]);
    expect(region.isCurrent()).toBe(true);
  });

  it("ends a wait for a writer that was killed: the listener aborts it", async () => {
    using region = Counter.createOrOpen("reader");
    const writer = await startProcess();
    await writer.run(({ Counter, kept }) => void (kept["it"] = Counter.open("reader")));
    const control = new AbortController();
    region.onPeerDeath((death) => control.abort(death), { signal: control.signal });
    const waiting = Counter.whenReady("never", { timeoutMs: Infinity, signal: control.signal });
    const begun = performance.now();
    await Promise.all([writer.kill(), expect(waiting).rejects.toEqual({ number: 0, pid: writer.pid })]);
    console.log(`a reader hears that its writer was killed: ${(performance.now() - begun).toFixed(0)} ms`);
  });

  it("many regions of a process are looked after by one look at the list of locks", async () => {
    const regions = Array.from({ length: 50 }, (_, index) => Counter.createOrOpen(`many-${index}`));
    const child = await startProcess();
    await child.run(({ Counter, kept }) => {
      for (let n = 0; n < 50; n += 1) kept[n] = Counter.open(`many-${n}`);
    });
    const told = new Set<string>();
    for (const region of regions) region.onPeerDeath(() => told.add(region.name));
    await child.kill();
    await until(() => told.size === regions.length, "all deaths are told");
    for (const region of regions) region.close();
  });

  it("memory without a name has no lock to look at", () => {
    using region = Counter.createAnonymous();
    expect(() => region.onPeerDeath(() => undefined)).toThrow(
      /nobody sees who has this memory open.*give it a name, or a container that has owners/,
    );
    expect(codeOf(() => region.onPeerDeath(undefined as never))).toBe("ERR_SHM_RANGE");
  });
});

describe("onRemoved", () => {
  const removals: readonly (readonly [how: string, remove: (path: string) => void, replaced: boolean])[] = [
    ["rm", (path) => rmSync(path), false],
    ["removeRegion by force", () => removeRegion("named", { force: true }), false],
    ["another file in its place", (path) => (writeFileSync(`${path}.new`, ""), renameSync(`${path}.new`, path)), true],
    ["a directory in its place", (path) => (rmSync(path), mkdirSync(path)), true],
    [
      "another region of the same name",
      (path) => (rmSync(path), Counter.createOrOpen("named", { cleanup: "keep" }).close()),
      true,
    ],
  ];
  it.each(removals)("tells once, by %s", async (_how, remove, replaced) => {
    const region = Counter.createOrOpen("named");
    const told: unknown[] = [];
    region.onRemoved((removal) => told.push(removal));
    await soon();
    expect(told).toEqual([]);
    remove(region.path);
    await until(() => told.length > 0, "the removal is told");
    region.data.count = 5;
    await soon();
    expect([told, region.data.count]).toEqual([[{ path: region.path, replaced }], 5]);
    region.close();
    rmSync(region.path, { recursive: true, force: true });
  });

  it("by a process that is killed as soon as the name has gone", async () => {
    using region = Counter.createOrOpen("named");
    const told: unknown[] = [];
    region.onRemoved(({ replaced }) => told.push(replaced));
    const child = await startProcess();
    await child.run(({ fs }, path) => void fs.rmSync(path), region.path).catch(() => undefined);
    await child.kill();
    await until(() => told.length > 0, "the removal is told");
    expect(told).toEqual([false]);
  });

  it("of a directory that is removed as a whole, and of a name that had gone before", async () => {
    const folder = join(directory, "folder");
    mkdirSync(folder, { mode: 0o700 });
    const region = Counter.createOrOpen("named", { directory: folder });
    const told: string[] = [];
    region.onRemoved(() => told.push("first"));
    rmSync(folder, { recursive: true });
    await until(() => told.length === 1, "the removal is told");
    region.onRemoved(() => told.push("second"));
    expect(told).toEqual(["first"]);
    await until(() => told.length === 2, "it is told to who comes later");
    region.close();
  });

  it("memory that never had a name loses none, and a region that is closed is not watched any more", async () => {
    using nameless = Counter.createAnonymous();
    const told: string[] = [];
    nameless.onRemoved(() => told.push("nameless"));
    const region = Counter.createOrOpen("named");
    region.onRemoved(() => told.push("closed"));
    region.onRemoved(() => told.push("aborted"), { signal: AbortSignal.abort() });
    region.close();
    await soon();
    expect(told).toEqual([]);
    expect(codeOf(() => region.onRemoved(() => undefined))).toBe("ERR_SHM_CLOSED");
  });
});

describe("watches", () => {
  it("keep no process alive, and what a listener throws is an uncaught exception of its own", () => {
    const text = runScript(`
      const region = Counter.createOrOpen("throws");
      region.onPeerDeath(() => {});
      const told = [];
      process.on("uncaughtException", ({ message }) => told.push(message));
      region.onRemoved(() => { throw new Error("mine"); });
      region.onRemoved(() => told.push("second"));
      fs.rmSync(region.path);
      await new Promise((resolve) => setTimeout(resolve, 500));
      console.log(told.sort().join());`);
    expect(text).toBe("mine,second");
  });

  it("one signal ends all of them, and has no listener afterwards", () => {
    const text = runScript(`
      const { getEventListeners } = await import("node:events");
      const region = Counter.createOrOpen("one");
      const control = new AbortController();
      const { signal } = control;
      const options = { signal };
      for (let n = 0; n < 20; n += 1) { region.onPeerDeath(() => console.log("told"), options); region.onRemoved(() => console.log("told"), options); }
      const counts = [getEventListeners(signal, "abort").length];
      control.abort();
      counts.push(getEventListeners(signal, "abort").length);
      fs.rmSync(region.path);
      await new Promise((resolve) => setTimeout(resolve, 300));
      const other = new AbortController();
      for (let n = 0; n < 20; n += 1) { region.onPeerDeath(() => {}, other)(); region.onPeerDeath(() => {}, other); }
      region.close();
      counts.push(getEventListeners(other.signal, "abort").length);
      console.log(counts.join(" "));`);
    expect(text).toBe("1 0 0");
  });
});

const STATE = `import type { Region, atomic, bool, enumOf, f64, u8, u32, u64 } from "@shmgen/schema";
export type Gear = enumOf<{ Park: 0; Drive: 3 }, u8>;
export interface Car extends Region<{ type: 0x71; version: 1 }> {
  samples: atomic<u64>; gear: atomic<Gear>; speed: atomic<f64>; lights: atomic<bool>; rpm: atomic<u32>;
}`;

describe("changes of a field", () => {
  interface Field {
    store(value: unknown): void;
    notify(): number;
    changes(options?: object): AsyncIterableIterator<unknown>;
  }
  type Car = { readonly data: Record<"$samples" | "$gear" | "$speed" | "$lights" | "$rpm", Field>; close(): void };
  const module = generateModule("car", STATE);
  const open = async (name: string): Promise<[Car, Car]> => {
    const { Car } = (await import(module)) as {
      Car: { createOrOpen(name: string): Car; openReadOnly(name: string): Car };
    };
    return [Car.createOrOpen(name), Car.openReadOnly(name)];
  };

  it("are the values from the call on, each once, of every kind of field; also for readers and without a notification", async () => {
    const [car, reader] = await open("kinds");
    const stores: [keyof Car["data"], unknown[]][] = [
      ["$samples", [5n, 2n ** 40n, 0n]],
      ["$gear", [3, 0]],
      ["$speed", [1.5, 2, -0]],
      ["$lights", [true, false]],
      ["$rpm", [1, 0xffff_ffff]],
    ];
    for (const [field, values] of stores) {
      for (const [watched, notifies] of [
        [car, true],
        [reader, true],
        [reader, false],
      ] as const) {
        const seen: unknown[] = [];
        const changes = watched.data[field].changes();
        for (const value of values) {
          car.data[field].store(value);
          const next = changes.next();
          if (notifies) car.data[field].notify();
          seen.push((await next).value);
        }
        expect(seen).toEqual(values);
        await changes.return?.();
        car.data[field].store(field === "$samples" ? 0n : field === "$lights" ? false : 0);
      }
    }
    car.close();
    reader.close();
  });

  it("of another process come conflated: never one that is older, and the last one always", async () => {
    const [car, reader] = await open("conflated");
    const child = await startProcess();
    const control = new AbortController();
    const seen: bigint[] = [];
    const reading = (async () => {
      for await (const value of reader.data.$samples.changes(control)) {
        seen.push(value as bigint);
        if (value === 20_000n) break;
      }
    })();
    await child.run(async ({ load }, module) => {
      const { Car } = (await load(module)) as { Car: { open(name: string): Car } };
      const it = Car.open("conflated");
      for (let n = 1n; n <= 20_000n; n += 1n) {
        it.data.$samples.store(n);
        it.data.$samples.notify();
      }
      it.close();
    }, module);
    await reading;
    expect(seen.at(-1)).toBe(20_000n);
    expect(seen.every((value, index) => index === 0 || value >= (seen[index - 1] ?? 0n))).toBe(true);
    car.close();
    reader.close();
    await child.kill();
  });

  it("end with the region, by a signal, and by break, which leaves nothing pending", async () => {
    const [car, reader] = await open("ends");
    const control = new AbortController();
    const values: unknown[] = [];
    const loop = async (options?: object): Promise<string> => {
      try {
        for await (const value of reader.data.$rpm.changes(options)) {
          values.push(value);
          if (value === 7) break;
        }
        return "done";
      } catch (reason) {
        return String(reason);
      }
    };
    const aborted = loop(control);
    control.abort("enough");
    expect(await aborted).toBe("enough");
    const broken = loop();
    car.data.$rpm.store(7);
    car.data.$rpm.notify();
    expect(await broken).toBe("done");
    const closed = loop();
    reader.close();
    expect(await closed).toBe("done");
    expect(values).toEqual([7]);
    expect(codeOf(() => reader.data)).toBe("none");
    car.close();
  });
});
