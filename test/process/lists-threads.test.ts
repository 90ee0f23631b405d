/** Threads of one process at the same queues, pools of slots and queues of work, and what they leave when they are terminated. */
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Job as Lease, Region } from "@shmgen/runtime";
import { QUEUE } from "../../schema/dist/containers/queue.js";
import { SLOT_POOL } from "../../schema/dist/containers/slot-pool.js";
import { WORK_QUEUE } from "../../schema/dist/containers/work-queue.js";
import { type DepotData, type DepotModule, jobOf } from "../support/containers/depot.js";
import { sharedAs } from "../support/containers/depot-workers.js";
import { depots, type Mapping } from "../support/containers/depots.js";
import { storm } from "../support/containers/depot-storm.js";
import type * as DieAt from "../support/containers/die-at.mjs";
import { messageOf } from "../support/containers/floors.js";
import { codeOf, until } from "../support/processes/processes.js";
import { byDepth } from "../support/run/depth.js";
import { startOne } from "../support/threads/shared-regions.js";
import type { Thread, ThreadContext } from "../support/threads/threads.mjs";
import { A_KIND, KINDS } from "../support/run/system.js";

const all = await depots();
const DIE_AT = new URL("../support/containers/die-at.mjs", import.meta.url).href;
const TURNS = byDepth(1000, 20_000);
const LONG = { timeoutMs: 60_000 };

/** What a thread keeps until it is terminated. */
interface Kept {
  depot: Region<DepotData>;
  job: unknown;
  slots: unknown;
}

/** A thread that has the region which was made last. */
async function startWorker(mapping: Mapping): Promise<Thread> {
  const thread = await startOne();
  await thread.run(
    async ({ load, kept }, { url, name, mapping, shared }) => {
      const { Depot } = (await load(url)) as DepotModule;
      const region = shared === null ? Depot.open(name, { mapping }) : Depot.fromShared(shared);
      Object.assign(kept, { depot: region });
    },
    { url: all.url, name: all.name(), mapping, shared: sharedAs(mapping, all) },
  );
  return thread;
}

type Taken = [by: number, id: number, sum: number];

/** In a thread: pushes so many, as one of several producers. */
function pushMany({ kept }: ThreadContext, by: number, count: number): void {
  const { jobs } = (kept as unknown as Kept).depot.data;
  for (let id = 1; id <= count; id += 1) {
    const sum = (Math.imul(id, 0x9e3779b1) ^ Math.imul(by, 0x85ebca6b)) >>> 0;
    jobs.pushWait({ id, by, sum }, { timeoutMs: 60_000 });
  }
}

/** In a thread: takes so many. */
function popMany({ kept }: ThreadContext, count: number): Taken[] {
  const { jobs } = (kept as unknown as Kept).depot.data;
  return Array.from({ length: count }, () => {
    const { by, id, sum } = jobs.popWait({ timeoutMs: 60_000 });
    return [by, id, sum];
  });
}

/** In a thread: has so many slots, one after the other. How often somebody else had one meanwhile. */
function haveSlots({ kept }: ThreadContext, me: number, count: number): number {
  const { counts } = (kept as unknown as Kept).depot.data;
  let others = 0;
  for (let turn = 0; turn < count; turn += 1) {
    const slot = counts.allocWait({ timeoutMs: 60_000 });
    slot.data = me;
    for (let looks = 0; looks < 20; looks += 1) if (slot.data !== me) others += 1;
    slot.free();
  }
  return others;
}

/** In a thread: does jobs until it has done the last one, 0. */
function doJobs({ kept }: ThreadContext): number[] {
  const { work } = (kept as unknown as Kept).depot.data;
  const ids: number[] = [];
  for (;;) {
    const job = work.leaseWait({ timeoutMs: 60_000 });
    const { id } = job.data;
    ids.push(id);
    job.done();
    if (id === 0) return ids;
  }
}

