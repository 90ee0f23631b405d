/** Deaths of those who count: before each of their atomic stores, and at any time in a storm. */
import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import type { Counters } from "@shmgen/runtime";
import { killedAtEach } from "../support/containers/depot-deaths.js";
import type { DepotData, DepotModule } from "../support/containers/depot.js";
import { depots } from "../support/containers/depots.js";
import { type Child, type ChildContext, regionDirectory, startProcess } from "../support/processes/processes.js";
import { byDepth } from "../support/run/depth.js";
import { Random, runSeed } from "../support/run/random.js";
import { tally } from "../support/run/tally.js";
import { resume, STOPS, suspend } from "../support/processes/stops.js";

regionDirectory();
const all = await depots();

/** Sum of all series of a name, with the label of a worker. */
function sumOf(stats: Counters, name: string, worker?: number): number {
  return stats
    .series()
    .filter((one) => one.name === name && (worker === undefined || one.labels["worker"] === String(worker)))
    .reduce((sum, one) => sum + (one.kind === "histogram" ? one.count : one.value), 0);
}

/** All places that nobody has can be had, each once, and begin with nothing. */
function had({ stats }: DepotData, names: readonly string[]): void {
  const made = names.map((name) => stats.histogram(name));
  expect(made.map((one) => [one.count, one.sum])).toEqual(names.map(() => [0, 0]));
  expect(stats.series().length).toBe(3);
  expect(() => stats.counter("more")).toThrow(/all series are taken/);
}

it("who dies while it makes a series, before any store: it is whole and kept, or there is none", async () => {
  await killedAtEach(all, "series made", {
    loads: false,
    prepare({ stats }) {
      const old = stats.histogram("old", {}, { help: "what is not to be seen again" });
      for (const value of [1, 2, 3]) old.observe(value);
      old.remove();
      stats.counter("own").add(7);
    },
    operation({ stats }) {
      const requests = stats.counter("requests_total", { method: "GET" }, { help: "Requests so far" });
      requests.add(5);
      stats.gauge("memory_bytes").set(1);
    },
    check(data, _state, hasEnded) {
      const { stats } = data;
      expect(stats.counter("own").value).toBe(7);
      const requests = stats.counter("requests_total", { method: "GET" });
      // Made again by this thread where it was not published, or not counted.
      expect(hasEnded ? [5] : [0, 5]).toContain(requests.value);
      expect(stats.series().filter(({ name }) => name === "requests_total").length).toBe(1);
      had(data, ["new_seconds"]);
    },
  });
});

it("who dies while it takes over what was kept: all that was counted is there", async () => {
  await killedAtEach(all, "series taken over", {
    loads: false,
    async prepare() {
      const child = await startProcess();
      const work = async ({ load }: ChildContext, url: string, name: string): Promise<void> => {
        const { stats } = ((await load(url)) as DepotModule).Depot.open(name).data;
        stats.counter("requests_total").add(10);
        stats.counter("others_total").add(3);
      };
      await child.run(work, all.url, all.name());
      await child.kill();
    },
    operation({ stats }) {
      stats.counter("requests_total").add(1);
      stats.counter("requests_total").add(1);
    },
    check(data, _state, hasEnded) {
      expect(hasEnded ? [12] : [10, 11, 12]).toContain(data.stats.counter("requests_total").value);
      expect([sumOf(data.stats, "others_total"), data.stats.series().length]).toEqual([3, 2]);
      had(data, ["new_seconds"]);
    },
  });
});

it("who dies while it removes a series, or what was kept: it is there as it was, or gone", async () => {
  await killedAtEach(all, "series removed", {
    loads: false,
    prepare: () => undefined,
    operation({ stats }) {
      const requests = stats.counter("requests_total");
      requests.add(4);
      requests.remove();
      stats.counter("a");
      stats.dropKept();
    },
    check(data) {
      const { stats } = data;
      expect([0, 4]).toContain(stats.counter("requests_total").value);
      stats.dropKept();
      stats.counter("requests_total").remove();
      stats.counter("a").remove();
      had(data, ["b", "c", "d"]);
    },
  });
});

