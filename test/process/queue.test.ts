/** What a queue holds: order, capacity, values as they were given; who waits, and how a wait ends. */
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { QUEUE } from "../../schema/dist/containers/queue.js";
import { type DepotData, type DepotModule, jobOf } from "../support/containers/depot.js";
import { depots } from "../support/containers/depots.js";
import { codeOf, regionDirectory, startProcess, until } from "../support/processes/processes.js";
import { HAS_SIGNALS, KINDS } from "../support/run/system.js";
import { resume } from "../support/processes/stops.js";

regionDirectory();
const { url: DEPOT, Depot, depot, name, close, ...memory } = await depots();
type Word = keyof typeof QUEUE.at;
const set = (data: DepotData, queue: string, word: Word, value: number): void =>
  memory.set(data, queue, QUEUE.at[word], value);
const get = (data: DepotData, queue: string, word: Word): number => memory.get(data, queue, QUEUE.at[word]);

describe.each(KINDS)("elements over a mapping of kind %s come in order, each once", (mapping) => {
  it.each([0, 2 ** 31 - 3, 2 ** 32 - 5])("from %i on, through the end of 32 bits", (first) => {
    const data = depot(mapping);
    const { numbers } = data;
    for (const word of ["tail", "headSeen", "head", "tailSeen"] as const) set(data, "numbers", word, first);
    let next = 0;
    for (let taken = 0; taken < 20;) {
      while (numbers.push(next)) next += 1;
      expect([numbers.length, numbers.push(0)]).toEqual([4, false]);
      expect(numbers.pop()).toBe(taken++);
      expect(numbers.pushMany([next, next + 1, next + 2])).toBe(1);
      next += 1;
      const many = numbers.popMany(taken % 2 === 0 ? 3 : Infinity);
      expect(many).toEqual(Array.from({ length: many.length }, (_, at) => taken + at));
      taken += many.length;
      expect(next - taken).toBe(numbers.length);
    }
    expect(numbers.popMany(0)).toEqual([]);
  });

  it("values of all kinds are pushed and taken as they were given", () => {
    const { jobs, ids, names, grids, lanes } = depot(mapping);
    expect(jobs.push({ ...jobOf(1), name: "one", cost: 2.5 })).toBe(true);
    expect(jobs.pushMany([{ id: 2 }, { id: 3, cost: -1 }])).toBe(2);
    expect(jobs.pop()).toEqual({ ...jobOf(1), name: "one", cost: 2.5 });
    expect(jobs.popMany()).toEqual([
      { id: 2, by: 0, sum: 0, name: "", cost: 0 },
      { id: 3, by: 0, sum: 0, name: "", cost: -1 },
    ]);
    ids.push(2n ** 64n - 1n);
    names.pushMany(["a longer one", "short"]);
    grids.push([1, 2, 3]);
    lanes.at(2).tasks.push(7);
    expect([
      ids.pop(),
      names.popMany(),
      [...(grids.pop() ?? [])],
      lanes.at(2).tasks.pop(),
      lanes.at(1).tasks.pop(),
    ]).toEqual([2n ** 64n - 1n, ["a longer one", "short"], [1, 2, 3], 7, undefined]);
  });

  it("what is refused is not pushed, and nothing with it", () => {
    const { jobs, numbers } = depot(mapping);
    expect(codeOf(() => jobs.push({ id: -1 }))).toBe("ERR_SHM_RANGE");
    expect(codeOf(() => jobs.push({ ids: 1 } as never))).toBe("ERR_SHM_RANGE");
    expect(codeOf(() => jobs.pushMany([{ id: 1 }, { id: 1.5 }]))).toBe("ERR_SHM_RANGE");
    expect(codeOf(() => jobs.pushMany("ab" as never))).toBe("ERR_SHM_RANGE");
    expect(codeOf(() => numbers.popMany(-1))).toBe("ERR_SHM_RANGE");
    expect([jobs.length, jobs.pop(), jobs.push({ id: 1 })]).toEqual([0, undefined, true]);
  });

  it("who pushes from within a push is told so, and the queue goes on", () => {
    const { jobs } = depot(mapping);
    const inner = {
      get id(): number {
        jobs.push({ id: 9 });
        return 1;
      },
    };
    expect(codeOf(() => jobs.push(inner))).toBe("ERR_SHM_BUSY");
    expect([jobs.length, jobs.push({ id: 2 }), jobs.pop()?.id]).toEqual([0, true, 2]);
  });

  it("it is shown by its length and capacity, also to who may only read", () => {
    const data = depot(mapping);
    data.jobs.push({ id: 1 });
    using reader = Depot.openReadOnly(name());
    expect([reader.data.jobs.length, reader.data.jobs.capacity, JSON.stringify(reader.data.jobs)]).toEqual([
      1,
      4,
      '{"length":1,"capacity":4}',
    ]);
    expect("push" in reader.data.jobs && codeOf(() => (reader.data.jobs as typeof data.jobs).push({ id: 1 }))).not.toBe(
      "none",
    );
  });
});

