/** Waits of Windows: a table in the directory, events and pipes (os/win32/sleeps.ts). What all systems have in common is in waits.test.ts. */
import { closeSync, openSync, readFileSync, readSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import type * as threads from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { type Child, regionDirectory, startProcess, until } from "../support/processes/processes.js";
import { Gates } from "../support/containers/gates.mjs";
import type * as GatesModule from "../support/containers/gates.mjs";
import { Counter, futexOf } from "../support/regions/counter.mjs";

const isWindows = process.platform === "win32";
const directory = regionDirectory();
const COUNTER = new URL("../support/regions/counter.mjs", import.meta.url).href;
const GATES = new URL("../support/containers/gates.mjs", import.meta.url).href;
const table = join(directory, ".waits-1");
/** Byte offset of `word` from the start of the mapping. */
const WORD = 132;
/** Of the table, docs/PROTOCOL.md. */
const [COUNTERS, SLOTS, SLOT] = [64, 4096, 64];
const SLEEPING = 2;
const WOKEN = 3;
const [EVENT, PIPE] = [1, 2];

/** Numbers of the slots in which a process sleeps; a thread that sleeps itself has none for a moment now and then. */
function sleeps(pid: number, kind?: number): number[] {
  const bytes = readFileSync(table);
  const slots = Array.from({ length: bytes.readUInt32LE(4) }, (_, slot) => slot);
  const at = (slot: number): number => SLOTS + SLOT * slot;
  const isOfKind = (slot: number): boolean => kind === undefined || bytes.readUInt32LE(at(slot) + 48) === kind;
  const isOf = (slot: number): boolean => bytes.readUInt32LE(at(slot) + 4) === pid && isOfKind(slot);
  return slots.filter((slot) => (bytes[at(slot)]! & 3) === SLEEPING && isOf(slot));
}

function counted(): number {
  const bytes = readFileSync(table);
  return Array.from({ length: 256 }, (_, index) => bytes.readUInt32LE(COUNTERS + 4 * index)).reduce((a, b) => a + b);
}

/** The lower half of a slot's state, as somebody else would leave it who was ended there. */
function changeState(slot: number, change: (low: number) => number): void {
  const fd = openSync(table, "r+");
  const low = Buffer.alloc(4);
  readSync(fd, low, 0, 4, SLOTS + SLOT * slot);
  low.writeUInt32LE(change(low.readUInt32LE()) >>> 0);
  writeSync(fd, low, 0, 4, SLOTS + SLOT * slot);
  closeSync(fd);
}

/** Sleeps in the other process, and is found there. */
async function sleepIn(
  other: Child,
  name: string,
  how: "wait" | "waitAsync" = "waitAsync",
): Promise<{ result: Promise<string> }> {
  const before = sleeps(other.pid).length;
  const result = other.run(
    async ({ Counter, futexOf, kept }, name, how, word) => {
      kept[name] ??= Counter.open(name);
      return futexOf(kept[name])[how](word, 0, 60_000);
    },
    name,
    how,
    WORD,
  );
  result.catch(() => undefined);
  await until(() => sleeps(other.pid).length > before, "it sleeps");
  return { result };
}

const OTHERWISE = isWindows ? "" : " (skipped: this is another system)";

describe.skipIf(!isWindows)(`who sleeps in the table of Windows${OTHERWISE}`, () => {
  it("10,000 round trips of two processes lose no wake-up, and leave nobody counted", async () => {
    const region = Counter.createOrOpen("round-trips");
    const futex = futexOf(region);
    const other = await startProcess();
    const rounds = 10_000;
    const playing = other.run(
      ({ Counter, futexOf }, rounds, word) => {
        const region = Counter.open("round-trips");
        const futex = futexOf(region);
        for (let n = 0; n < rounds; n += 1) {
          while (region.data.word !== 2 * n + 1) {
            if (futex.wait(word, 2 * n, 30_000) === "timed-out") return `lost at ${n}`;
          }
          region.data.word = 2 * n + 2;
          futex.notify(word, 1);
        }
        region.close();
        return "complete";
      },
      rounds,
      WORD,
    );
    const begun = performance.now();
    for (let n = 0; n < rounds; n += 1) {
      region.data.word = 2 * n + 1;
      futex.notify(WORD, 1);
      while (region.data.word !== 2 * n + 2) expect(futex.wait(WORD, 2 * n + 1, 30_000)).not.toBe("timed-out");
    }
    console.log(`round trip: ${(((performance.now() - begun) * 1000) / rounds).toFixed(0)} us`);
    expect(await playing).toBe("complete");
    expect(counted()).toBe(0);
    region.close();
    await other.kill();
  }, 240_000);

  it.each(["wait", "waitAsync"] as const)(
    "a sleeper that is killed in %s takes no wake-up from others",
    async (how) => {
      const name = `killed-${how}`;
      const region = Counter.createOrOpen(name);
      const futex = futexOf(region);
      futex.notify(WORD, 1);
      const [dead, alive] = [await startProcess(), await startProcess()];
      await sleepIn(dead, name, how);
      const { result } = await sleepIn(alive, name);
      await dead.kill();
      expect(futex.notify(WORD, 1)).toBe(1);
      expect(await result).toBe("ok");
      expect(futex.notify(WORD, 9)).toBe(0);
      expect(counted()).toBe(0);
      region.close();
      await alive.kill();
    },
  );

  it("a sleeper goes on whose waker was ended between claim and signal, and one whose slot has become somebody else's", async () => {
    const region = Counter.createOrOpen("claimed");
    const futex = futexOf(region);
    futex.notify(WORD, 1);
    const other = await startProcess();
    const first = await sleepIn(other, "claimed");
    changeState(sleeps(other.pid)[0]!, (low) => low | WOKEN);
    expect(await first.result).toBe("ok");
    expect(counted()).toBe(0);
    // It says too seldom that it sleeps: the next who looks frees its slot, and does not count it.
    const second = await sleepIn(other, "claimed");
    changeState(sleeps(other.pid)[0]!, (low) => low ^ 0x8000_0000);
    expect(futex.notify(WORD, 1)).toBe(0);
    expect(await second.result).toBe("ok");
    expect(counted()).toBe(0);
    region.close();
    await other.kill();
  });

  it("a notification finds nobody who has left, and 2,000 who sleep at once, for whom the table grows", async () => {
    const region = Counter.createOrOpen("many");
    const futex = futexOf(region);
    expect(await futex.waitAsync(WORD, 0, 20)).toBe("timed-out");
    expect(futex.wait(WORD, 0, 20)).toBe("timed-out");
    expect(futex.notify(WORD, 9)).toBe(0);
    const other = await startProcess();
    const { result } = await sleepIn(other, "many");
    const all = Array.from({ length: 2000 }, () => futex.waitAsync(WORD, 0, 60_000));
    await until(() => sleeps(process.pid).length === all.length, "all sleep");
    // First come, first served.
    expect(futex.notify(WORD, 1)).toBe(1);
    expect(await result).toBe("ok");
    expect(futex.notify(WORD, 1_000_000)).toBe(all.length);
    expect(new Set(await Promise.all(all))).toEqual(new Set(["ok"]));
    expect(counted()).toBe(0);
    region.close();
    await other.kill();
  });

  it("a thread that is ended in its sleep takes one wake-up at most", async () => {
    const region = Counter.createOrOpen("ended");
    const futex = futexOf(region);
    futex.notify(WORD, 1);
    const source = `import(${JSON.stringify(COUNTER)}).then(({ Counter, futexOf }) => {
      futexOf(Counter.open("ended")).wait(${WORD}, 0, 60_000);
    });`;
    const other = await startProcess();
    // What the thread has mapped stays mapped as long as its process runs.
    const ending = other.run(
      async ({ load, Counter, futexOf }, source, count) => {
        const { Worker } = (await load("node:worker_threads")) as typeof threads;
        const region = Counter.open("ended");
        const thread = new Worker(source, { eval: true });
        await futexOf(region).waitAsync(count, 0, 60_000);
        await thread.terminate();
      },
      source,
      WORD - 4,
    );
    await until(() => sleeps(other.pid).length === 2, "both threads sleep");
    region.data.count = 1;
    futex.notify(WORD - 4, 1);
    await ending;
    const mine = futex.waitAsync(WORD, 0, 60_000);
    futex.notify(WORD, 1);
    futex.notify(WORD, 1);
    expect(await mine).toBe("ok");
    region.close();
    await other.kill();
  });
});

describe.skipIf(!isWindows)(`what waits on Windows serve${OTHERWISE}`, () => {
  it("a mutex is had in turns by two processes, one that sleeps and one that has events, and an event ends both sleeps", async () => {
    const region = Gates.createOrOpen("gates");
    const { door, bell } = region.data;
    const other = await startProcess();
    const turns = 300;
    const add = async (): Promise<void> => {
      const lock = await door.lockAsync({ timeoutMs: 60_000 });
      region.data.totals = [region.data.totals[0] + 1, region.data.totals[1]];
      await new Promise((resolve) => setImmediate(resolve));
      region.data.totals = [region.data.totals[0], region.data.totals[1] + 1];
      lock.unlock();
    };
    const adding = other.run(
      async ({ load }, gates, turns) => {
        const { Gates } = (await load(gates)) as typeof GatesModule;
        const region = Gates.open("gates");
        const { data } = region;
        for (let turn = 0; turn < turns; turn += 1) {
          const lock = data.door.lock({ timeoutMs: 60_000 });
          data.totals = [data.totals[0] + 1, data.totals[1] + 1];
          lock.unlock();
        }
        data.bell.wait({ timeoutMs: 60_000 });
        await data.bell.waitAsync({ timeoutMs: 60_000 });
        region.close();
        return "complete";
      },
      GATES,
      turns,
    );
    for (let turn = 0; turn < turns; turn += 1) await add();
    const isDone = (): boolean => region.data.totals.every((total) => total === 2 * turns);
    await until(() => isDone() && sleeps(other.pid).length === 1, "it waits for the event");
    bell.set();
    expect(await adding).toBe("complete");
    region.close();
    await other.kill();
  });

  it("who may only read waits as well, and the table can be removed when all regions are closed", async () => {
    const region = Counter.createOrOpen("read-only");
    const other = await startProcess();
    const waiting = other.run(async ({ Counter, futexOf }, word) => {
      const region = Counter.openReadOnly("read-only");
      const futex = futexOf(region);
      const results = [futex.wait(word, 0, 60_000), await futex.waitAsync(word, 1, 60_000)];
      region.close();
      return results;
    }, WORD);
    for (const [index, kind] of [EVENT, PIPE].entries()) {
      await until(() => futexOf(region).notify(WORD, 0) === 0 && sleeps(other.pid, kind).length === 1, "it sleeps");
      region.data.word = index + 1;
      futexOf(region).notify(WORD, 1);
    }
    expect(await waiting).toEqual(["ok", "ok"]);
    region.close();
    await other.kill();
    rmSync(table);
  });
});
