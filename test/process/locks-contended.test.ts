/** Locks between processes: exclusion, deaths of owners, owners that are stopped, threads that are ended. */
import { describe, expect, it } from "vitest";
import { Gates, type GatesData, SEATS } from "../support/containers/gates.mjs";
import type * as GatesModule from "../support/containers/gates.mjs";
import {
  type Child,
  type ChildContext,
  codeOf,
  regionDirectory,
  startProcess,
  startProcesses,
  until,
} from "../support/processes/processes.js";
import { byDepth } from "../support/run/depth.js";
import { startThread } from "../support/threads/threads.mjs";
import { resume, suspend } from "../support/processes/stops.js";
import { type Given, givenTo } from "../support/threads/given.js";
import { IS_WINE } from "../support/run/system.js";

const directory = regionDirectory();
const GATES = new URL("../support/containers/gates.mjs", import.meta.url).href;
const SLEEPERS = 0x8000_0000;

interface Order {
  readonly directory: string;
  readonly gates: string;
  readonly name: string;
  readonly rounds: number;
}
const order = (name: string, rounds = 0): Order => ({ directory, gates: GATES, name, rounds });
const isSlept = (data: GatesData): boolean => Atomics.load(data.wordsOf("door"), 0) >= SLEEPERS;

/** Takes the lock, makes half of a change, and keeps it. */
const holdHalf = async ({ load, kept }: ChildContext, { directory: own, gates, name }: Order): Promise<number> => {
  process.env["SHMGEN_DIR"] = own;
  const { Gates: OwnGates } = (await load(gates)) as typeof GatesModule;
  const region = OwnGates.createOrOpen(name);
  (kept as Record<string, unknown>)["region"] = region;
  (kept as Record<string, unknown>)["lock"] = region.data.door.lock({ onAbandoned: "take" });
  region.data.totals = [region.data.totals[0] + 1, region.data.totals[1]];
  return process.pid;
};

/** Waits for the lock, repairs what it guards, and says what it was told and by when it had it. */
const repairs = async ({ load }: ChildContext, { directory: own, gates, name }: Order) => {
  process.env["SHMGEN_DIR"] = own;
  const { Gates: OwnGates } = (await load(gates)) as typeof GatesModule;
  const region = OwnGates.createOrOpen(name);
  const { data } = region;
  let told: { pid: number; at: number } | undefined;
  const lock = data.door.lock({
    timeoutMs: 30_000,
    repair(by) {
      told = by;
      data.totals = [data.totals[0], data.totals[0]];
    },
  });
  const at = Date.now();
  lock.unlock();
  region.close();
  return { pid: told?.pid, foundAt: told?.at, hadAt: at, abandoned: lock.abandoned };
};

/** Killed after it began to repair. */
const diesInRepair = async ({ load }: ChildContext, { directory: own, gates, name }: Order): Promise<void> => {
  process.env["SHMGEN_DIR"] = own;
  const { Gates: OwnGates } = (await load(gates)) as typeof GatesModule;
  OwnGates.createOrOpen(name).data.door.lock({ repair: () => void process.kill(process.pid, "SIGKILL") });
};