describe.each(KINDS)("words that nobody leaves over a mapping of kind %s", (mapping) => {
  it("counters too far apart are ERR_SHM_FORMAT, and toJSON shows them", () => {
    const data = depot(mapping);
    set(data, "numbers", "tail", 9);
    set(data, "numbers", "headSeen", 1);
    expect(codeOf(() => data.numbers.push(1))).toBe("ERR_SHM_FORMAT");
    expect(codeOf(() => data.numbers.pop())).toBe("ERR_SHM_FORMAT");
    expect(codeOf(() => data.numbers.length)).toBe("ERR_SHM_FORMAT");
    expect(JSON.stringify(data.numbers)).toBe('{"length":9,"capacity":4}');
  });

  it("an owner who is nobody is recovered, or ERR_SHM_FORMAT", () => {
    const data = depot(mapping);
    data.numbers.push(1);
    for (const owner of [7, 200, 0xfffe]) {
      set(data, "numbers", "pusher", owner);
      expect(["none", "ERR_SHM_FORMAT", "ERR_SHM_BUSY"]).toContain(
        codeOf(() => data.numbers.pushWait(2, { timeoutMs: 50 })),
      );
    }
    set(data, "numbers", "pusher", 0);
    expect([data.numbers.pop() ?? 0, data.numbers.push(3)]).toEqual([1, true]);
  });
});