const WORKERS = 3;
const KILLS = byDepth(8, 16, 300);

/** In a process of the storm. Says before and after each count, in the ledger, that it counts. */
async function storm({ load }: ChildContext, url: string, name: string, worker: number, seed: number): Promise<never> {
  const { metrics, ledger } = ((await load(url)) as DepotModule).Depot.open(name).data;
  const fields = ledger as unknown as { field(index: number): { add(value: number): number } };
  const requests = metrics.counter("requests_total", { worker: String(worker) }, { help: "h".repeat(100) });
  const seconds = metrics.histogram("request_seconds", { worker: String(worker) });
  const [begun, done] = [fields.field(2 * worker), fields.field(2 * worker + 1)];
  for (let turn = seed; ; turn += 1) {
    begun.add(1);
    requests.add();
    done.add(1);
    seconds.observe(turn % 100);
    if (turn % 50 !== 0) continue;
    const passing = metrics.gauge(`passing_${turn % 7}`, { worker: String(worker) }, { help: `of ${turn}` });
    passing.set(turn);
    if (turn % 100 === 0) passing.remove();
  }
}

it(
  "a storm of deaths and stops: nothing that was counted is lost, and sums never fall",
  { tags: ["soak"] },
  async () => {
    const { metrics, ledger } = all.depot();
    const random = new Random(runSeed("counters storm"));
    const before = Array.from({ length: WORKERS }, () => 0);
    let [kills, stops, looks] = [0, 0, 0];
    const look = (): void => {
      looks += 1;
      const done = before.map((_, worker) => ledger.at(2 * worker + 1));
      const found = metrics.series();
      const begun = before.map((_, worker) => ledger.at(2 * worker));
      for (const one of found) {
        expect(one.name).toMatch(/^(?:requests_total|request_seconds|passing_\d)$/);
        if (one.name === "requests_total") expect(one.help).toBe("h".repeat(100));
      }
      for (const worker of before.keys()) {
        const sum = found.reduce(
          (all, one) => all + (one.kind === "counter" && one.labels["worker"] === String(worker) ? one.value : 0),
          0,
        );
        expect(sum).toBeGreaterThanOrEqual(before[worker] ?? 0);
        expect(sum).toBeGreaterThanOrEqual(done[worker] ?? 0);
        expect(sum).toBeLessThanOrEqual(begun[worker] ?? 0);
        before[worker] = sum;
      }
    };
    const start = async (worker: number): Promise<Child> => {
      const child = await startProcess();
      void child.run(storm, all.url, all.name(), worker, random.integer(0, 99)).catch(() => undefined);
      return child;
    };
    const children = await Promise.all(before.map(async (_, worker) => start(worker)));
    while (kills < KILLS) {
      await delay(random.integer(1, 40));
      look();
      const worker = random.integer(0, WORKERS - 1);
      const child = children[worker] as Child;
      if (random.chance(STOPS)) {
        stops += 1;
        suspend(child);
        await delay(random.integer(1, 20));
        look();
        resume(child);
        continue;
      }
      await child.kill();
      kills += 1;
      children[worker] = await start(worker);
    }
    for (const child of children) await child.kill();
    look();
    // Each death may have come between a count and what the ledger says of it.
    const [begun, done] = [0, 1].map((at) => before.reduce((sum, _, worker) => sum + ledger.at(2 * worker + at), 0));
    const counted = before.reduce((sum, one) => sum + one, 0);
    expect((begun ?? 0) - (done ?? 0)).toBeLessThanOrEqual(kills + WORKERS);
    const own = before.map((_, worker) => metrics.counter("requests_total", { worker: String(worker) }).value);
    expect(own).toEqual(before);
    expect(sumOf(metrics, "request_seconds")).toBeLessThanOrEqual(counted);
    expect(sumOf(metrics, "request_seconds")).toBeGreaterThanOrEqual(counted - kills - WORKERS);
    expect(metrics.series().some(({ name }) => name.startsWith("passing"))).toBe(false);
    tally("counters", { operations: counted, kills, stops, looks });
  },
);
