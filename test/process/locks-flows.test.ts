/** Locks, events and semaphores in one thread: flows in their order, options, turns that are over, printing, damaged words. */
import { inspect } from "node:util";
import * as fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { isShmError } from "@shmgen/runtime";
import { type FutexPort, MemoryView, rawMemory } from "@shmgen/runtime/codegen-v1";
import { Event, Mutex, Semaphore } from "@shmgen/runtime/containers-v1";
import { Gates, type GatesData, SEATS } from "../support/containers/gates.mjs";
import type * as GatesModule from "../support/containers/gates.mjs";
import { type ChildContext, codeOf, regionDirectory, startProcesses, until } from "../support/processes/processes.js";
import { byDepth } from "../support/run/depth.js";
import { runSeed } from "../support/run/random.js";
import { startThread } from "../support/threads/threads.mjs";
import { type Given, givenTo } from "../support/threads/given.js";

const directory = regionDirectory();
const GATES = new URL("../support/containers/gates.mjs", import.meta.url).href;
const code = (name: string): unknown => expect.objectContaining({ code: `ERR_SHM_${name}` });
const NAMES = ["door", "bell", "seats"] as const;

describe("flows of one thread", () => {
  it("have a lock in the order in which they asked, also through two handles of the region", async () => {
    using region = Gates.createOrOpen("order");
    using other = Gates.createOrOpen("order");
    const order: number[] = [];
    const flow = async (number: number): Promise<void> => {
      const { door } = (number % 2 === 0 ? region : other).data;
      const lock = await door.lockAsync();
      order.push(number);
      await Promise.resolve();
      expect([region.data.door.isLocked, codeOf(() => door.lock())]).toEqual([true, "ERR_SHM_BUSY"]);
      lock.unlock();
    };
    const held = region.data.door.lock();
    const numbers = Array.from({ length: 100 }, (_, index) => index);
    const flows = Promise.all(numbers.map((number) => flow(number)));
    expect(other.data.door.tryLock()).toBeUndefined();
    held.unlock();
    await flows;
    expect(order).toEqual(numbers);
    expect(region.data.door.isLocked).toBe(false);
  });

  it("that give up, at their deadline or by their signal, leave the others in their order", async () => {
    using region = Gates.createOrOpen("give-up");
    const { door } = region.data;
    const held = door.lock();
    const abort = new AbortController();
    const first = door.lockAsync({ timeoutMs: 20 });
    const second = door.lockAsync({ signal: abort.signal });
    const third = door.lockAsync({ timeoutMs: 60_000 });
    await expect(first).rejects.toThrow(
      /this thread has it, and did not let go in time: .*timeoutMs=20 .*; unlock it in the/,
    );
    abort.abort(new Error("not any more"));
    await expect(second).rejects.toThrow("not any more");
    await expect(door.lockAsync({ signal: abort.signal })).rejects.toThrow("not any more");
    held.unlock();
    (await third).unlock();
    expect(door.lock().abandoned).toBe(false);
  });

  it("reject when the region is closed, and not those of other handles", async () => {
    const region = Gates.createOrOpen("closing");
    using other = Gates.createOrOpen("closing");
    const held = other.data.door.lock();
    const waits = [region.data.door.lockAsync(), region.data.bell.waitAsync()];
    const kept = other.data.door.lockAsync();
    region.close();
    for (const wait of waits) await expect(wait).rejects.toEqual(code("CLOSED"));
    held.unlock();
    (await kept).unlock();
    expect(codeOf(() => region.data.door.lock())).toBe("ERR_SHM_CLOSED");
  });

  it("take permits as they come back, and wait for events", async () => {
    using region = Gates.createOrOpen("permits");
    const { seats, bell } = region.data;
    const own = Array.from({ length: SEATS }, () => seats.acquire());
    expect([seats.available, seats.capacity, seats.tryAcquire()]).toEqual([0, SEATS, undefined]);
    expect(() => seats.acquire()).toThrow(code("BUSY"));
    const abort = new AbortController();
    const aborted = seats.acquireAsync({ signal: abort.signal });
    await expect(seats.acquireAsync({ timeoutMs: 10 })).rejects.toEqual(code("BUSY"));
    abort.abort(new Error("not any more"));
    await expect(aborted).rejects.toThrow("not any more");
    const later = [seats.acquireAsync(), seats.acquireAsync()];
    for (const permit of own) {
      permit.release();
      permit.release();
    }
    for (const permit of await Promise.all(later)) permit.release();
    expect(seats.available).toBe(SEATS);
    const waits = [bell.waitAsync(), bell.waitAsync()];
    bell.set();
    bell.reset();
    await Promise.all(waits);
    expect(() => bell.wait({ timeoutMs: 5 })).toThrow(code("BUSY"));
    await expect(bell.waitAsync({ timeoutMs: 5 })).rejects.toEqual(code("BUSY"));
  });
});