describe("a lock of several processes", () => {
  it("is had by one at a time: what three count under it is exact", async () => {
    using region = Gates.createOrOpen("counted");
    const rounds = byDepth(20_000, 60_000, 200_000);
    const count = async ({ load }: ChildContext, its: Order): Promise<void> => {
      process.env["SHMGEN_DIR"] = its.directory;
      const { Gates: OwnGates } = (await load(its.gates)) as typeof GatesModule;
      const own = OwnGates.createOrOpen(its.name);
      const { door } = own.data;
      for (let round = 0; round < its.rounds; round += 1) {
        const lock = door.lock({ timeoutMs: 60_000 });
        own.data.add();
        lock.unlock();
      }
      // In flows, which hand it over.
      const flow = async (): Promise<void> => {
        for (let round = 0; round < its.rounds / 40; round += 1) {
          const lock = await door.lockAsync({ timeoutMs: 60_000 });
          own.data.add();
          lock.unlock();
        }
      };
      await Promise.all([flow(), flow(), flow(), flow()]);
      own.close();
    };
    const children = await startProcesses(3);
    const begun = performance.now();
    await Promise.all(children.map((child) => child.run(count, order("counted", rounds))));
    console.log(`3 processes, ${3.3 * rounds} turns: ${(performance.now() - begun).toFixed()} ms`);
    expect(region.data.totals).toEqual([3.3 * rounds, 3.3 * rounds]);
    expect(region.data.door.isLocked).toBe(false);
    await Promise.all(children.map((child) => child.kill()));
  });

  it("is abandoned by a SIGKILL of its owner: who sleeps and who comes next gets it, and is told [fault 9]", async () => {
    using region = Gates.createOrOpen("killed");
    const { data } = region;
    const [owner, sleeper] = (await startProcesses(2)) as [Child, Child];
    const pid = await owner.run(holdHalf, order("killed"));
    const repaired = sleeper.run(repairs, order("killed"));
    await until(() => isSlept(data), "the other one sleeps");
    await owner.kill();
    const killedAt = Date.now();
    const { hadAt, ...told } = await repaired;
    console.log(`after a SIGKILL of the owner: ${hadAt - killedAt} ms for who slept`);
    expect(told).toMatchObject({ pid, abandoned: true });
    expect(Math.abs((told.foundAt ?? 0) - hadAt)).toBeLessThan(60_000);
    expect(data.totals).toEqual([1, 1]);
    await sleeper.kill();
  });

  it("is had by the next to come without waiting, who never sleeps for it", async () => {
    using region = Gates.createOrOpen("next");
    const { door } = region.data;
    door.lock().unlock();
    const owner = await startProcess();
    await owner.run(holdHalf, order("next"));
    expect(door.tryLock()).toBeUndefined();
    await owner.kill();
    const begun = performance.now();
    const lock = door.tryLock({ onAbandoned: "take" });
    console.log(`after a SIGKILL of the owner: ${(performance.now() - begun).toFixed(2)} ms for the next to come`);
    expect(lock?.abandoned).toBe(true);
    lock?.unlock();
  });

  it("refuses who comes after a death and does not say what to do, until somebody repairs", async () => {
    using region = Gates.createOrOpen("refused");
    const { door } = region.data;
    const owner = await startProcess();
    const pid = await owner.run(holdHalf, order("refused"));
    await owner.kill();
    const refused = { code: "ERR_SHM_ABANDONED", pid };
    expect(() => door.lock()).toThrow(expect.objectContaining(refused));
    expect(() => door.lock()).toThrow(/foundAt=\d{4}-\d\d-\d\dT[\d:.]+Z .*; pass repair/);
    expect(() => door.tryLock()).toThrow(expect.objectContaining(refused));
    await expect(door.lockAsync()).rejects.toMatchObject(refused);
    expect([door.abandoned, door.isLocked, door.owner]).toEqual([true, false, 0]);
    expect(() =>
      door.lock({
        repair() {
          throw new Error("it cannot be repaired");
        },
      }),
    ).toThrow("it cannot be repaired");
    await expect(door.lockAsync({ repair: () => Promise.reject(new Error("nor so")) })).rejects.toThrow("nor so");
    expect(door.toJSON()).toEqual({ owner: 0, abandoned: true });
    const lock = door.lock({ onAbandoned: "take" });
    expect(lock.abandoned).toBe(true);
    lock.unlock();
    expect(door.lock().abandoned).toBe(false);
  });

  it("is abandoned again when who repairs is killed, and says by whom", async () => {
    using region = Gates.createOrOpen("twice");
    const [owner, mender] = (await startProcesses(2)) as [Child, Child];
    await owner.run(holdHalf, order("twice"));
    await owner.kill();
    await mender.run(diesInRepair, order("twice")).catch(() => undefined);
    await mender.exited;
    expect(() => region.data.door.lock()).toThrow(
      expect.objectContaining({ code: "ERR_SHM_ABANDONED", pid: mender.pid }),
    );
  });

  it.skipIf(IS_WINE)("is not taken from an owner that is stopped: ERR_SHM_BUSY names it", async () => {
    using region = Gates.createOrOpen("stopped");
    const { door } = region.data;
    const owner = await startProcess();
    const pid = await owner.run(holdHalf, order("stopped"));
    suspend(owner);
    const busy = { code: "ERR_SHM_BUSY", pid, message: expect.stringContaining(`process ${pid}`) as string };
    expect(() => door.lock({ timeoutMs: 250 })).toThrow(expect.objectContaining(busy));
    expect(door.tryLock()).toBeUndefined();
    await expect(door.lockAsync({ timeoutMs: 20 })).rejects.toMatchObject(busy);
    resume(owner);
    await owner.run(({ kept }) => (kept as unknown as { lock: { unlock(): void } }).lock.unlock());
    expect(door.lock().abandoned).toBe(false);
    await owner.kill();
  });
});

