/** What a queue of work gives out: each job to one worker at a time, in order, until it is done. */
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Job as Lease } from "@shmgen/runtime";
import { WORK_ENTRY, WORK_QUEUE } from "../../schema/dist/containers/work-queue.js";
import { type DepotData, type DepotModule, type Job, jobOf } from "../support/containers/depot.js";
import { depots } from "../support/containers/depots.js";
import {
  type Child,
  type ChildContext,
  codeOf,
  regionDirectory,
  startProcess,
  until,
} from "../support/processes/processes.js";
import { IS_WINE, KINDS } from "../support/run/system.js";
import { suspend } from "../support/processes/stops.js";

regionDirectory();
const { url: DEPOT, Depot, depot, name, close, get, set } = await depots();

type Context = Pick<ChildContext, "load" | "kept">;
/** Leases jobs in another process, and keeps them. */
const leaseAll = async ({ load, kept }: Context, module: string, region: string, most: number): Promise<number[]> => {
  const { Depot: Own } = (await load(module)) as DepotModule;
  const opened = Own.open(region);
  Object.assign(kept, { opened });
  const { work } = opened.data;
  const ids: number[] = [];
  for (let job = work.lease(); job !== undefined; job = work.lease()) {
    ids.push(job.data.id);
    if (ids.length === most) break;
  }
  return ids;
};

const ENTRIES = Math.ceil((WORK_QUEUE.at.departures + 4) / 64) * 64;
const entry = (index: number, word: "state" | "attempts" | "next" | "ticket"): number =>
  ENTRIES + WORK_ENTRY.size * index + WORK_ENTRY[word];

const lease = ({ work }: DepotData): Lease<Job> => work.lease() as Lease<Job>;
const ids = (data: DepotData): number[] => {
  const found: number[] = [];
  for (let job = data.work.lease(); job !== undefined; job = data.work.lease()) found.push(job.data.id);
  return found;
};

describe.each(KINDS)("jobs over a mapping of kind %s", (mapping) => {
  it("are leased in order, each to one, and are gone when they are done", () => {
    const { work } = depot(mapping);
    for (const id of [1, 2, 3, 4]) expect(work.push({ ...jobOf(id), name: `job ${id}` })).toBe(true);
    expect([work.push({ id: 5 }), work.length, work.leasedCount]).toEqual([false, 4, 0]);
    const jobs = [1, 2, 3, 4].map(() => work.lease() as Lease<Job>);
    expect(jobs.map(({ data, attempts }) => [data.id, data.name, attempts])).toEqual(
      [1, 2, 3, 4].map((id) => [id, `job ${id}`, 1]),
    );
    expect([work.lease(), work.push({ id: 5 }), work.length, work.leasedCount]).toEqual([undefined, false, 0, 4]);
    jobs[1]?.done();
    jobs[1]?.done();
    expect([work.push({ id: 5 }), work.push({ id: 6 }), work.lease()?.data.id]).toEqual([true, false, 5]);
    expect(work.leasedCount).toBe(4);
  });

  it("that are given back are the next ones, in their order; or the last", () => {
    const data = depot(mapping);
    for (const id of [1, 2, 3]) data.work.push({ id });
    const [first, second] = [lease(data), lease(data)];
    second.retry();
    first.retry();
    first.retry();
    first.done();
    const again = lease(data);
    expect([again.data.id, again.attempts]).toEqual([1, 2]);
    again.retry({ last: true });
    expect(ids(data)).toEqual([2, 3, 1]);
  });

  it("using gives a job back that was not done; what is over shows nothing more", () => {
    const { work, texts } = depot(mapping);
    texts.push("only one");
    {
      using job = texts.lease() as Lease<string>;
      expect(job.data).toBe("only one");
    }
    const before = Date.now();
    work.push({ id: 1 });
    const job = work.lease() as Lease<Job>;
    expect(job.pushedAt.getTime()).toBeGreaterThanOrEqual(before - 1);
    expect(job.pushedAt.getTime()).toBeLessThanOrEqual(Date.now() + 1);
    job.done();
    for (const use of [() => job.data, () => job.pushedAt]) expect(codeOf(use)).toBe("ERR_SHM_CLOSED");
    expect([texts.lease()?.attempts, JSON.stringify(texts), JSON.stringify(work)]).toEqual([
      2,
      '{"length":0,"leased":1,"capacity":2}',
      '{"length":0,"leased":0,"capacity":4}',
    ]);
  });

  it("a job that is refused is not pushed, and its slot is free", () => {
    const { work } = depot(mapping);
    for (let tries = 0; tries < 6; tries += 1) expect(codeOf(() => work.push({ id: -1 }))).toBe("ERR_SHM_RANGE");
    for (const id of [1, 2, 3, 4]) expect(work.push({ id })).toBe(true);
  });

  it("tickets go on through the end of 32 bits, in order", () => {
    const data = depot(mapping);
    set(data, "work", WORK_QUEUE.at.tickets, 2 ** 32 - 2);
    for (const id of [1, 2, 3, 4]) data.work.push({ id });
    expect([get(data, "work", WORK_QUEUE.at.tickets), get(data, "work", WORK_QUEUE.at.tickets + 4)]).toEqual([2, 1]);
    const jobs = [1, 2, 3, 4].map(() => lease(data));
    for (const job of jobs.reverse()) job.retry();
    expect(ids(data)).toEqual([1, 2, 3, 4]);
  });
});

