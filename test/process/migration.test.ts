import * as fs from "node:fs";
import { describe, expect, it } from "vitest";
import {
  type CreateOptions,
  type Flyweight,
  type FlyweightReader,
  listRegions,
  migration,
  type Migration,
  type Region,
  type RegionClass,
  ShmError,
} from "@shmgen/runtime";
import { rawMemory } from "@shmgen/runtime/codegen-v1";
import { type Counter, counterOf } from "../support/regions/counter.mjs";
import { importSchema } from "../support/schemas/generated.js";
import {
  type Child,
  codeOf,
  mappedFrom,
  regionDirectory,
  startProcess,
  stateOf,
} from "../support/processes/processes.js";
import { KINDS } from "../support/run/system.js";
import { resume } from "../support/processes/stops.js";

const directory = regionDirectory();
const Old = counterOf({ version: 1 });
const New = counterOf({ version: 2, fingerprint: "2222222222222222" });
const OFFSET_OF_TAIL = 160;

let names = 0;
function newName(): string {
  names += 1;
  return `region-${names}`;
}

/** A region of version 1 that nobody has open. */
function left(name: string, Class = Old, tailLength?: number): void {
  const region = Class.createOrOpen(name, { cleanup: "keep", ...(tailLength !== undefined && { tailLength }) });
  region.data.count = 4;
  region.data.big = 21n;
  if (tailLength !== undefined) rawMemory(region.memory).u64.fill(9n, OFFSET_OF_TAIL / 8, OFFSET_OF_TAIL / 8 + 2);
  region.close();
}

const way: Migration<Counter> = migration(Old, (old, next) => {
  next.count = old.count + 1;
  next.big = old.big * 2n;
});
const migrate = [way];