describe("turns", () => {
  it("are not had twice by one thread, whatever handle it asks by: an error says so at once [fault 69]", async () => {
    using region = Gates.createOrOpen("twice");
    using other = Gates.open("twice");
    const { door } = region.data;
    using first = door.lock();
    expect(first.abandoned).toBe(false);
    for (const again of [door, other.data.door]) {
      expect(() => again.lock({ timeoutMs: 60_000 })).toThrow("this thread has it already");
      expect(again.tryLock()).toBeUndefined();
      await expect(again.lockAsync({ timeoutMs: 5 })).rejects.toEqual(code("BUSY"));
    }
  });

  it("wake one of those who sleep, and not all of them [fault 71]", async () => {
    using region = Gates.createOrOpen("herd");
    const { door } = region.data;
    const { futex } = rawMemory(region.memory);
    const notify = vi.spyOn(futex as FutexPort, "notify");
    const first = door.lock();
    const children = await startProcesses(3);
    const turn = async ({ load }: ChildContext, gates: string, own: string): Promise<void> => {
      process.env["SHMGEN_DIR"] = own;
      const { Gates: OwnGates } = (await load(gates)) as typeof GatesModule;
      const its = OwnGates.open("herd");
      its.data.door.lock({ timeoutMs: 60_000 }).unlock();
      its.close();
    };
    const turns = children.map((child) => child.run(turn, GATES, directory));
    await until(() => Atomics.load(region.data.wordsOf("door"), 0) >= 0x8000_0000, "somebody sleeps");
    first.unlock();
    expect(notify.mock.calls.map(([, count]) => count)).toEqual([1]);
    await Promise.all(turns);
    await Promise.all(children.map((child) => child.kill()));
  });

  it("end once: what is over lets go of nobody else's [fault 70]", () => {
    using region = Gates.createOrOpen("over");
    const { door, seats } = region.data;
    const first = door.lock();
    first.unlock();
    {
      using second = door.lock();
      first.unlock();
      expect([door.isLocked, second.abandoned]).toEqual([true, false]);
    }
    expect(door.isLocked).toBe(false);
    const permit = seats.acquire();
    permit.release();
    using another = seats.acquire();
    permit.release();
    expect(seats.available).toBe(SEATS - 1);
    another.release();
  });

  it("whose word says that somebody else has it are refused, and let go of nothing", () => {
    using region = Gates.createOrOpen("robbed");
    const { door, seats, participants } = region.data;
    const [lock, permit] = [door.lock(), seats.acquire()];
    const other = participants.self() + 1;
    const words = region.data.wordsOf("seats");
    const index = words.indexOf(participants.self(), 2);
    Atomics.store(region.data.wordsOf("door"), 0, other);
    Atomics.store(words, index, other);
    expect(() => lock.unlock()).toThrow(code("FORMAT"));
    expect(() => permit.release()).toThrow(code("FORMAT"));
    expect([door.owner, words[index]]).toEqual([other, other]);
  });

  it("print as what they are, and options are checked", () => {
    using region = Gates.createOrOpen("printed");
    const { door, bell, seats } = region.data;
    expect(inspect({ door, bell, seats })).toBe(
      "{\n  door: Mutex { owner: 0, abandoned: false },\n  bell: Event { set: false, count: 0 },\n  seats: Semaphore { available: 3, capacity: 3 }\n}",
    );
    for (const options of [{ timeoutMs: -1 }, { repair: 1 }, { onAbandoned: "ignore" }]) {
      expect(codeOf(() => door.lock(options as never))).toBe("ERR_SHM_RANGE");
      expect(codeOf(() => door.tryLock(options as never))).toBe("ERR_SHM_RANGE");
    }
    expect(codeOf(() => bell.wait({ timeoutMs: NaN }))).toBe("ERR_SHM_RANGE");
    expect(codeOf(() => seats.acquire({ timeoutMs: "1" as never }))).toBe("ERR_SHM_RANGE");
    Atomics.store(region.data.wordsOf("door"), 0, 0xffff);
    expect(codeOf(() => door.lock({ repair: (async () => {}) as never }))).toBe("ERR_SHM_RANGE");
    expect(door.abandoned).toBe(true);
  });

  it("need somebody to have them, and somebody to wake", () => {
    const view = new MemoryView({ buffer: new SharedArrayBuffer(64), byteLength: 64, readOnly: false, label: "alone" });
    const door = new Mutex(view, 0, { size: 16, align: 8, at: {} }, "door");
    const bell = new Event(view, 16, { size: 8, align: 4, at: {} }, "bell");
    const seats = new Semaphore(view, 24, { size: 16, align: 4, length: 2, at: { permits: 8 } }, "seats");
    expect(() => door.lock()).toThrow(code("UNSUPPORTED"));
    expect(() => seats.acquire()).toThrow(code("UNSUPPORTED"));
    expect(() => bell.wait()).toThrow(code("UNSUPPORTED"));
    bell.set();
    bell.wait();
    expect([bell.count, door.isLocked, seats.available]).toEqual([1, false, 2]);
  });
});

