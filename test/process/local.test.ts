/** `createLocal`: regions in memory of this process alone, with real workers, and the rules of all other regions. */
import { inspect } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Region, SharedLocal } from "@shmgen/runtime";
import { generateModule } from "../support/containers/generated-module.js";
import { codeOf } from "../support/processes/processes.js";
import { runScript } from "../support/processes/scripts.js";
import { type Thread, startThread } from "../support/threads/threads.mjs";

const SCHEMA = `
import type { Region, atomic, map, mutex, queue, seqlock, slotPool, tail, u8, u32, u64, utf8 } from "@shmgen/schema";
export interface Point { x: u32; y: u32; }
export interface Board extends Region<{ type: 9; version: 1; participants: 3 }> {
  n: atomic<u32>;
  small: atomic<u8>;
  big: atomic<u64>;
  name: utf8<16>;
  door: mutex;
  jobs: queue<u32, 8>;
  point: seqlock<Point>;
  frames: slotPool<Point, 4>;
  ages: map<utf8<16>, u32, 16>;
}
export interface Series extends Region<{ type: 10; version: 1 }> { n: atomic<u32>; samples: tail<u32>; }
export interface Page extends Region<{ type: 11; version: 1; header: "dotnet" }> { n: atomic<u32>; }
`;
const url = generateModule("board", SCHEMA);
const other = generateModule("other", SCHEMA.replace("n: atomic<u32>;", "before: u32; n: atomic<u32>;"));

// What the generator writes for the schema above has no declarations here.
// oxlint-disable-next-line typescript/no-explicit-any
type Any = any;
const { Board, Series, Page } = (await import(url)) as Any;
const { Board: OtherBoard } = (await import(other)) as Any;

async function worker(): Promise<Thread> {
  const thread = await startThread();
  onTestFinished(() => void thread.end());
  return thread;
}

/** Opens it in a worker, where it is kept under "region". */
async function adopted(region: Region, name = "Board"): Promise<Thread> {
  const thread = await worker();
  await thread.run(
    async ({ load, kept }: Any, where, shared, struct) => {
      kept.region = (await load(where))[struct as string].fromShared(shared);
    },
    url,
    region.share(),
    name,
  );
  return thread;
}