describe("threads and handles", () => {
  it("a thread that is ended with the lock leaves it abandoned", async () => {
    using region = Gates.createOrOpen("thread");
    const thread = await startThread();
    const hold = async ({ load }: { load(url: string): Promise<unknown> }, gates: string, given: Given) => {
      const { Gates: OwnGates } = (await load(gates)) as typeof GatesModule;
      const own = typeof given === "string" ? OwnGates.open(given) : OwnGates.fromShared(given);
      own.data.door.lock();
      Object.assign(globalThis, { own });
    };
    await thread.run(hold as never, GATES as never, givenTo(region) as never);
    expect(region.data.door.isLocked).toBe(true);
    expect(region.data.door.tryLock()).toBeUndefined();
    await thread.end();
    expect(() => region.data.door.lock()).toThrow(
      expect.objectContaining({ code: "ERR_SHM_ABANDONED", pid: process.pid }),
    );
  });

  it("the last handle of a thread that closes gives permits back, and leaves a lock abandoned", async () => {
    using region = Gates.createOrOpen("closed");
    const child = await startProcess();
    const close = async ({ load }: ChildContext, { directory: own, gates, name }: Order): Promise<string[]> => {
      process.env["SHMGEN_DIR"] = own;
      const { Gates: OwnGates } = (await load(gates)) as typeof GatesModule;
      const its = OwnGates.createOrOpen(name);
      const [lock, permit] = [its.data.door.lock(), its.data.seats.acquire()];
      const waiting = its.data.door.lockAsync().catch((error: { code: string }) => error.code);
      its.close();
      const codes = [lock.unlock.bind(lock), permit.release.bind(permit)].map((call) => {
        try {
          call();
          return "none";
        } catch (error) {
          return (error as { code: string }).code;
        }
      });
      return [...codes, String(await waiting)];
    };
    expect(await child.run(close, order("closed"))).toEqual(["ERR_SHM_CLOSED", "ERR_SHM_CLOSED", "ERR_SHM_CLOSED"]);
    expect(region.data.seats.available).toBe(SEATS);
    expect(region.data.door.abandoned).toBe(true);
    await child.kill();
  });

  it("a handle that closes with a lock and a permit lets go of them when they end", async () => {
    using region = Gates.createOrOpen("one-of-two");
    const other = Gates.createOrOpen("one-of-two");
    const [lock, permit] = [other.data.door.lock(), other.data.seats.acquire()];
    other.close();
    expect(region.data.door.isLocked).toBe(true);
    const waiting = region.data.door.lockAsync();
    expect(codeOf(() => lock.unlock())).toBe("ERR_SHM_CLOSED");
    expect(codeOf(() => permit.release())).toBe("ERR_SHM_CLOSED");
    expect((await waiting).abandoned).toBe(false);
    expect(region.data.seats.available).toBe(SEATS);
  });

  it("who may only read waits for an event, and is refused everything that stores", async () => {
    using region = Gates.createOrOpen("reader");
    using reader = Gates.openReadOnly("reader");
    const { door, bell, seats } = reader.data;
    for (const stores of [
      () => door.lock(),
      () => door.tryLock(),
      () => bell.set(),
      () => bell.reset(),
      () => seats.acquire(),
    ]) {
      expect(stores).toThrow(expect.objectContaining({ code: "ERR_SHM_READ_ONLY" }));
      expect(stores).toThrow(/; open the region read-write$/);
    }
    await expect(door.lockAsync()).rejects.toMatchObject({ code: "ERR_SHM_READ_ONLY" });
    await expect(seats.acquireAsync()).rejects.toMatchObject({ code: "ERR_SHM_READ_ONLY" });
    expect(() => bell.wait({ timeoutMs: 30 })).toThrow(expect.objectContaining({ code: "ERR_SHM_BUSY" }));
    const waiting = bell.waitAsync({ timeoutMs: 30_000 });
    region.data.bell.set();
    await waiting;
    bell.wait();
    expect([bell.isSet, bell.count, door.isLocked, seats.available]).toEqual([true, 1, false, SEATS]);
  });
});
