/** Death at every store of locks, events and semaphores: others go on, and what was done is there. */
import { describe, expect, it } from "vitest";
import type { Region } from "@shmgen/runtime";
import type * as DieAt from "../support/containers/die-at.mjs";
import { Gates, type GatesData, SEATS } from "../support/containers/gates.mjs";
import type * as GatesModule from "../support/containers/gates.mjs";
import { type Child, type ChildContext, regionDirectory, startProcess, until } from "../support/processes/processes.js";
import { isFull } from "../support/run/depth.js";
import { IS_WINDOWS } from "../support/run/system.js";

const directory = regionDirectory();
const GATES = new URL("../support/containers/gates.mjs", import.meta.url).href;
const DIE_AT = new URL("../support/containers/die-at.mjs", import.meta.url).href;

/** What a process gets that is killed. */
interface Order {
  readonly directory: string;
  readonly name: string;
  readonly gates: string;
  readonly dieAt: string;
  readonly point: number;
  readonly loads: boolean;
}
type Act = (context: ChildContext, order: Order) => Promise<number>;

const SLEEPERS = 0x8000_0000;
const word = (data: GatesData): number => Atomics.load(data.wordsOf("door"), 0);

interface Case {
  readonly name: string;
  /** In the process that dies; returns how many points there were. */
  readonly act: Act;
  /** While it acts. */
  readonly meanwhile?: (data: GatesData, isOver: () => boolean) => Promise<void>;
  readonly before?: (data: GatesData, order: Order) => void | Promise<void>;
  readonly after: (data: GatesData) => void | Promise<void>;
}

/** Runs it until it ends without having been killed; returns how many points it has. */
async function dieEverywhere({ name, act, before, meanwhile, after }: Case): Promise<number> {
  using region: Region<GatesData> = Gates.createOrOpen(name);
  const { data } = region;
  for (let point = 1; ; point += 1) {
    const order: Order = { directory, name, gates: GATES, dieAt: DIE_AT, point, loads: isFull };
    await before?.(data, order);
    const child: Child = await startProcess();
    let isOver = false;
    const acting = child.run(act, order).then(
      (points) => points,
      () => undefined,
    );
    const ended = acting.finally(() => (isOver = true));
    await meanwhile?.(data, () => isOver);
    const points = await ended;
    await child.kill();
    await after(data);
    if (points === undefined) continue;
    console.log(`${name}: ${points} points`);
    return points;
  }
}

/** What everybody does that finds the lock abandoned. */
const repair = (data: GatesData) => (): void => {
  data.totals = [data.totals[0], data.totals[0]];
};

/** The lock can be had, and what it guards is whole. */
function isWhole(data: GatesData): void {
  using lock = data.door.lock({ timeoutMs: 10_000, repair: repair(data) });
  const [total, half] = data.totals;
  expect(total, String(lock.abandoned)).toBe(half);
}

const lockAndAdd: Act = async ({ load }, order) => {
  process.env["SHMGEN_DIR"] = order.directory;
  const { Gates: OwnGates } = (await load(order.gates)) as typeof GatesModule;
  const { dieAt } = (await load(order.dieAt)) as typeof DieAt;
  const region = OwnGates.createOrOpen(order.name);
  const { data } = region;
  const mend = (): void => {
    data.totals = [data.totals[0], data.totals[0]];
  };
  const points = dieAt(order.point, { loads: order.loads });
  const lock = data.door.lock({ timeoutMs: 20_000, repair: mend });
  data.totals = [data.totals[0] + 1, data.totals[1]];
  // A point in the middle of the change.
  Atomics.or(data.wordsOf("bell"), 1, 0);
  data.totals = [data.totals[0], data.totals[1] + 1];
  lock.unlock();
  region.close();
  return points();
};

