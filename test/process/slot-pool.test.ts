/** What a pool of slots gives out: each slot to one at a time, by handles that are stale when it was freed. */
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { PoolSlot } from "@shmgen/runtime";
import { POOL_ENTRY, SLOT_POOL } from "../../schema/dist/containers/slot-pool.js";
import type { DepotData, DepotModule, Frame } from "../support/containers/depot.js";
import { depots } from "../support/containers/depots.js";
import { type ChildContext, codeOf, regionDirectory, startProcess, until } from "../support/processes/processes.js";
import { IS_WINE, KINDS } from "../support/run/system.js";
import { resume, suspend } from "../support/processes/stops.js";

regionDirectory();
const { url: DEPOT, Depot, depot, name, close, get, set } = await depots();

/** Where an entry of `frames` has a word, bytes. */
const ENTRIES = Math.ceil((SLOT_POOL.at.returns + 4) / 64) * 64;
const entry = (index: number, word: "state" | "generation" | "next"): number =>
  ENTRIES + POOL_ENTRY.size * index + POOL_ENTRY[word];

type Slot = PoolSlot<Frame>;
const all = (data: DepotData): Slot[] => [0, 1, 2].map(() => data.frames.alloc() as Slot);

describe.each(KINDS)("slots over a mapping of kind %s", (mapping) => {
  it("are each had by one at a time, and none is there when all are taken [P-05]", () => {
    const data = depot(mapping);
    const slots = all(data);
    expect(new Set(slots.map(({ index }) => index)).size).toBe(3);
    expect([data.frames.alloc(), data.frames.available, data.frames.capacity]).toEqual([undefined, 0, 3]);
    slots[1]?.free();
    const again = data.frames.alloc();
    expect([again?.index, data.frames.alloc()]).toEqual([slots[1]?.index, undefined]);
    expect(again?.handle).not.toBe(slots[1]?.handle);
  });

  it("show what they hold in place, with what was there before, atomic fields too", () => {
    const { frames, counts } = depot(mapping);
    const slot = frames.alloc() as Slot;
    slot.data.owner = 7;
    slot.data.$hits.add(2);
    slot.data.pixels.fill(3);
    expect(frames.get(slot.handle).hits).toBe(2);
    slot.free();
    const next = frames.alloc() as Slot;
    expect([next.data.owner, next.data.hits, [...next.data.pixels]]).toEqual([
      7,
      2,
      Array.from({ length: 24 }, () => 3),
    ]);
    const count = counts.alloc() as PoolSlot<number>;
    count.data = 41;
    count.data += 1;
    expect(counts.get(count.handle)).toBe(42);
    expect(codeOf(() => (count.data = -1))).toBe("ERR_SHM_RANGE");
  });

  it("that are freed are freed once, and their handles are ERR_SHM_STALE from then on [P-05, P-06]", () => {
    const { frames } = depot(mapping);
    const slot = frames.alloc() as Slot;
    const { handle } = slot;
    const twin = frames.take(handle);
    slot.free();
    slot.free();
    expect(codeOf(() => twin.free())).toBe("ERR_SHM_STALE");
    for (const use of [() => frames.get(handle), () => frames.take(handle)]) expect(codeOf(use)).toBe("ERR_SHM_STALE");
    expect(codeOf(() => slot.data)).toBe("ERR_SHM_CLOSED");
    expect([frames.available, all({ frames } as DepotData).length]).toEqual([3, 3]);
    expect(codeOf(() => frames.take(handle))).toBe("ERR_SHM_STALE");
  });

  it("what is no handle is refused with what one is", () => {
    const { frames } = depot(mapping);
    frames.alloc();
    for (const wrong of [0n, 3n, (1n << 32n) | 3n, 1n << 64n, -1n, 1, "1", undefined, null]) {
      expect(codeOf(() => frames.take(wrong as bigint))).toBe("ERR_SHM_RANGE");
      expect(codeOf(() => frames.get(wrong as bigint))).toBe("ERR_SHM_RANGE");
    }
    expect(() => frames.take(5 as never)).toThrow(
      /depot-\d+.*frames|frames.*a handle that it gave, a bigint, of one of its 3 slots/,
    );
  });

  it("generations go on through the end of 32 bits, and none is 0", () => {
    const data = depot(mapping);
    set(data, "frames", entry(0, "generation"), 2 ** 32 - 2);
    const handles = [0, 1, 2].map(() => {
      const slot = data.frames.alloc() as Slot;
      slot.free();
      return slot.handle;
    });
    expect(handles.map((handle) => handle >> 32n)).toEqual([2n ** 32n - 1n, 1n, 2n]);
  });
});

