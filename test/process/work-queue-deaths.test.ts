/** Deaths of those who push jobs and of those who do them: before each of their atomic operations, and at any time in a storm. */
import { describe, expect, it } from "vitest";
import { KILL, halfWay, killedAtEach } from "../support/containers/depot-deaths.js";
import { type DepotData, jobOf } from "../support/containers/depot.js";
import { storm } from "../support/containers/depot-storm.js";
import { depots } from "../support/containers/depots.js";
import { regionDirectory, startProcess } from "../support/processes/processes.js";
import { byDepth } from "../support/run/depth.js";
import { KINDS } from "../support/run/system.js";

regionDirectory();
const all = await depots();

/** Does all jobs, in order: their ids, with the attempts of each. Then the queue is empty, and has all of its slots. */
function done({ work }: DepotData): string[] {
  const found: string[] = [];
  for (let job = work.lease(); job !== undefined; job = work.lease()) {
    const { id, by, sum } = job.data;
    expect({ id, by, sum }).toEqual(jobOf(id, by));
    found.push(`${id} x${job.attempts}`);
    job.done();
  }
  for (const id of [91, 92, 93, 94]) expect(work.push(jobOf(id))).toBe(true);
  expect(work.push(jobOf(95))).toBe(false);
  const ids: (number | undefined)[] = [];
  for (let job = work.lease(); job !== undefined; job = work.lease()) {
    ids.push(job.data.id);
    job.done();
  }
  expect(ids).toEqual([91, 92, 93, 94]);
  return found;
}

describe("a process or a thread that dies before any of its atomic operations, over a mapping of either kind", () => {
  it("in a push: its job is there, whole, or it is not", async () => {
    await killedAtEach(all, "work push", {
      prepare: ({ work }) => void work.push(jobOf(1)),
      operation(data) {
        data.work.push({ id: 2, by: 0, sum: (Math.imul(2, 0x9e3779b1) ^ 0) >>> 0 });
      },
      check(data, _state, hasEnded) {
        const jobs = done(data);
        expect(jobs).toEqual(hasEnded || jobs.length === 2 ? ["1 x1", "2 x1"] : ["1 x1"]);
      },
    });
  });

  it.each(KINDS)("half way through a job: nothing of it is there (%s)", async (mapping) => {
    const data = all.depot(mapping);
    data.work.push(jobOf(1));
    const child = await startProcess();
    await child
      .run(halfWay, { kill: KILL, module: all.url, name: all.name(), mapping, field: "work" })
      .catch(() => undefined);
    expect(await child.exited).toEqual({ code: null, signal: "SIGKILL" });
    expect(done(data)).toEqual(["1 x1"]);
  });

  it("while it leases a job: that is the first one still, and was tried once more if it was seen", async () => {
    await killedAtEach(all, "work lease", {
      prepare: ({ work }) => [1, 2, 3].forEach((id) => work.push(jobOf(id))),
      operation(data) {
        data.work.lease();
      },
      check(data, _state, hasEnded) {
        const jobs = done(data).sort();
        expect(jobs.slice(1)).toEqual(["2 x1", "3 x1"]);
        expect(hasEnded ? ["1 x2"] : ["1 x1", "1 x2"]).toContain(jobs[0]);
      },
    });
  });

  it("while it says that a job is done: it is done, or done again", async () => {
    await killedAtEach(all, "work done", {
      prepare: ({ work }) => [1, 2].forEach((id) => work.push(jobOf(id))),
      operation(data) {
        data.work.lease()?.done();
      },
      check(data, _state, hasEnded) {
        const jobs = done(data).sort();
        expect(jobs.at(-1)).toBe("2 x1");
        expect(hasEnded ? [""] : ["", "1 x1", "1 x2"]).toContain(jobs.length === 1 ? "" : jobs[0]);
      },
    });
  });

  it("while it gives jobs back: they are there, in their order", async () => {
    await killedAtEach(all, "work retry", {
      prepare: ({ work }) => [1, 2, 3].forEach((id) => work.push(jobOf(id))),
      operation(data) {
        const [first, second] = [data.work.lease(), data.work.lease()];
        second?.retry();
        first?.retry();
      },
      check(data) {
        // The dead are asked for when nothing is ready: so once for all, and then those that are left.
        const jobs = done(data);
        expect(jobs.map((job) => job[0]).sort()).toEqual(["1", "2", "3"]);
      },
    });
  });
});

describe("a storm of deaths and stops", { tags: ["soak"] }, () => {
  it.each(["work", "many"] as const)(
    "a queue of work (%s) has each job done at least once, and twice for each death at most",
    async (field) => {
      await storm(all, {
        what: "work",
        field,
        producers: "push",
        consumers: "work",
        elements: byDepth(15_000, 60_000, 3_000_000),
        isAtLeastOnce: true,
        atEnd: (data) => expect([data[field].lease(), data[field].leasedCount]).toEqual([undefined, 0]),
      });
    },
  );
});