describe("a local region", () => {
  it("is a region like any other, in memory of this process alone", () => {
    using region = Board.createLocal({ initialise: (board: Any) => (board.name = "first") }) as Region & Any;
    expect([region.kind, region.path, region.name, region.outcome]).toEqual([
      "local",
      "local:Board",
      "Board",
      "created",
    ]);
    expect([region.access, region.readOnly, region.sealed, region.closed]).toEqual(["read-write", false, true, false]);
    expect([region.generation, region.actingVersion, region.isCurrent(), region.owners()]).toEqual([1, 1, true, []]);
    expect(region.header).toMatchObject({
      typeId: 9,
      version: 1,
      generation: 1,
      creatorPid: process.pid,
      descriptorSize: 0,
    });
    expect(region.memory.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(region.data.name).toBe("first");
    region.data.n = 7;
    region.data.big = 2n ** 63n;
    expect([region.data.$n.add(1), region.data.n, region.data.big]).toEqual([7, 8, 2n ** 63n]);
    expect(inspect(region)).toMatch(
      /^Region \{\s+name: 'Board',\s+path: 'local:Board',\s+outcome: 'created',\s+kind: 'local'/,
    );
    expect(new Uint32Array(region.view({ offset: 128 }).buffer).length).toBe(region.size / 4);
    region.onRemoved(() => undefined)();
  });

  it("after close is closed, with all that was made of it, and closing twice is fine", () => {
    const region = Board.createLocal();
    const { data, memory } = region;
    const part = region.view({ offset: 128, length: 8 });
    region.close();
    region.close();
    for (const use of [() => data.n, () => (data.n = 1), () => memory.u8, () => part.u8, () => region.share()]) {
      expect(codeOf(use)).toBe("ERR_SHM_CLOSED");
    }
    expect([region.closed, region.isCurrent()]).toEqual([true, false]);
  });

  it("refuses what needs another process, and says what does it", () => {
    using region = Board.createLocal({ label: "lap" }) as Region;
    expect(() => region.token()).toThrow(
      "memory of this process alone has no token: path=local:lap; share() it with workers; for other processes make it by createAnonymous()",
    );
    expect(codeOf(() => region.descriptor)).toBe("ERR_SHM_UNSUPPORTED");
    expect(codeOf(() => region.onPeerDeath(() => undefined))).toBe("ERR_SHM_UNSUPPORTED");
    expect(codeOf(() => Board.createLocal({ mapping: "view" }))).toBe("ERR_SHM_RANGE");
    expect(codeOf(() => Board.createLocal({ label: "" }))).toBe("ERR_SHM_RANGE");
    expect(codeOf(() => Series.createLocal())).toBe("ERR_SHM_RANGE");
    expect(codeOf(() => Series.createLocal({ tailLength: 2 ** 52 }))).toBe("ERR_SHM_RANGE");
    expect(codeOf(() => Board.createLocal({ initialise: async () => undefined }))).toBe("ERR_SHM_UNSUPPORTED");
    expect(() =>
      Board.createLocal({
        initialise: () => {
          throw new Error("mine");
        },
      }),
    ).toThrow("mine");
  });

  it("also with the header of .NET", () => {
    using region = Page.createLocal() as Region & Any;
    region.data.n = 3;
    using again = Page.fromShared(region.share()) as Region & Any;
    expect([again.data.n, again.generation, again.header]).toEqual([3, 0, undefined]);
  });

  it("is equal to another handle of the same memory, and to no other", () => {
    using region = Board.createLocal() as Region;
    using same = Board.fromShared(region.share()) as Region;
    using different = Board.createLocal() as Region;
    expect(same).toEqual(region);
    expect(different).not.toEqual(region);
    expect(same.participants()).toEqual([]);
  });

  it("is collected with its memory when nobody has it any more", () => {
    const script = `
      const { Series } = await import(${JSON.stringify(url)});
      const before = process.memoryUsage().rss;
      for (let n = 0; n < 2000; n += 1) {
        const region = Series.createLocal({ tailLength: 50_000, initialise: (series) => (series.n = 1) });
        region.memory.u8.fill(1, 128);
        if (n % 2 === 0) region.close();
        if (n % 100 === 0) { gc(); await new Promise((resolve) => setTimeout(resolve, 1)); }
      }
      console.log(process.memoryUsage().rss - before < 200e6);`;
    expect(runScript(script, { flags: ["--expose-gc"] })).toBe("true");
  });
});

describe("a local region that threads share", () => {
  it("is one memory for all, with fields, waits and notifications between them", async () => {
    using region = Board.createLocal() as Region & Any;
    const thread = await adopted(region);
    const { data } = region;
    await thread.run(({ kept }: Any) => {
      for (let count = 0; count < 20_000; count += 1) kept.region.data.$n.add(1);
    });
    for (let count = 0; count < 20_000; count += 1) data.$n.add(1);
    expect(data.n).toBe(40_000);
    // This thread waits without blocking, and the other one blocking.
    const woken = data.$small.waitAsync(0);
    await thread.run(({ kept }: Any) => {
      kept.region.data.small = 1;
      kept.region.data.$small.notify();
    });
    expect(await woken).toBe("ok");
    const blocked = thread.run(({ kept }: Any) => kept.region.data.$big.wait(0n));
    while (data.$big.notify() === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    data.big = 1n;
    data.$big.notify();
    expect(await blocked).toBe("ok");
    expect(await data.$big.waitAsync(1n, 10)).toBe("timed-out");
    expect(data.$big.wait(2n)).toBe("not-equal");
  });

  it("ends waits by signals and by closing, and passes a wake-up on that met one that had ended", async () => {
    const region = Board.createLocal();
    using second = Board.fromShared(region.share()) as Region & Any;
    const end = new AbortController();
    const aborted = second.data.$n.waitAsync(0, { signal: end.signal });
    const pending = second.data.$n.waitAsync(0);
    const closing = region.data.$n.waitAsync(0);
    end.abort(new Error("enough"));
    await expect(aborted).rejects.toThrow("enough");
    region.close();
    await expect(closing).rejects.toMatchObject({ code: "ERR_SHM_CLOSED" });
    // The engine still has both in its list, before the one that goes on.
    second.data.$n.notify(1);
    expect(await pending).toBe("ok");
  });

  it("has containers with owners, which are threads, by as many numbers as the schema says", async () => {
    using region = Board.createLocal() as Region & Any;
    const threads = [await adopted(region), await adopted(region)];
    const { data } = region;
    const add = (): void => {
      const turn = data.door.lock();
      data.point.write({ x: data.point.read().x + 1, y: 1 });
      turn.unlock();
    };
    const sums = threads.map((thread) =>
      thread.run(({ kept }: Any) => {
        const board = kept.region.data;
        for (let count = 0; count < 2000; count += 1) {
          const turn = board.door.lock();
          board.point.write({ x: board.point.read().x + 1, y: 1 });
          turn.unlock();
        }
      }),
    );
    for (let count = 0; count < 2000; count += 1) add();
    await Promise.all(sums);
    expect(data.point.read().x).toBe(6000);
    expect(region.participants().map(({ number, pid, alive }: Any) => [number, pid, alive])).toEqual([
      [1, process.pid, true],
      [2, process.pid, true],
      [3, process.pid, true],
    ]);
    const fourth = await adopted(region);
    const refused = await fourth.run(({ kept }: Any) => {
      try {
        return kept.region.data.door.tryLock();
      } catch (error) {
        return `${(error as Any).code}: ${(error as Error).message}`;
      }
    });
    expect(refused).toMatch(
      /^ERR_SHM_BUSY: all numbers of participants are taken, by thread \d+ of this process; thread/,
    );
  });

  it("carries queues, maps and pools from thread to thread", async () => {
    using region = Board.createLocal() as Region & Any;
    const thread = await adopted(region);
    const { data } = region;
    const taken = thread.run(async ({ kept }: Any) => {
      const { jobs, ages, frames } = kept.region.data;
      let sum = 0;
      for (let count = 0; count < 1000; count += 1) sum += await jobs.popAsync();
      ages.set("anna", sum);
      const slot = frames.alloc();
      slot.data.x = 5;
      return slot.handle;
    });
    for (let count = 0; count < 1000; count += 1) await data.jobs.pushAsync(1);
    const handle = await taken;
    expect([data.ages.get("anna"), data.frames.get(handle).x]).toEqual([1000, 5]);
  });
});

describe("a local region whose threads end, or grow it", () => {
  it("gives back what a thread had that closes, or ends in an orderly way; what is terminated keeps it", async () => {
    using region = Board.createLocal() as Region & Any;
    const { door } = region.data;
    const lock = (thread: Thread): Promise<unknown> => thread.run(({ kept }: Any) => void kept.region.data.door.lock());
    const closing = await adopted(region);
    await lock(closing);
    expect(door.tryLock()).toBeUndefined();
    await closing.run(({ kept }: Any) => kept.region.close());
    door.tryLock({ onAbandoned: "take" }).unlock();
    const ending = await adopted(region);
    await lock(ending);
    void ending.run(() => process.exit()).catch(() => undefined);
    await ending.exited;
    door.tryLock({ onAbandoned: "take" }).unlock();
    const terminated = await adopted(region);
    await lock(terminated);
    await terminated.end();
    expect([door.tryLock(), region.recover()]).toEqual([undefined, []]);
  });

  it("grows in any thread, up to what was kept for it", async () => {
    using region = Series.createLocal({ tailLength: 10, maxTail: 5000 }) as Region & Any;
    const thread = await adopted(region, "Series");
    const told: number[] = [];
    const grown = new Promise<void>((resolve) => {
      region.onGrow((length: number) => {
        told.push(length);
        resolve();
      });
    });
    const { samples } = region.data;
    await thread.run(({ kept }: Any) => {
      kept.region.growTail(5000);
      kept.region.data.samples[4999] = 5;
    });
    await grown;
    expect([told, region.tailLength, region.data.samples.length, region.data.samples[4999]]).toEqual([
      [5000],
      5000,
      5000,
      5,
    ]);
    expect([samples.length, region.refresh()]).toEqual([10, false]);
    expect(codeOf(() => region.growTail(20_000))).toBe("ERR_SHM_UNSUPPORTED");
    expect(codeOf(() => region.growTail(10))).toBe("ERR_SHM_RANGE");
    region.growTail(5000);
    expect(region.tailLength).toBe(5000);
  });

  it("is opened only from what share() gave, by the code that it was made with, and for writing", () => {
    using region = Board.createLocal() as Region & Any;
    const shared = region.share() as SharedLocal;
    for (const wrong of [
      { ...shared, buffer: new ArrayBuffer(8) },
      { ...shared, id: 1 },
      { ...shared, name: undefined },
      { ...shared, recoverers: new Int32Array(1) },
      { ...shared, path: 1 },
      { ...shared, kind: "shmgen.local.2" },
    ]) {
      expect(codeOf(() => Board.fromShared(wrong as Any))).toBe("ERR_SHM_RANGE");
    }
    expect(codeOf(() => Board.fromShared({ ...shared, buffer: new SharedArrayBuffer(8) }))).toBe("ERR_SHM_FORMAT");
    expect(codeOf(() => OtherBoard.fromShared(shared))).toBe("ERR_SHM_LAYOUT");
    expect(codeOf(() => Series.fromShared(shared))).toBe("ERR_SHM_FORMAT");
    expect(codeOf(() => Board.fromShared(shared, { access: "read-only" }))).toBe("ERR_SHM_UNSUPPORTED");
    new DataView(shared.buffer).setUint32(0, 0);
    expect(codeOf(() => Board.fromShared(shared))).toBe("ERR_SHM_FORMAT");
  });
});

describe("on a platform without shared memory", () => {
  it("a local region works, without koffi, and whoever asks for another is told of it", () => {
    const script = `
      Object.defineProperty(process, "platform", { value: "freebsd" });
      const { createRequire } = await import("node:module");
      const { Board } = await import(${JSON.stringify(url)});
      const region = Board.createLocal();
      region.data.n = 4;
      region.data.jobs.push(1);
      const waited = await region.data.$n.waitAsync(4, 5);
      const { cache } = createRequire(import.meta.url);
      const loaded = Object.keys(cache).filter((path) => path.includes("koffi")).length;
      let message;
      try { Board.createOrOpen("board"); } catch (error) { message = error.code + ": " + error.message; }
      console.log(region.data.n, waited, region.data.jobs.pop(), loaded, message);`;
    expect(runScript(script)).toMatch(
      /^4 timed-out 1 0 ERR_SHM_UNSUPPORTED: shared memory regions need Linux, macOS or Windows: found="freebsd .*"; for tests and development createLocal\(\)/,
    );
  });

  it("a wait that is pending keeps the process alive, one that has ended does not", () => {
    const script = (rest: string): string => `
      const { Board } = await import(${JSON.stringify(url)});
      const region = Board.createLocal();
      ${rest}`;
    const pending = script(
      `region.data.$n.waitAsync(0, 300).then((how) => console.log(how)); region.data.$n.waitAsync(0, 10).then((how) => console.log(how));`,
    );
    expect(runScript(pending)).toBe("timed-out\ntimed-out");
    const closed = script(`region.data.$n.waitAsync(0).catch((error) => console.log(error.code)); region.close();`);
    expect(runScript(closed)).toBe("ERR_SHM_CLOSED");
  });
});