describe.each(KINDS)("a slot that is passed on over a mapping of kind %s", (mapping) => {
  it("is whoever takes it by its handle, lent or not, and using frees what was not lent", () => {
    const { frames } = depot(mapping);
    const first = frames.alloc() as Slot;
    first.lend();
    first.lend();
    first.free();
    expect([frames.lent, frames.available]).toEqual([1, 2]);
    const second = frames.take(first.handle);
    expect([frames.lent, codeOf(() => first.data)]).toEqual([0, "ERR_SHM_CLOSED"]);
    second.free();
    {
      using third = frames.alloc() as Slot;
      expect(third.data).toBeDefined();
    }
    expect(frames.available).toBe(3);
    {
      using fourth = frames.alloc() as Slot;
      fourth.lend();
    }
    expect(frames.lent).toBe(1);
  });

  it("another process takes a lent one after its lender has died; one that was not lent has come back [P-06, P-15]", async () => {
    const data = depot(mapping);
    const other = await startProcess();
    const work = async (
      { load, kept }: Pick<ChildContext, "load" | "kept">,
      module: string,
      region: string,
    ): Promise<void> => {
      const { Depot: Own } = (await load(module)) as DepotModule;
      const opened = Own.open(region);
      Object.assign(kept, { opened });
      const { frames, handles } = opened.data;
      for (const lends of [true, false]) {
        const slot = frames.alloc() as Slot;
        slot.data.owner = 5;
        handles.push(slot.handle);
        if (lends) slot.lend();
      }
      frames.alloc();
    };
    await other.run(work, DEPOT, name());
    expect([data.frames.alloc(), data.frames.available]).toEqual([undefined, 0]);
    await other.kill();
    const [lent = 0n, kept = 0n] = data.handles.popMany();
    const slot = data.frames.take(lent);
    expect(slot.data.owner).toBe(5);
    const [second, third] = [data.frames.alloc(), data.frames.alloc()];
    expect([second === undefined, third === undefined, data.frames.alloc()]).toEqual([false, false, undefined]);
    expect(codeOf(() => data.frames.take(kept))).toBe("ERR_SHM_STALE");
  });

  it("who frees what somebody else has taken over is told so", async () => {
    const data = depot(mapping);
    const slot = data.frames.alloc() as Slot;
    const other = await startProcess();
    const take = async (
      { load }: { load: (url: string) => Promise<unknown> },
      module: string,
      region: string,
      handle: bigint,
    ): Promise<void> => {
      const { Depot: Own } = (await load(module)) as DepotModule;
      Own.open(region).data.frames.take(handle);
    };
    await other.run(take, DEPOT, name(), slot.handle);
    expect(() => slot.free()).toThrow(/somebody else has taken this slot over.*process/);
    await other.kill();
  });

  it("may be read by who only reads, by its handle", () => {
    const data = depot(mapping);
    const slot = data.frames.alloc() as Slot;
    slot.data.owner = 9;
    using region = Depot.openReadOnly(name());
    expect([region.data.frames.get(slot.handle).owner, JSON.stringify(region.data.frames)]).toEqual([
      9,
      '{"available":2,"lent":0,"capacity":3}',
    ]);
  });
});