describe.each(KINDS)("waits over a mapping of kind %s", (mapping) => {
  it("end with what was waited for, by a push or a pop of another process", async () => {
    const data = depot(mapping);
    const other = await startProcess();
    const work = async (
      { load }: { load: (url: string) => Promise<unknown> },
      module: string,
      name: string,
    ): Promise<number[]> => {
      const { Depot: Own } = (await load(module)) as DepotModule;
      const region = Own.open(name);
      const seen: number[] = [];
      for (let at = 0; at < 50; at += 1) seen.push(region.data.numbers.popWait({ timeoutMs: 20_000 }));
      for (let at = 0; at < 50; at += 1) region.data.one.pushWait({ id: at }, { timeoutMs: 20_000 });
      return seen;
    };
    const seen = other.run(work, DEPOT, name());
    for (let at = 0; at < 50; at += 1) await data.numbers.pushAsync(at, { timeoutMs: 20_000 });
    const back: number[] = [];
    for await (const { id } of data.one) {
      back.push(id);
      if (back.length === 50) break;
    }
    expect([await seen, back]).toEqual([Array.from({ length: 50 }, (_, at) => at), back.map((_, at) => at)]);
    await other.kill();
  });

  it("pushes that wait are made in the order of their calls, and pops have elements in that of theirs", async () => {
    const { numbers } = depot(mapping);
    numbers.pushMany([0, 1, 2, 3]);
    const pushes = [4, 5, 6, 7].map((value) => numbers.pushAsync(value));
    await delay(10);
    const taken: number[] = [];
    while (taken.length < 8) taken.push(await numbers.popAsync());
    await Promise.all(pushes);
    expect(taken).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    const pops = [0, 1, 2].map(() => numbers.popAsync());
    await delay(10);
    numbers.pushMany([10, 11, 12]);
    expect(await Promise.all(pops)).toEqual([10, 11, 12]);
  });

  it("end at their timeout, or by their signal, and take nothing and leave nothing then", async () => {
    const { numbers } = depot(mapping);
    expect(codeOf(() => numbers.popWait({ timeoutMs: 20 }))).toBe("ERR_SHM_BUSY");
    await expect(numbers.popAsync({ timeoutMs: 20 })).rejects.toMatchObject({ code: "ERR_SHM_BUSY" });
    numbers.pushMany([0, 1, 2, 3]);
    expect(codeOf(() => numbers.pushWait(4, { timeoutMs: 20 }))).toBe("ERR_SHM_BUSY");
    const stop = new AbortController();
    const first = numbers.pushAsync(5, { timeoutMs: 20 });
    const second = numbers.pushAsync(6, { signal: stop.signal });
    const third = numbers.pushAsync(7);
    await expect(first).rejects.toMatchObject({ code: "ERR_SHM_BUSY" });
    stop.abort(new Error("enough"));
    await expect(second).rejects.toThrow("enough");
    numbers.pop();
    await third;
    expect(numbers.popMany()).toEqual([1, 2, 3, 7]);
    await expect(numbers.popAsync({ signal: AbortSignal.abort(new Error("before")) })).rejects.toThrow("before");
  });

  it("end with ERR_SHM_CLOSED when the region is closed, as an iteration does", async () => {
    const data = depot(mapping);
    data.numbers.pushMany([0, 1, 2, 3]);
    const waits = [data.numbers.pushAsync(1), data.ids.popAsync(), data.names.items().next()];
    await delay(10);
    close();
    const ends = await Promise.allSettled(waits);
    expect(ends.map((end) => end.status === "rejected" && (end.reason as { code: string }).code)).toEqual(
      Array.from({ length: 3 }, () => "ERR_SHM_CLOSED"),
    );
    expect(codeOf(() => data.numbers.pop())).toBe("ERR_SHM_CLOSED");
  });

  it("an iteration lets the event loop have its turns while elements are there", async () => {
    const { numbers } = depot(mapping);
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);
    numbers.push(1);
    for await (const value of numbers) {
      numbers.push(value + 1);
      if (turns === 3) break;
    }
    clearInterval(timer);
    expect(turns).toBe(3);
  });
});

it.runIf(HAS_SIGNALS)(
  "a push that waits for the lock of a stopped process blocks no event loop, and ends at its timeout",
  async () => {
    const data = depot();
    const other = await startProcess();
    const work = async (
      { load }: { load: (url: string) => Promise<unknown> },
      module: string,
      name: string,
    ): Promise<void> => {
      const { Depot: Own } = (await load(module)) as DepotModule;
      const { jobs } = Own.open(name).data;
      let hasStopped = false;
      const value = {
        get id(): number {
          if (!hasStopped) process.kill(process.pid, "SIGSTOP");
          hasStopped = true;
          return 1;
        },
      };
      jobs.push(value);
    };
    const stopped = other.run(work, DEPOT, name());
    await until(() => get(data, "jobs", "pusher") !== 0, "it has the lock");
    let ticks = 0;
    const timer = setInterval(() => (ticks += 1), 5);
    await expect(data.jobs.pushAsync({ id: 2 }, { timeoutMs: 200 })).rejects.toMatchObject({ code: "ERR_SHM_BUSY" });
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(3);
    const waiting = data.jobs.pushAsync({ id: 2 }, { timeoutMs: 20_000 });
    resume(other);
    await Promise.all([stopped, waiting]);
    expect(data.jobs.popMany().map(({ id }) => id)).toEqual([1, 2]);
    await other.kill();
  },
);