describe("damaged words", () => {
  const CODES = /^ERR_SHM_(BUSY|FORMAT|ABANDONED)$/;
  const word = fc.oneof(
    fc.constantFrom(0, 1, 2, 0xffff, 0x8000_0000, 0x8000_0001, 0x8000_ffff, 0xffff_ffff, 0x7fff_ffff, 0x0001_0000),
    fc.integer({ min: 0, max: 0xffff_ffff }),
  );
  const hostile = fc.record({
    door: fc.array(word, { minLength: 4, maxLength: 4 }),
    bell: fc.tuple(word, word),
    seats: fc.array(word, { minLength: 5, maxLength: 5 }),
  });

  /** Does it, and ends what it got. What is refused is refused by a typed error. */
  async function tried(call: () => unknown): Promise<void> {
    try {
      const got = (await call()) as { unlock?(): void; release?(): void } | undefined;
      got?.unlock?.();
      got?.release?.();
    } catch (error) {
      expect(isShmError(error) && error.code, String(error)).toMatch(CODES);
    }
  }

  const everything = ({ door, bell, seats }: GatesData): readonly (() => unknown)[] => [
    () => door.tryLock(),
    () => door.lock({ timeoutMs: 1 }),
    () => door.lockAsync({ timeoutMs: 1, repair: () => undefined }),
    () => door.lock({ timeoutMs: 1, onAbandoned: "take" }),
    () => seats.tryAcquire(),
    () => seats.acquire({ timeoutMs: 1 }),
    () => seats.acquireAsync({ timeoutMs: 1 }),
    () => bell.wait({ timeoutMs: 1 }),
    () => bell.waitAsync({ timeoutMs: 1 }),
    () => bell.reset(),
    () => bell.set(),
    () => inspect([door, bell, seats]),
  ];

  it("lead to typed errors or to nothing, whatever they are, and zeros are a lock again", async () => {
    using region = Gates.createOrOpen("damaged");
    const { data } = region;
    const fill = (words: Readonly<Record<(typeof NAMES)[number], readonly number[]>>): void => {
      for (const name of NAMES) data.wordsOf(name).set(words[name]);
    };
    await fc.assert(
      fc.asyncProperty(hostile, async (words) => {
        for (const call of everything(data)) {
          fill(words);
          await tried(call);
        }
        fill({ door: [0, 0, 0, 0], bell: [0, 0], seats: [0, 0, 0, 0, 0] });
        data.door.lock().unlock();
        data.seats.acquire().release();
      }),
      { seed: runSeed("damaged words"), numRuns: byDepth(60, 400, 2000) },
    );
  });

  it("that somebody changes all the time hold nobody up", async () => {
    using region = Gates.createOrOpen("changing");
    const isOver = new Int32Array(new SharedArrayBuffer(4));
    const thread = await startThread();
    const change = async (
      { load }: { load(url: string): Promise<unknown> },
      gates: string,
      given: Given,
      over: Int32Array,
    ): Promise<number> => {
      const { Gates: OwnGates } = (await load(gates)) as typeof GatesModule;
      const own = typeof given === "string" ? OwnGates.open(given) : OwnGates.fromShared(given);
      const places = (["door", "bell", "seats"] as const).map((name) => own.data.wordsOf(name));
      let changes = 0;
      for (; Atomics.load(over, 0) === 0; changes += 1) {
        for (const words of places) {
          const value = Math.random() < 0.5 ? Math.floor(Math.random() * 4) : Math.floor(Math.random() * 2 ** 32);
          Atomics.store(words, Math.floor(Math.random() * words.length), value);
        }
      }
      own.close();
      return changes;
    };
    const changing = thread.run(change as never, GATES as never, givenTo(region) as never, isOver as never);
    const ends = performance.now() + byDepth(500, 5000);
    let calls = 0;
    for (; performance.now() < ends; calls += 1) {
      for (const call of everything(region.data)) await tried(call);
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    Atomics.store(isOver, 0, 1);
    console.log(`changed ${String(await changing)} times, during ${calls} rounds of all calls`);
    await thread.end();
    for (const name of NAMES) region.data.wordsOf(name).fill(0);
    region.data.door.lock().unlock();
  });
});