describe.each(KINDS)("a job that fails over a mapping of kind %s", (mapping) => {
  it("goes to a second queue when it was leased too often, and the next one comes", () => {
    const data = depot(mapping);
    for (const id of [1, 2]) data.work.push({ ...jobOf(id), name: "poison" });
    const options = { maxAttempts: 2, failed: data.failed };
    const seen: [id: number, attempts: number][] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      const job = data.work.lease(options) as Lease<Job>;
      seen.push([job.data.id, job.attempts]);
      job.retry();
    }
    expect(seen).toEqual([
      [1, 1],
      [1, 2],
      [2, 1],
    ]);
    expect(data.failed.lease()?.data.name).toBe("poison");
    expect([data.work.length, data.work.leasedCount, data.failed.length]).toEqual([1, 0, 0]);
  });

  it("is tried again as long as there is no room for it there, and says so", () => {
    const data = depot(mapping);
    data.failed.push({ id: 8 });
    data.failed.push({ id: 9 });
    data.work.push({ id: 1 });
    const options = { maxAttempts: 1, failed: data.failed };
    (data.work.lease(options) as Lease<Job>).retry();
    expect(codeOf(() => data.work.lease(options))).toBe("ERR_SHM_BUSY");
    data.failed.lease()?.done();
    expect([data.work.lease(options), data.work.leasedCount, data.failed.length]).toEqual([undefined, 0, 2]);
  });

  it("both options go together, and are what they should be", () => {
    const { work, failed } = depot(mapping);
    for (const options of [
      { maxAttempts: 2 },
      { failed },
      { maxAttempts: 0, failed },
      { maxAttempts: 1, failed: {} },
    ]) {
      expect(codeOf(() => work.lease(options as never))).toBe("ERR_SHM_RANGE");
    }
  });
});

describe.each(KINDS)("a worker that dies over a mapping of kind %s", (mapping) => {
  const withWorker = async (use: (other: Child, data: DepotData) => Promise<void>): Promise<void> => {
    const data = depot(mapping);
    for (const id of [1, 2, 3, 4]) data.work.push({ id });
    const other = await startProcess();
    await use(other, data);
    await other.kill();
  };

  it("leaves its jobs to the next to come, before all others, with one attempt more", () =>
    withWorker(async (other, data) => {
      expect(await other.run(leaseAll, DEPOT, name(), 2)).toEqual([1, 2]);
      expect([data.work.length, data.work.leasedCount]).toEqual([2, 2]);
      await other.kill();
      const third = lease(data);
      expect(third.data.id).toBe(3);
      // Nobody asks who lives as long as there are others; who has nothing to do does.
      lease(data).retry();
      lease(data);
      const again = lease(data);
      expect([again.data.id, again.attempts, lease(data).data.id, data.work.lease()]).toEqual([1, 2, 2, undefined]);
    }));

  it.skipIf(IS_WINE)("is found by who sleeps, within 100 ms and some; one that is stopped keeps what it has", () =>
    withWorker(async (other, data) => {
      expect(await other.run(leaseAll, DEPOT, name(), 4)).toEqual([1, 2, 3, 4]);
      suspend(other);
      await expect(data.work.leased({ timeoutMs: 300 })).rejects.toMatchObject({ code: "ERR_SHM_BUSY" });
      const waiting = data.work.leased({ timeoutMs: 20_000 });
      await other.kill();
      expect((await waiting).data.id).toBe(1);
    }),
  );

  it("that closes its region gives them back at once", () =>
    withWorker(async (other, data) => {
      const closes = async ({ load }: Context, module: string, region: string): Promise<number> => {
        const { Depot: Own } = (await load(module)) as DepotModule;
        const opened = Own.open(region);
        opened.data.work.lease();
        const count = opened.data.work.leasedCount;
        opened.close();
        return count;
      };
      expect(await other.run(closes, DEPOT, name())).toBe(1);
      expect([data.work.leasedCount, ids(data)]).toEqual([0, [1, 2, 3, 4]]);
    }));
});

