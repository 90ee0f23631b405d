/** Waits of Windows: a table in the directory, events and pipes (os/win32/sleeps.ts). What all systems have in common is in waits.test.ts. */
import { closeSync, openSync, readFileSync, readSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Child, regionDirectory, startProcess, until } from "../support/processes/processes.js";
import { Counter, futexOf } from "../support/regions/counter.mjs";

const isWindows = process.platform === "win32";
const directory = regionDirectory();
const table = join(directory, ".waits-1");
/** Byte offset of `word` from the start of the mapping. */
const WORD = 132;
/** Of the table, docs/PROTOCOL.md. */
const [COUNTERS, SLOTS, SLOT] = [64, 4096, 64];
const SLEEPING = 2;
const WOKEN = 3;

/** Numbers of the slots in which a process sleeps. */
function sleeps(pid: number): number[] {
  const bytes = readFileSync(table);
  const slots = Array.from({ length: bytes.readUInt32LE(4) }, (_, slot) => slot);
  const at = (slot: number): number => SLOTS + SLOT * slot;
  return slots.filter((slot) => (bytes[at(slot)]! & 3) === SLEEPING && bytes.readUInt32LE(at(slot) + 4) === pid);
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
async function sleepIn(other: Child, name: string, how: "wait" | "waitAsync"): Promise<{ result: Promise<string> }> {
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

describe.skipIf(!isWindows)(`waits of Windows${isWindows ? "" : " (skipped: this is another system)"}`, () => {
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
      const { result } = await sleepIn(alive, name, "wait");
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
    for (const how of ["wait", "waitAsync"] as const) {
      const { result } = await sleepIn(other, "claimed", how);
      changeState(sleeps(other.pid)[0]!, (low) => low | WOKEN);
      expect(await result).toBe("ok");
      expect(counted()).toBe(0);
      // It says too seldom that it sleeps: the next who looks frees its slot, and does not count it.
      const again = await sleepIn(other, "claimed", how);
      changeState(sleeps(other.pid)[0]!, (low) => low ^ 0x8000_0000);
      expect(futex.notify(WORD, 1)).toBe(0);
      expect(await again.result).toBe("ok");
      expect(counted()).toBe(0);
    }
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
    const { result } = await sleepIn(other, "many", "waitAsync");
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
    for (const value of [1, 2]) {
      await until(() => futexOf(region).notify(WORD, 0) === 0 && sleeps(other.pid).length === 1, "it sleeps");
      region.data.word = value;
      expect(futexOf(region).notify(WORD, 1)).toBe(1);
      await until(() => sleeps(other.pid).length === 0, "it was woken");
    }
    expect(await waiting).toEqual(["ok", "ok"]);
    region.close();
    await other.kill();
    rmSync(table);
  });
});