describe.each(KINDS)("threads of one process over a mapping of kind %s", (mapping) => {
  it("push to one queue and take from it: each element once, whole, those of each thread in order", async () => {
    const { jobs } = all.depot(mapping);
    const [first, second, third] = (await Promise.all([1, 2, 3].map(() => startWorker(mapping)))) as [
      Thread,
      Thread,
      Thread,
    ];
    const pushed = [first.run(pushMany, 1, TURNS), second.run(pushMany, 2, TURNS)];
    const popped = third.run(popMany, TURNS);
    const own: Taken[] = [];
    while (own.length < TURNS) {
      const { by, id, sum } = await jobs.popAsync(LONG);
      own.push([by, id, sum]);
    }
    await Promise.all(pushed);
    const taken = [own, await popped];
    for (const list of taken) {
      const last = [0, 0, 0];
      for (const [by, id, sum] of list) {
        expect([{ id, by, sum }, id > (last[by] ?? 0)]).toEqual([jobOf(id, by), true]);
        last[by] = id;
      }
    }
    expect(new Set(taken.flat().map(([by, id]) => by * TURNS * 2 + id)).size).toBe(2 * TURNS);
    expect(jobs.length).toBe(0);
  });

  it("have each slot of a pool one at a time, and leave all of them", async () => {
    const { counts } = all.depot(mapping);
    const workers = await Promise.all([1, 2, 3].map(() => startWorker(mapping)));
    const others = workers.map((worker, at) => worker.run(haveSlots, at + 1, TURNS));
    for (let turn = 0; turn < TURNS / 10; turn += 1) {
      const slot = await counts.allocAsync(LONG);
      slot.data = 9;
      await delay(0);
      expect(slot.data).toBe(9);
      slot.free();
    }
    expect(await Promise.all(others)).toEqual([0, 0, 0]);
    expect([counts.available, counts.alloc() === undefined, counts.alloc() === undefined]).toEqual([2, false, false]);
    expect(counts.alloc()).toBeUndefined();
  });

  it("do each job of a queue of work once", async () => {
    const { work } = all.depot(mapping);
    const workers = await Promise.all([1, 2].map(() => startWorker(mapping)));
    const done = workers.map((worker) => worker.run(doJobs));
    for (let id = 1; id <= TURNS; id += 1) await work.pushAsync({ id }, LONG);
    for (let ends = 0; ends < workers.length; ends += 1) await work.pushAsync({ id: 0 }, LONG);
    const ids = (await Promise.all(done)).flat().sort((one, other) => one - other);
    expect(ids).toEqual([0, 0, ...Array.from({ length: TURNS }, (_, at) => at + 1)]);
    expect([work.length, work.leasedCount]).toEqual([0, 0]);
  });
});

describe.each(KINDS)("a thread that is terminated, over a mapping of kind %s", (mapping) => {
  it("leaves its lease to the next one, its slots to all, and what it has popped to nobody [P-05, P-06, P-15]", async () => {
    const { jobs, work, frames, handles } = all.depot(mapping);
    for (const id of [1, 2, 3]) work.push(jobOf(id));
    jobs.pushMany([1, 2, 3].map((id) => jobOf(id)));
    const worker = await startWorker(mapping);
    const popped = await worker.run(({ kept }) => {
      const own = kept as unknown as Kept;
      const { jobs, work, frames, handles } = own.depot.data;
      own.job = work.lease();
      const [slot, other] = [frames.alloc(), frames.alloc()];
      own.slots = [slot, other];
      handles.pushMany([slot?.handle ?? 0n, other?.handle ?? 0n]);
      other?.lend();
      return jobs.pop()?.id;
    });
    const [kept = 0n, lent = 0n] = handles.popMany();
    const rest = [work.lease(), work.lease()] as [Lease<unknown>, Lease<unknown>];
    expect([popped, frames.alloc() !== undefined, frames.alloc(), work.lease()]).toEqual([
      1,
      true,
      undefined,
      undefined,
    ]);
    const waiting = [frames.allocAsync(LONG), work.leased(LONG)] as const;
    await worker.end();
    const [slot, job] = await Promise.all(waiting);
    expect([slot.index, job.data.id, job.attempts]).toEqual([Number(kept & 0xffff_ffffn), 1, 2]);
    expect([codeOf(() => frames.get(kept)), frames.take(lent).handle]).toEqual(["ERR_SHM_STALE", lent]);
    expect(jobs.popMany().map(({ id }) => id)).toEqual([2, 3]);
    for (const one of [...rest, job]) one.done();
    for (const id of [4, 5, 6, 7]) expect([jobs.push(jobOf(id)), work.push(jobOf(id))]).toEqual([true, true]);
    expect([work.push(jobOf(8)), work.length, work.leasedCount]).toEqual([false, 4, 0]);
  });

  it("leaves the locks of queues free, with nothing of what it was about to push", async () => {
    const { jobs, work } = all.depot(mapping);
    jobs.push(jobOf(1));
    work.push(jobOf(1));
    const worker = await startWorker(mapping);
    const words = new Int32Array(new SharedArrayBuffer(8));
    const pushing = worker.run(
      async ({ load, kept }, url, words) => {
        const { stayAt } = (await load(url)) as typeof DieAt;
        const { jobs, work } = (kept as unknown as Kept).depot.data;
        jobs.push({
          id: 2,
          get by(): number {
            work.push({
              id: 2,
              get by() {
                stayAt(words);
                return 0;
              },
            });
            return 0;
          },
        });
      },
      DIE_AT,
      words,
    );
    await until(() => Atomics.load(words, 0) === 1, "it is within both pushes");
    const waiting = [jobs.pushAsync(jobOf(3), LONG), work.pushAsync(jobOf(3), LONG)];
    await worker.end();
    await expect(pushing).rejects.toThrow("the worker ended");
    await Promise.all(waiting);
    expect(jobs.popMany().map(({ id, by, sum }) => ({ id, by, sum }))).toEqual([jobOf(1), jobOf(3)]);
    for (const id of [1, 3]) {
      const job = work.lease() as Lease<{ id: number }>;
      expect([job.data.id, job.attempts]).toEqual([id, 1]);
      job.done();
    }
    for (const id of [4, 5, 6, 7]) expect([jobs.push(jobOf(id)), work.push(jobOf(id))]).toEqual([true, true]);
  });
});