describe.each(KINDS)("waits over a mapping of kind %s", (mapping) => {
  it("leases have jobs, and pushes room, in the order of their calls; signals and timeouts take nothing", async () => {
    const { work } = depot(mapping);
    const stop = new AbortController();
    const first = work.leased();
    const second = work.leased({ signal: stop.signal });
    const third = work.leased();
    await expect(work.leased({ timeoutMs: 10 })).rejects.toMatchObject({ code: "ERR_SHM_BUSY" });
    stop.abort(new Error("enough"));
    await expect(second).rejects.toThrow("enough");
    for (const id of [1, 2, 3, 4]) work.push({ id });
    const pushes = [5, 6].map((id) => work.pushAsync({ id }));
    const jobs = await Promise.all([first, third]);
    expect(jobs.map(({ data }) => data.id)).toEqual([1, 2]);
    expect(codeOf(() => work.pushWait({ id: 9 }, { timeoutMs: 10 }))).toBe("ERR_SHM_BUSY");
    for (const job of jobs) job.done();
    await Promise.all(pushes);
    expect(ids({ work } as DepotData)).toEqual([3, 4, 5, 6]);
    expect(codeOf(() => work.leaseWait({ timeoutMs: 10 }))).toBe("ERR_SHM_BUSY");
  });

  it("an iteration has each job, and ends with the region or its signal", async () => {
    const data = depot(mapping);
    const stop = new AbortController();
    const seen: number[] = [];
    const worker = (async () => {
      for await (const job of data.work.items({ signal: stop.signal, maxAttempts: 2, failed: data.failed })) {
        seen.push(job.data.id);
        if (job.data.id === 3) job.retry();
        else job.done();
      }
    })();
    for (const id of [1, 2, 3, 4, 5, 6]) await data.work.pushAsync({ id });
    await until(() => data.work.length === 0 && data.work.leasedCount === 0, "all is done");
    expect([seen, data.failed.lease()?.data.id]).toEqual([[1, 2, 3, 3, 4, 5, 6], 3]);
    stop.abort(new Error("enough"));
    await expect(worker).rejects.toThrow("enough");
    const other = data.work.items().next();
    await delay(5);
    close();
    await expect(other).rejects.toMatchObject({ code: "ERR_SHM_CLOSED" });
  });
});

describe.each(KINDS)("words that nobody leaves over a mapping of kind %s", (mapping) => {
  it.each([
    ["a list that names a leased job", (data: DepotData) => set(data, "work", WORK_QUEUE.at.first, 1)],
    ["a list that names no slot", (data: DepotData) => set(data, "work", WORK_QUEUE.at.first, 99)],
    ["a free slot that is none", (data: DepotData) => set(data, "work", WORK_QUEUE.at.free, 1)],
    [
      "links that go in a circle, and a death",
      (data: DepotData) => {
        for (const index of [1, 2]) set(data, "work", entry(index, "next"), 4 - index);
        set(data, "work", WORK_QUEUE.at.losses, 1);
      },
    ],
  ])("%s: the lists are made anew, in the order of the tickets", (_what, damage) => {
    const data = depot(mapping);
    for (const id of [1, 2, 3]) data.work.push({ id });
    const first = lease(data);
    damage(data);
    data.work.push({ id: 4 });
    expect([first.data.id, ids(data)]).toEqual([1, [2, 3, 4]]);
    first.done();
  });

  it("a walk for a place among the ready ones ends, whatever the links say", () => {
    const data = depot(mapping);
    for (const id of [1, 2, 3]) data.work.push({ id });
    const job = lease(data);
    set(data, "work", entry(0, "ticket"), 1000);
    set(data, "work", entry(1, "next"), 3);
    set(data, "work", entry(2, "next"), 2);
    job.retry();
    expect(data.work.length).toBe(3);
    set(data, "work", WORK_QUEUE.at.losses, 9);
    expect(ids(data)).toEqual([2, 3, 1]);
  });

  it("a job that is said to be another one's is ERR_SHM_FORMAT for who has it", () => {
    const data = depot(mapping);
    data.work.push({ id: 1 });
    const job = lease(data);
    set(data, "work", entry(0, "state"), 7);
    expect(codeOf(() => job.done())).toBe("ERR_SHM_FORMAT");
    expect([data.work.lease()?.data.id]).toEqual([1]);
  });

  it("is shown, and not given, to who only reads", () => {
    const data = depot(mapping);
    data.work.push({ id: 1 });
    using region = Depot.openReadOnly(name());
    expect([region.data.work.length, region.data.work.leasedCount, region.data.work.capacity]).toEqual([1, 0, 4]);
    expect("lease" in region.data.work && codeOf(() => (region.data.work as DepotData["work"]).lease())).not.toBe(
      "none",
    );
  });
});