function errorOf(call: () => unknown): ShmError {
  try {
    call();
  } catch (error) {
    if (error instanceof ShmError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

const bytesOf = (name: string): string => fs.readFileSync(`${directory}/${name}`).toString("base64");
const filesLike = (name: string): string[] => fs.readdirSync(directory).filter((file) => file.includes(name));

describe("a migration [fault 50]", () => {
  it.each(KINDS)("carries the data of a left-over to a new file, %s, and is told apart by its outcome", (mapping) => {
    const name = newName();
    left(name);
    const { ino } = fs.statSync(`${directory}/${name}`);
    const initialise = (): void => expect.unreachable();
    const region = New.createOrOpen(name, { migrate, mapping, initialise });
    expect(region.outcome).toBe("migrated");
    expect([region.data.count, region.data.word, region.data.big]).toEqual([5, 0, 42n]);
    expect([region.generation, region.header?.version, region.actingVersion, region.kind]).toEqual([2, 2, 2, mapping]);
    expect(region.isCurrent()).toBe(true);
    expect(fs.statSync(region.path).ino).not.toBe(ino);
    expect(fs.readlinkSync(`/proc/self/fd/${region.descriptor}`)).toBe(region.path);
    expect(mappedFrom(directory)).toEqual([region.path]);
    expect(region.owners().map(({ pid, exclusive }) => [pid, exclusive])).toEqual([[process.pid, false]]);
    const other = New.open(name);
    other.data.count = 8;
    expect(region.data.count).toBe(8);
    other.close();
    const again = New.fromToken(region.token());
    expect(again.data.big).toBe(42n);
    again.close();
    region.close();
    expect(filesLike(name)).toEqual([]);
    expect(mappedFrom(directory)).toEqual([]);
  });

  it("happens whatever onStale says, unless it says throw; without one for that version, left-overs are made anew", () => {
    const name = newName();
    left(name);
    expect(codeOf(() => New.createOrOpen(name, { migrate, onStale: "throw" }))).toBe("ERR_SHM_STALE");
    const kept = New.createOrOpen(name, { migrate, onStale: "keep", cleanup: "keep" });
    expect([kept.outcome, kept.data.count]).toEqual(["migrated", 5]);
    kept.close();
    const third = counterOf({ version: 3, fingerprint: "3333333333333333" });
    // Not chained: from 2 to 3 there is no way here.
    const anew = third.createOrOpen(name, { migrate: [migration(Old, () => undefined)] });
    expect([anew.outcome, anew.data.count, anew.generation]).toEqual(["reinitialised", 0, 3]);
    anew.close();
    left(name);
    const made = New.create(name, { migrate });
    expect(made.outcome).toBe("migrated");
    made.close();
    left(name);
    const other = counterOf({ version: 1, fingerprint: "4444444444444444" });
    const differs = New.createOrOpen(name, { migrate: [migration(other, () => expect.unreachable())] });
    expect(differs.outcome).toBe("reinitialised");
    differs.close();
    const fresh = New.createOrOpen(name, { migrate });
    expect(fresh.outcome).toBe("created");
    fresh.close();
  });

  it("that throws leaves the old region byte for byte, and nothing of the new one", () => {
    const name = newName();
    left(name);
    const before = bytesOf(name);
    const descriptors = fs.readdirSync("/proc/self/fd").length;
    const failing: Migration<Counter> = migration(Old, (_old, next) => {
      next.count = 1;
      throw new Error("no way");
    });
    expect(() => New.createOrOpen(name, { migrate: [failing] })).toThrow("no way");
    const promising = migration(Old, async () => Promise.resolve());
    expect(errorOf(() => New.createOrOpen(name, { migrate: [promising] })).message).toContain(
      "a migration has to be synchronous",
    );
    let nested = "";
    const opening = migration(Old, () => {
      nested = codeOf(() => New.createOrOpen(name, { timeoutMs: 0 }));
      throw new Error("enough");
    });
    expect(() => New.createOrOpen(name, { migrate: [opening] })).toThrow("enough");
    expect(nested).toBe("ERR_SHM_NOT_READY");
    expect(bytesOf(name)).toBe(before);
    expect(filesLike(name)).toEqual([name]);
    expect(mappedFrom(directory)).toEqual([]);
    expect(fs.readdirSync("/proc/self/fd").length).toBe(descriptors);
    const old = Old.createOrOpen(name, { onStale: "keep" });
    expect([old.outcome, old.data.count]).toEqual(["opened", 4]);
    old.close();
  });

  it("gives accessors that are of no use afterwards, and of which the old one cannot be written", () => {
    const name = newName();
    left(name);
    const leaked: { readonly count: number }[] = [];
    let refused = true;
    const leaking: Migration<Counter> = migration(Old, (old, next) => {
      leaked.push(old, next);
      refused = Reflect.set(old, "count", 1);
      Object.freeze(next);
    });
    const region = New.createOrOpen(name, { migrate: [leaking] });
    expect(refused).toBe(false);
    const [old, next] = leaked;
    expect(codeOf(() => old?.count)).toBe("ERR_SHM_CLOSED");
    // Frozen: it cannot be closed, but shows nothing of the region.
    expect(next?.count).toBe(0);
    region.close();
  });
});

describe("what a migration keeps [fault 50]", () => {
  it("keeps a tail's length unless told otherwise, and its data are the caller's to carry", () => {
    const V1 = counterOf({ version: 1, tailStride: 8, fingerprint: "aaaaaaaaaaaaaaaa" });
    const V2 = counterOf({ version: 2, tailStride: 16, fingerprint: "bbbbbbbbbbbbbbbb" });
    const lengths: number[] = [];
    const ways = [migration(V1, () => undefined)];
    for (const tailLength of [undefined, 5]) {
      const name = newName();
      left(name, V1, 3);
      const region = V2.createOrOpen(name, { migrate: ways, ...(tailLength !== undefined && { tailLength }) });
      lengths.push(region.tailLength);
      const { u64 } = rawMemory(region.memory);
      expect(
        u64.slice(OFFSET_OF_TAIL / 8, OFFSET_OF_TAIL / 8 + region.tailLength * 2).every((word) => word === 0n),
      ).toBe(true);
      region.growTail(region.tailLength + 1);
      region.close();
    }
    expect(lengths).toEqual([3, 5]);
    const name = newName();
    left(name);
    const tailed = counterOf({ version: 2, tailStride: 8, fingerprint: "cccccccccccccccc" });
    // Version 1 has no tail, so somebody has to say how long the new one is; the old region is left alone.
    const before = bytesOf(name);
    expect(() => tailed.createOrOpen(name, { migrate: [migration(Old, () => undefined)] })).toThrow(
      "tailLength has to say",
    );
    expect(bytesOf(name)).toBe(before);
  });

  it("refuses what cannot lead to the region, before it looks at anything", () => {
    const name = newName();
    const wrong = (migrations: unknown): string => {
      const migrateTo = migrations as readonly Migration<Counter>[];
      return codeOf(() => New.createOrOpen(name, { migrate: migrateTo }));
    };
    expect(wrong({})).toBe("ERR_SHM_RANGE");
    expect(wrong([{}])).toBe("ERR_SHM_RANGE");
    expect(wrong([undefined])).toBe("ERR_SHM_RANGE");
    expect(wrong([migration(New, () => undefined)])).toBe("ERR_SHM_RANGE");
    expect(wrong([migration(counterOf({ typeId: 8 }), () => undefined)])).toBe("ERR_SHM_RANGE");
    expect(wrong([migration(counterOf({ header: "dotnet" }), () => undefined)])).toBe("ERR_SHM_RANGE");
    const versioned = counterOf({ version: 2, naming: "versioned" });
    expect(codeOf(() => versioned.createOrOpen(name, { migrate }))).toBe("ERR_SHM_RANGE");
    expect(filesLike(name)).toEqual([]);
  });

  it("leaves no name when the region is to have none", () => {
    const name = newName();
    left(name);
    const region = New.createOrOpen(name, { migrate, cleanup: "immediately" });
    expect([region.outcome, region.data.count, filesLike(name)]).toEqual(["migrated", 5, []]);
    region.close();
  });

  it("of a region for all keeps its rights, and one in a session's folder stays there", () => {
    for (const options of [{ scope: "machine", directory: `${directory}/m` }, { scope: "session" }] as const) {
      const old = Old.createOrOpen("shared", { ...options, cleanup: "keep" });
      old.data.count = 4;
      old.close();
      const { mode } = fs.statSync(old.path);
      const region = New.createOrOpen("shared", { ...options, migrate });
      expect([region.outcome, region.data.count, region.path]).toEqual(["migrated", 5, old.path]);
      expect(fs.statSync(region.path).mode).toBe(mode);
      region.close();
      expect(fs.existsSync(region.path)).toBe(false);
    }
  });

  it("takes what an earlier one left beside the region", () => {
    const name = newName();
    left(name);
    left("left");
    fs.renameSync(`${directory}/left`, `${directory}/.migrating-${name}`);
    const listed = listRegions().find((region) => region.name === `.migrating-${name}`);
    expect(listed).toMatchObject({
      state: "stale",
      why: `left by a migration of ${name} that did not come to its end`,
    });
    const region = New.createOrOpen(name, { migrate });
    expect(filesLike(name)).toEqual([name]);
    region.close();
  });
});

/** A process that has the region open as version 1. */
async function holder(name: string): Promise<Child> {
  const child = await startProcess();
  await child.run(({ counterOf, kept }, name) => {
    kept["it"] = counterOf({ version: 1 }).createOrOpen(name);
    kept["it"].data.count = 4;
  }, name);
  return child;
}

describe("a migration among processes", () => {
  it("is refused while others have the old region open, and says who; once they have gone it works", async () => {
    const name = newName();
    const child = await holder(name);
    const before = bytesOf(name);
    const error = errorOf(() => New.createOrOpen(name, { migrate }));
    expect(error).toMatchObject({ code: "ERR_SHM_VERSION", expected: 2, found: 1, pid: child.pid });
    expect(error.message).toContain(`owners="${child.pid} (node child.mjs)"`);
    expect(error.message).toContain("a migration needs it for itself");
    expect(bytesOf(name)).toBe(before);
    await child.kill();
    const region = New.createOrOpen(name, { migrate });
    expect([region.outcome, region.data.count]).toEqual(["migrated", 5]);
    region.close();
  });

  it("makes others wait, who then get the new region; what dies leaves them the old one", async () => {
    for (const end of ["goes on", "dies"] as const) {
      const name = newName();
      left(name);
      const child = await startProcess();
      const running = child.run(({ counterOf, runtime, kept }, name) => {
        const New = counterOf({ version: 2, fingerprint: "2222222222222222" });
        const slow: Migration<Counter> = runtime.migration(counterOf({ version: 1 }), (old, next) => {
          next.count = old.count + 100;
          process.kill(process.pid, "SIGSTOP");
        });
        kept["it"] = New.createOrOpen(name, { migrate: [slow], cleanup: "keep" });
        return kept["it"].outcome;
      }, name);
      running.catch(() => undefined);
      for (let round = 0; stateOf(child.pid) !== "T"; round += 1) {
        expect(round).toBeLessThan(1000);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      expect(filesLike(name)).toEqual([name]);
      expect(listRegions().find((region) => region.name === name)?.state).toBe("initialising");
      const waiting = errorOf(() => New.createOrOpen(name, { migrate, timeoutMs: 50 }));
      expect(waiting).toMatchObject({ code: "ERR_SHM_NOT_READY", pid: child.pid });
      if (end === "goes on") {
        const opened = New.whenReady(name);
        resume(child);
        expect(await running).toBe("migrated");
        const region = await opened;
        expect([region.outcome, region.data.count]).toEqual(["opened", 104]);
        region.close();
        await child.kill();
      } else {
        await child.kill();
        const region = New.createOrOpen(name, { migrate, timeoutMs: 100 });
        expect([region.outcome, region.data.count]).toEqual(["migrated", 5]);
        region.close();
      }
    }
  });

  it("is done by exactly one of many that come at the same time", async () => {
    const children = await Promise.all(Array.from({ length: 8 }, () => startProcess()));
    for (let round = 0; round < 10; round += 1) {
      const name = newName();
      left(name);
      const outcomes = await Promise.all(
        children.map((child) =>
          child.run(({ counterOf, runtime, kept }, name) => {
            const Old = counterOf({ version: 1 });
            const New = counterOf({ version: 2, fingerprint: "2222222222222222" });
            const way: Migration<Counter> = runtime.migration(Old, (old, next) => {
              next.count = old.count + 1;
            });
            kept["it"] = New.createOrOpen(name, { migrate: [way], onStale: "keep" });
            return [kept["it"].outcome, kept["it"].data.count];
          }, name),
        ),
      );
      expect(outcomes.map(([outcome]) => outcome).sort()).toEqual(["migrated", ...Array<string>(7).fill("opened")]);
      expect(outcomes.every(([, count]) => count === 5)).toBe(true);
      expect(filesLike(name)).toEqual([name]);
      await Promise.all(children.map((child) => child.run(({ kept }) => kept["it"]?.close())));
      expect(filesLike(name)).toEqual([]);
    }
    await Promise.all(children.map((child) => child.kill()));
  });
});

interface Car extends Flyweight {
  speed: number;
  doors: number;
}
interface CarReader extends FlyweightReader {
  readonly speed: number;
}
interface Generated {
  readonly Car: RegionClass<Car, CarReader> & {
    createOrOpen(name: string, options?: CreateOptions<Car>): Region<Car>;
  };
}

it("a migration from one generated class to another", async () => {
  const load = (version: number, field: string): Promise<Generated> =>
    importSchema(
      {
        "car.shm.ts": `
          import type { Region, f64, u32 } from "@shmgen/schema";
          export interface Car extends Region<{ type: 77; version: ${version} }> { ${field} speed: f64; }
        `,
      },
      "car.shm.ts",
    );
  const [one, two] = await Promise.all([load(1, ""), load(2, "doors: u32;")]);
  const name = newName();
  const old = one.Car.createOrOpen(name, { cleanup: "keep" });
  old.data.speed = 10;
  old.close();
  const region = two.Car.createOrOpen(name, {
    migrate: [
      migration(one.Car, (before, next) => {
        next.speed = before.speed * 3.6;
        next.doors = 5;
      }),
    ],
  });
  expect([region.outcome, region.data.speed, region.data.doors]).toEqual(["migrated", 36, 5]);
  region.close();
});
