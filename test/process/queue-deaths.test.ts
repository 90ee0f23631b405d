/** Deaths of those who push to a queue and take from it: before each of their atomic operations, and at any time in a storm. */
import { describe, expect, it } from "vitest";
import { KILL, halfWay, killedAtEach } from "../support/containers/depot-deaths.js";
import { type DepotData, jobOf } from "../support/containers/depot.js";
import { depots } from "../support/containers/depots.js";
import { storm } from "../support/containers/depot-storm.js";
import { regionDirectory, startProcess } from "../support/processes/processes.js";
import { byDepth } from "../support/run/depth.js";
import { KINDS } from "../support/run/system.js";

regionDirectory();
const all = await depots();

/** Takes what is there, and proves that it is whole; then that the queue goes on. */
function taken({ jobs }: DepotData): number[] {
  const ids = jobs.popMany().map(({ id, by, sum }) => {
    expect({ id, by, sum }).toEqual(jobOf(id, by));
    return id;
  });
  for (const id of [91, 92, 93, 94]) expect(jobs.push(jobOf(id))).toBe(true);
  expect(jobs.push(jobOf(95))).toBe(false);
  expect(jobs.popMany().map(({ id }) => id)).toEqual([91, 92, 93, 94]);
  return ids;
}

describe("a process or a thread that dies before any of its atomic operations, over a mapping of either kind", () => {
  it("in a push: its element is there, whole, or it is not, and others go on", async () => {
    await killedAtEach(all, "queue push", {
      prepare: ({ jobs }) => void jobs.pushMany([jobOf(1), jobOf(2)]),
      operation(data) {
        data.jobs.push({ id: 3, by: 0, sum: (Math.imul(3, 0x9e3779b1) ^ 0) >>> 0 });
      },
      check(data, _state, hasEnded) {
        const ids = taken(data);
        expect(ids).toEqual(hasEnded || ids.length === 3 ? [1, 2, 3] : [1, 2]);
      },
    });
  });

  it.each(KINDS)("half way through an element: nothing of it is there (%s)", async (mapping) => {
    const data = all.depot(mapping);
    const child = await startProcess();
    await child
      .run(halfWay, { kill: KILL, module: all.url, name: all.name(), mapping, field: "jobs" })
      .catch(() => undefined);
    expect(await child.exited).toEqual({ code: null, signal: "SIGKILL" });
    expect(taken(data)).toEqual([]);
  });

  it("in a push of many: all of them are there, or none", async () => {
    await killedAtEach(all, "queue pushMany", {
      prepare: ({ jobs }) => void jobs.push(jobOf(1)),
      operation(data) {
        data.jobs.pushMany([2, 3, 4].map((id) => ({ id, by: 0, sum: (Math.imul(id, 0x9e3779b1) ^ 0) >>> 0 })));
      },
      check(data, _state, hasEnded) {
        const ids = taken(data);
        expect(ids).toEqual(hasEnded || ids.length === 4 ? [1, 2, 3, 4] : [1]);
      },
    });
  });

  it("in a pop: the first element is there, or it is gone with it, and no other", async () => {
    await killedAtEach(all, "queue pop", {
      prepare: ({ jobs }) => void jobs.pushMany([jobOf(1), jobOf(2), jobOf(3), jobOf(4)]),
      operation(data) {
        data.jobs.pop();
      },
      check(data, _state, hasEnded) {
        const ids = taken(data);
        expect(ids).toEqual(hasEnded || ids.length === 3 ? [2, 3, 4] : [1, 2, 3, 4]);
      },
    });
  });

  it("while others sleep until it has pushed, or taken: they go on, and nothing is there twice", async () => {
    await killedAtEach(all, "queue push to a sleeper", {
      async prepare({ numbers, one }) {
        one.push(jobOf(1));
        const waits = [
          numbers.popAsync({ timeoutMs: 20_000 }),
          one.pushAsync(jobOf(2), { timeoutMs: 20_000 }),
        ] as const;
        await new Promise((resolve) => setTimeout(resolve, 5));
        return waits;
      },
      operation(data) {
        data.numbers.push(7);
        data.one.pop();
      },
      async check({ numbers, one }, [popped, pushed], hasEnded) {
        if (!hasEnded && numbers.length === 0) numbers.push(7);
        if (!hasEnded && one.length === 1) one.pop();
        expect(await popped).toBe(7);
        await pushed;
        const left = one.popMany().map(({ id }) => id);
        expect(left.at(-1) ?? 2).toBe(2);
        expect(numbers.popMany().length).toBeLessThanOrEqual(1);
      },
    });
  });
});

describe("a storm of deaths and stops", { tags: ["soak"] }, () => {
  it.each(["one", "jobs", "wide"] as const)(
    "a queue (%s) gives each element at most once, whole, and those of each producer in order",
    (field) =>
      storm(all, {
        what: "queues",
        field,
        producers: "push",
        consumers: "pop",
        elements: byDepth(15_000, 60_000, 3_000_000),
        isAtLeastOnce: false,
        atEnd: (data) => expect(data[field].popMany()).toEqual([]),
      }),
  );
});