describe.each(KINDS)("who waits for a slot over a mapping of kind %s", (mapping) => {
  it("has one when another is freed, in the order of the calls", async () => {
    const data = depot(mapping);
    const slots = all(data);
    expect(codeOf(() => data.frames.allocWait({ timeoutMs: 0 }))).toBe("ERR_SHM_BUSY");
    const waits = [data.frames.allocAsync(), data.frames.allocAsync()];
    await delay(10);
    slots[2]?.free();
    expect((await waits[0])?.index).toBe(slots[2]?.index);
    slots[0]?.free();
    expect((await waits[1])?.index).toBe(slots[0]?.index);
  });

  it("has what a dead process had, within the time that it waits, and is told who has them [P-06, P-07]", async () => {
    const data = depot(mapping);
    const other = await startProcess();
    const take = async (
      { load }: { load: (url: string) => Promise<unknown> },
      module: string,
      region: string,
    ): Promise<void> => {
      const { Depot: Own } = (await load(module)) as DepotModule;
      const opened = Own.open(region);
      // What nobody refers to is collected, and gives back what it had.
      (globalThis as { opened?: unknown }).opened = opened;
      while (opened.data.frames.alloc() !== undefined);
    };
    await other.run(take, DEPOT, name());
    expect(() => data.frames.allocWait({ timeoutMs: 30 })).toThrow(
      new RegExp(`all slots are taken.*process ${other.pid}`),
    );
    const stop = new AbortController();
    const aborted = data.frames.allocAsync({ signal: stop.signal });
    const waiting = data.frames.allocAsync({ timeoutMs: 20_000 });
    stop.abort(new Error("enough"));
    await expect(aborted).rejects.toThrow("enough");
    await other.kill();
    expect((await waiting).index).toBeGreaterThanOrEqual(0);
    expect(data.frames.available).toBe(2);
  });

  it("is told when the region is closed; what the thread had has come back then", async () => {
    const data = depot(mapping);
    const slots = all(data);
    const waiting = data.frames.allocAsync();
    const other = await startProcess();
    const watch = async (
      { load, kept }: { load: (url: string) => Promise<unknown>; kept: Record<string, unknown> },
      module: string,
      region: string,
    ): Promise<number> => {
      const { Depot: Own } = (await load(module)) as DepotModule;
      const opened = (kept["depot"] ??= Own.open(region)) as ReturnType<typeof Own.open>;
      return opened.data.frames.available;
    };
    expect(await other.run(watch, DEPOT, name())).toBe(0);
    close();
    await expect(waiting).rejects.toMatchObject({ code: "ERR_SHM_CLOSED" });
    expect(codeOf(() => slots[0]?.free())).toBe("ERR_SHM_CLOSED");
    expect(await other.run(watch, DEPOT, name())).toBe(3);
    await other.kill();
  });
});

describe.each(KINDS)("words that nobody leaves over a mapping of kind %s", (mapping) => {
  it.each([
    [
      "a list that names a taken slot",
      (data: DepotData, taken: number) => set(data, "frames", SLOT_POOL.at.free, taken + 1),
    ],
    [
      "a list that goes in a circle",
      (data: DepotData) => {
        set(data, "frames", SLOT_POOL.at.free, 2);
        set(data, "frames", entry(1, "next"), 2);
      },
    ],
    ["a list that names no slot", (data: DepotData) => set(data, "frames", SLOT_POOL.at.free, 77)],
    ["fresh ones that are taken", (data: DepotData) => set(data, "frames", SLOT_POOL.at.fresh, 0)],
  ])("%s is made anew, and gives each free slot once", (_what, damage) => {
    const data = depot(mapping);
    const first = data.frames.alloc() as Slot;
    data.frames.alloc()?.free();
    damage(data, first.index);
    const [second, third] = [data.frames.alloc(), data.frames.alloc()];
    expect(new Set([first.index, second?.index, third?.index]).size).toBe(3);
    expect(data.frames.alloc()).toBeUndefined();
  });

  it("what belongs to nobody who can be comes back, or is ERR_SHM_FORMAT", () => {
    const data = depot(mapping);
    for (const index of [0, 1, 2]) set(data, "frames", entry(index, "state"), [9, 70_000, 0x8000_0001][index] ?? 0);
    expect(codeOf(() => data.frames.alloc())).toBe("ERR_SHM_FORMAT");
    for (const index of [0, 1, 2]) set(data, "frames", entry(index, "state"), 9);
    expect(all(data).every((slot) => slot !== undefined)).toBe(true);
    expect(get(data, "frames", SLOT_POOL.at.losses)).toBeGreaterThan(0);
  });
});

it.skipIf(IS_WINE)("who is stopped with the lock in hand delays others, and blocks no event loop", async () => {
  const data = depot();
  const other = await startProcess();
  const spin = async (
    { load }: { load: (url: string) => Promise<unknown> },
    module: string,
    region: string,
  ): Promise<never> => {
    const { Depot: Own } = (await load(module)) as DepotModule;
    const { frames } = Own.open(region).data;
    for (;;) frames.alloc()?.free();
  };
  void other.run(spin, DEPOT, name()).catch(() => undefined);
  await until(() => get(data, "frames", SLOT_POOL.at.lock) !== 0, "it is at work");
  for (let tries = 0; tries < 2000; tries += 1) {
    suspend(other);
    await delay(1);
    if ((get(data, "frames", SLOT_POOL.at.lock) & 0xffff) !== 0) break;
    resume(other);
  }
  let ticks = 0;
  const timer = setInterval(() => (ticks += 1), 5);
  const waited = await data.frames.allocAsync({ timeoutMs: 150 }).catch((error: unknown) => error);
  clearInterval(timer);
  expect(waited).toMatchObject({ code: "ERR_SHM_BUSY" });
  expect(ticks).toBeGreaterThan(3);
  await other.kill();
  expect(all(data).filter((slot) => slot !== undefined).length).toBe(3);
});