it("who waits for the lock of another thread does so as long as was asked for, and not longer", async () => {
  const data = all.depot();
  const { jobs, work, frames } = data;
  data.ids.pop();
  const ours = all.region().participants()[0]?.number;
  const worker = await startWorker(A_KIND);
  await worker.run(({ kept }) => void (kept as unknown as Kept).depot.data.ids.pop());
  jobs.push(jobOf(1));
  work.push(jobOf(1));
  const other = all
    .region()
    .participants()
    .find(({ number }) => number !== ours);
  // As if it were within each of them.
  const LOCKS = [
    ["jobs", QUEUE.at.pusher],
    ["jobs", QUEUE.at.popper],
    ["work", WORK_QUEUE.at.lock],
    ["frames", SLOT_POOL.at.lock],
  ] as const;
  for (const [field, at] of LOCKS) all.set(data, field, at, other?.number ?? 0);
  const soon = { timeoutMs: 20 };
  for (const wait of [
    () => jobs.pushWait(jobOf(2), soon),
    () => jobs.popWait(soon),
    () => work.pushWait(jobOf(2), soon),
    () => work.leaseWait(soon),
    () => frames.allocWait(soon),
  ]) {
    expect([codeOf(wait), messageOf(wait)]).toEqual(["ERR_SHM_BUSY", expect.stringContaining("timeoutMs=20 ")]);
  }
  for (const [field, at] of LOCKS) all.set(data, field, at, 0);
  expect([jobs.popWait(soon).id, work.leaseWait(soon).data.id, frames.allocWait(soon).index]).toEqual([1, 1, 0]);
});

describe("a storm of threads that are terminated at any moment", { tags: ["soak"] }, () => {
  const threads = { kinds: ["thread"], elements: byDepth(5000, 60_000, 1_000_000) } as const;

  it("a queue gives each element at most once, whole, and those of each producer in order", () =>
    storm(all, {
      ...threads,
      what: "queues of threads",
      field: "jobs",
      producers: "push",
      consumers: "pop",
      isAtLeastOnce: false,
      atEnd: ({ jobs }) => expect(jobs.popMany()).toEqual([]),
    }));

  it("a queue of work has each job done at least once, and twice for each death at most", () =>
    storm(all, {
      ...threads,
      what: "work of threads",
      field: "work",
      producers: "push",
      consumers: "work",
      isAtLeastOnce: true,
      atEnd: ({ work }) => expect([work.lease(), work.leasedCount]).toEqual([undefined, 0]),
    }));

  it("slots that are passed on are each one's at a time, and none leaks [P-05, P-06, P-w1]", () =>
    storm(all, {
      ...threads,
      what: "pools of threads",
      field: "lent",
      producers: "fill",
      consumers: "drain",
      isAtLeastOnce: false,
      atEnd({ frames }) {
        const slots = [0, 1, 2].map(() => frames.alloc()?.index);
        expect([slots.sort(), frames.alloc()]).toEqual([[0, 1, 2], undefined]);
      },
    }));
});