describe("a death at every atomic store", () => {
  it("of taking a lock and letting it go", async () => {
    const points = await dieEverywhere({ name: "alone", act: lockAndAdd, after: isWhole });
    expect(points).toBeGreaterThan(5);
  });

  it("of waiting for a lock that others have", async () => {
    let lock: ReturnType<GatesData["door"]["lock"]> | undefined;
    const points = await dieEverywhere({
      name: "contended",
      act: lockAndAdd,
      before(data) {
        lock = data.door.lock({ repair: repair(data) });
      },
      async meanwhile(data, isOver) {
        await until(() => isOver() || word(data) >= SLEEPERS, "it sleeps");
        lock?.unlock();
      },
      after: isWhole,
    });
    expect(points).toBeGreaterThan(6);
  });

  it("of recovering the lock of somebody dead, and repairing what it guards", async () => {
    const points = await dieEverywhere({
      name: "recovered",
      act: lockAndAdd,
      async before(data, order) {
        const victim = await startProcess();
        const dies: Act = async ({ load }, { directory: own, gates, name }) => {
          process.env["SHMGEN_DIR"] = own;
          const { Gates: OwnGates } = (await load(gates)) as typeof GatesModule;
          const { data: its } = OwnGates.createOrOpen(name);
          its.door.lock({ onAbandoned: "take" });
          its.totals = [its.totals[0] + 1, its.totals[1]];
          return process.kill(process.pid, "SIGKILL") ? 0 : 1;
        };
        await victim.run(dies, order).catch(() => undefined);
        await victim.exited;
        expect(data.door.isLocked).toBe(true);
      },
      after: isWhole,
    });
    expect(points).toBeGreaterThan(8);
  });

  it("of taking permits and giving them back, with others who sleep", async () => {
    let permits: Promise<unknown> | undefined;
    const points = await dieEverywhere({
      name: "permits",
      act: async ({ load }, order) => {
        process.env["SHMGEN_DIR"] = order.directory;
        const { Gates: OwnGates } = (await load(order.gates)) as typeof GatesModule;
        const { dieAt } = (await load(order.dieAt)) as typeof DieAt;
        const region = OwnGates.createOrOpen(order.name);
        const { seats } = region.data;
        const look = Atomics.load;
        const gate = region.data.wordsOf("seats");
        const points = dieAt(order.point, { loads: order.loads });
        const own = Array.from({ length: seats.capacity }, () => seats.acquire());
        while (look(gate, 0) < 0x8000_0000) await new Promise((resolve) => setTimeout(resolve, 1));
        for (const permit of own) permit.release();
        region.close();
        return points();
      },
      async meanwhile({ seats }, isOver) {
        await until(() => isOver() || seats.available === 0, "all are taken");
        permits = Promise.all(Array.from({ length: SEATS }, () => seats.acquireAsync({ timeoutMs: 10_000 })));
      },
      async after({ seats }) {
        const own = (await permits) as ReturnType<typeof seats.acquire>[];
        expect(seats.available).toBe(0);
        for (const permit of own) permit.release();
        expect(seats.available).toBe(SEATS);
      },
    });
    expect(points).toBeGreaterThan(9);
  });

  it("of setting an event that others wait for", async () => {
    let waiting: Promise<void> | undefined;
    let before = 0;
    const points = await dieEverywhere({
      name: "bell",
      act: async ({ load }, order) => {
        process.env["SHMGEN_DIR"] = order.directory;
        const { Gates: OwnGates } = (await load(order.gates)) as typeof GatesModule;
        const { dieAt } = (await load(order.dieAt)) as typeof DieAt;
        const { bell } = OwnGates.createOrOpen(order.name).data;
        const points = dieAt(order.point, { loads: order.loads });
        bell.set();
        return points();
      },
      before({ bell }) {
        before = bell.count;
        waiting = bell.waitAsync({ timeoutMs: 10_000 });
      },
      async after({ bell }) {
        expect(bell.count).toBe(bell.isSet ? before + 1 : before);
        if (!bell.isSet) bell.set();
        await waiting;
        bell.reset();
      },
    });
    // On Windows whoever wakes others stores in the table of waits, too.
    if (IS_WINDOWS) expect(points).toBeGreaterThan(1);
    else expect(points).toBe(isFull ? 2 : 1);
  });
});
