/** What counters count, whose series are whose, and what is refused. */
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { boundOf, COUNTERS, HISTOGRAM, SERIES, SERIES_KIND } from "../../schema/dist/containers/counters.js";
import type { DepotData, DepotModule } from "../support/containers/depot.js";
import { depots } from "../support/containers/depots.js";
import { type ChildContext, codeOf, regionDirectory, startProcess } from "../support/processes/processes.js";

regionDirectory();
const { url: DEPOT, Depot, depot, name, close, get, set } = await depots();

/** Where an entry of `stats` has a word, bytes. */
const ENTRIES = Math.ceil((COUNTERS.at.reserved + 4) / 64) * 64;
const entry = (index: number, word: "state" | "kind" | "next" | "stamp" | "key"): number =>
  ENTRIES + SERIES.size * index + SERIES[word];
const valueOf = ({ stats }: Pick<DepotData, "stats">, key: string): unknown =>
  stats
    .series()
    .filter(({ name: of, labels }) => of + JSON.stringify(labels) === key)
    .map((one) => (one.kind === "histogram" ? one.count : one.value));

/** In another process: counts, and stays. */
async function count(
  { load, kept }: { load: (url: string) => Promise<unknown>; kept: Record<string, unknown> },
  module: string,
  region: string,
  times: number,
): Promise<void> {
  const { Depot: Own } = (await load(module)) as DepotModule;
  const opened = (kept["depot"] ??= Own.open(region)) as ReturnType<typeof Own.open>;
  const { stats } = opened.data;
  const requests = stats.counter("requests_total", { method: "GET" });
  for (let time = 0; time < times; time += 1) requests.add();
  stats.gauge("memory_bytes").set(5);
}

describe("series", () => {
  it("count, are set, observe, and are read by everybody", () => {
    const { stats } = depot();
    const requests = stats.counter("requests_total", { method: "GET" }, { help: "Requests so far" });
    requests.add();
    requests.add(2.5);
    const memory = stats.gauge("memory_bytes");
    memory.set(-7);
    memory.add(2);
    const seconds = stats.histogram("request_seconds", { b: "2", a: 'say "\\hi\n"' });
    for (const value of [0, 0.5, 0.51, 1, 1e300]) seconds.observe(value);
    expect([requests.value, memory.value, seconds.count, seconds.sum]).toEqual([3.5, -5, 5, 1e300]);
    using region = Depot.openReadOnly(name());
    const [first, second, third] = region.data.stats.series();
    expect(first).toEqual({
      name: "requests_total",
      labels: { method: "GET" },
      help: "Requests so far",
      kind: "counter",
      value: 3.5,
      owner: 1,
    });
    expect(second).toMatchObject({ name: "memory_bytes", labels: {}, kind: "gauge", value: -5, help: "" });
    expect(third).toMatchObject({
      labels: { a: 'say "\\hi\n"', b: "2" },
      buckets: [
        { le: 2 ** -24, count: 1 },
        { le: 0.5, count: 1 },
        { le: 0.625, count: 1 },
        { le: 1, count: 1 },
        { le: Infinity, count: 1 },
      ],
      count: 5,
      sum: 1e300,
    });
    expect(JSON.stringify(region.data.stats)).toBe('{"series":3,"kept":0,"capacity":3}');
    expect(codeOf(() => (region.data.stats as DepotData["stats"]).counter("x"))).not.toBe("none");
  });

  it("are the same object when they are asked for again, in whatever order the labels stand", () => {
    const { stats } = depot();
    const first = stats.counter("a", { x: "1", b: "2" });
    expect(stats.counter("a", { b: "2", x: "1" })).toBe(first);
    expect([first.key, first.name, first.labels]).toEqual(['a{b="2",x="1"}', "a", { x: "1", b: "2" }]);
    expect(stats.counter("a", { b: "3", x: "1" })).not.toBe(first);
    using region = Depot.open(name());
    const twin = region.data.stats.counter("a", { x: "1", b: "2" });
    twin.add(4);
    first.add(1);
    expect([twin.value, first.value, stats.series().length]).toEqual([5, 5, 2]);
  });

  it("of one name are of one kind", () => {
    const { stats } = depot();
    stats.counter("a", { x: "1" });
    expect(() => stats.gauge("a", { x: "1" })).toThrow(/stats: a is a counter already.*give the gauge another name/);
    expect(codeOf(() => stats.histogram("a"))).toBe("ERR_SHM_RANGE");
    expect(codeOf(() => stats.gauge("ab"))).toBe("none");
  });

  it("have no name that Prometheus gives to a part of a histogram", () => {
    const { stats } = depot();
    stats.histogram("a", { x: "1" });
    for (const part of ["a_bucket", "a_count", "a_sum"]) {
      expect(() => stats.counter(part, { x: "2" })).toThrow(
        new RegExp(
          `stats: a is a histogram already, and Prometheus knows a value of the histogram a as ${part}.*give one of them another name`,
        ),
      );
      for (const kind of ["gauge", "histogram"] as const) expect(codeOf(() => stats[kind](part))).toBe("ERR_SHM_RANGE");
    }
    stats.gauge("b_sum");
    using region = Depot.open(name());
    expect(() => region.data.stats.histogram("b")).toThrow(
      /stats: b_sum is a gauge already, and Prometheus knows a value of the histogram b as b_sum/,
    );
    // Nothing but a histogram has parts, and nothing but these are some.
    for (const other of ["a_total", "a_sum_", "b", "b_sum_count"]) {
      const series = stats.counter(other);
      series.remove();
    }
    expect(stats.series().map(({ name: of }) => of)).toEqual(["a", "b_sum"]);
  });

  it("every value from 0 on has the bucket whose bound is the first that is not below it", () => {
    const { stats } = depot();
    const seconds = stats.histogram("s");
    const bounds = Array.from({ length: HISTOGRAM.buckets }, (_, index) => boundOf(index));
    for (const [index, le] of bounds.entries()) {
      const values = index === bounds.length - 1 ? [1e13, Number.MAX_VALUE] : [le, le * (1 - 2 ** -53)];
      for (const value of values) seconds.observe(value);
    }
    const [found] = stats.series();
    const expected = bounds.map((le) => ({ le, count: 2 }));
    expect(found?.kind === "histogram" && found.buckets).toEqual(expected);
    seconds.remove();
    const again = stats.histogram("s");
    for (const value of [0, Number.MIN_VALUE, 2 ** -1022, 2 ** -25]) again.observe(value);
    expect(stats.series()[0]).toMatchObject({ buckets: [{ le: 2 ** -24, count: 4 }] });
  });
});

describe("series that are removed", () => {
  it("have none of their values for who is given their place, and throw when they are used", () => {
    const data = depot();
    const { stats } = data;
    const old = stats.histogram("old_seconds", {}, { help: "a long text that is not to be seen again" });
    for (let time = 0; time < 50; time += 1) old.observe(time);
    const [stamp] = [get(data, "stats", entry(0, "stamp"))];
    old.remove();
    old.remove();
    expect([stats.series(), codeOf(() => old.observe(1)), codeOf(() => old.count)]).toEqual([
      [],
      "ERR_SHM_CLOSED",
      "ERR_SHM_CLOSED",
    ]);
    stats.histogram("n");
    expect(stats.series()).toEqual([
      { name: "n", labels: {}, help: "", kind: "histogram", buckets: [], count: 0, sum: 0, owner: 1 },
    ]);
    expect(get(data, "stats", entry(0, "stamp"))).toBe(stamp + 1);
  });

  it("are over for all objects of the thread, whatever handle they were asked for by", () => {
    const { stats } = depot();
    const first = stats.counter("a");
    using region = Depot.open(name());
    using third = Depot.open(name());
    const twin = region.data.stats.counter("a");
    const unseen = third.data.stats.counter("a");
    twin.remove();
    const other = stats.counter("b");
    for (const one of [first, twin, unseen]) {
      expect([codeOf(() => one.add(7)), codeOf(() => one.value)]).toEqual(["ERR_SHM_CLOSED", "ERR_SHM_CLOSED"]);
      one.remove();
    }
    expect([other.value, valueOf({ stats }, "b{}")]).toEqual([0, [0]]);
    // Whoever asks again has one of its own.
    third.data.stats.counter("a").add(2);
    stats.counter("a").add(1);
    expect([valueOf({ stats }, "a{}"), region.data.stats.counter("a").value]).toEqual([[3], 3]);
  });

  it("stamps go on through the end of 32 bits", () => {
    const data = depot();
    set(data, "stats", entry(0, "stamp"), 2 ** 32 - 1);
    data.stats.counter("a").add();
    expect([get(data, "stats", entry(0, "stamp")), valueOf(data, "a{}")]).toEqual([0, [1]]);
  });
});

describe("series of the dead", () => {
  it("that are kept go on with whoever asks for them, and gauges are dropped", async () => {
    const data = depot();
    const { stats } = data;
    const [first, second] = [await startProcess(), await startProcess()];
    await first.run(count, DEPOT, name(), 10);
    expect(valueOf(data, 'requests_total{"method":"GET"}')).toEqual([10]);
    await first.kill();
    // Before anybody has missed it: who asks finds out.
    await second.run(count, DEPOT, name(), 5);
    expect(valueOf(data, 'requests_total{"method":"GET"}')).toEqual([15]);
    expect(valueOf(data, "memory_bytes{}")).toEqual([5]);
    const own = stats.counter("requests_total", { method: "GET" });
    own.add();
    expect([...(valueOf(data, 'requests_total{"method":"GET"}') as number[])].sort()).toEqual([1, 15]);
    await second.kill();
  });

  it("and what was declared otherwise, is", async () => {
    const data = depot();
    const other = await startProcess();
    await other.run(
      async ({ load }: ChildContext, module: string, region: string) => {
        const { Depot: Own } = (await load(module)) as DepotModule;
        const { stats } = Own.open(region).data;
        stats.counter("a", {}, { onDeath: "drop" }).add();
        stats.gauge("b", {}, { onDeath: "keep" }).set(3);
        stats.histogram("c").observe(1);
      },
      DEPOT,
      name(),
    );
    await other.kill();
    // All places are taken: the owners are asked for.
    const own = data.stats.counter("d");
    expect([own.value, data.stats.series().map(({ name: of, owner }) => [of, owner])]).toEqual([
      0,
      [
        ["d", 1],
        ["b", undefined],
        ["c", undefined],
      ],
    ]);
    expect(() => data.stats.counter("e")).toThrow(/all series are taken: .*capacity=3 kept=2.*dropKept\(\)/);
    expect([data.stats.dropKept(), data.stats.series().length, codeOf(() => data.stats.counter("e"))]).toEqual([
      2,
      1,
      "none",
    ]);
  });

  it("that close their region leave theirs the same way, and their objects throw", async () => {
    const data = depot();
    const other = await startProcess();
    await other.run(count, DEPOT, name(), 1);
    const own = data.stats.counter("own_total");
    const { stats } = data;
    own.add(3);
    close();
    for (const use of [() => own.add(), () => own.value, () => stats.series(), () => stats.counter("a")]) {
      expect(codeOf(use)).toBe("ERR_SHM_CLOSED");
    }
    using region = Depot.open(name());
    expect(valueOf(region.data, "own_total{}")).toEqual([3]);
    expect(region.data.stats.series().find(({ name: of }) => of === "own_total")?.owner).toBeUndefined();
    expect(region.data.stats.counter("own_total").value).toBe(3);
    await other.kill();
  });

  it("threads are participants of their own, and a terminated one is dead", async () => {
    const data = depot();
    const code = `
      const { workerData, parentPort } = require("node:worker_threads");
      import(workerData.url).then(({ Depot }) => {
        const requests = Depot.open(workerData.name).data.stats.counter("requests_total");
        for (let time = 0; time < 1000; time += 1) requests.add();
        parentPort.postMessage("done");
        // Lives until it is terminated: what it has counted would be the next one's.
        setInterval(() => undefined, 1000);
      });`;
    const workers = [1, 2].map(() => new Worker(code, { eval: true, workerData: { url: DEPOT, name: name() } }));
    await Promise.all(workers.map((worker) => new Promise((resolve) => worker.once("message", resolve))));
    expect(valueOf(data, "requests_total{}")).toEqual([1000, 1000]);
    await Promise.all(workers.map(async (worker) => worker.terminate()));
    expect([0, 1, 2].map(() => data.stats.counter("requests_total").value)).toEqual([1000, 1000, 1000]);
  });
});

describe("what is no series is refused", () => {
  it("names, labels, texts that are too long, options and values", () => {
    const { stats } = depot();
    for (const wrong of ["", "1a", "a-b", "a b", "ä", "a{b}", 5, undefined, null, {}]) {
      expect(codeOf(() => stats.counter(wrong as string))).toBe("ERR_SHM_RANGE");
    }
    for (const wrong of [[], 1, null, { "1": "a" }, { "a-b": "a" }, { __a: "a" }, { le: "1" }, { quantile: "1" }]) {
      expect(codeOf(() => stats.counter("a", wrong as never))).toBe("ERR_SHM_RANGE");
    }
    for (const wrong of [1, undefined, null, "a\0", "\ud800", {}]) {
      expect(codeOf(() => stats.counter("a", { b: wrong } as never))).toBe("ERR_SHM_RANGE");
    }
    for (const wrong of [{ onDeath: "stay" }, { help: "\0" }, { help: 5 }, { help: "ä".repeat(61) }, 5]) {
      expect(codeOf(() => stats.counter("a", {}, wrong as never))).toBe("ERR_SHM_RANGE");
    }
    expect(codeOf(() => stats.counter("a".repeat(177)))).toBe("ERR_SHM_RANGE");
    expect(() => stats.counter("a", { b: "ğ".repeat(90) })).toThrow(/up to 176 bytes of UTF-8.*found=187/);
    expect(stats.series()).toEqual([]);
    const [total, gauge, seconds] = [stats.counter("a"), stats.gauge("g"), stats.histogram("h")];
    for (const wrong of [-1, NaN, Infinity, "1", 1n, null, {}]) {
      expect(codeOf(() => total.add(wrong as number))).toBe("ERR_SHM_RANGE");
      expect(codeOf(() => seconds.observe(wrong as number))).toBe("ERR_SHM_RANGE");
    }
    expect(codeOf(() => gauge.set("1" as never))).toBe("ERR_SHM_RANGE");
    gauge.set(NaN);
    expect([total.value, seconds.count, gauge.value]).toEqual([0, 0, NaN]);
  });

  it("texts of the greatest length fit, to the last byte", () => {
    const data = depot();
    const long = data.stats.counter("a".repeat(176), {}, { help: "b".repeat(120) });
    long.add();
    expect(data.stats.counter("a".repeat(176))).toBe(long);
    expect(data.stats.series()).toMatchObject([{ name: "a".repeat(176), help: "b".repeat(120), value: 1 }]);
    using region = Depot.open(name());
    expect(region.data.stats.counter("a".repeat(176)).value).toBe(1);
    expect(region.data.stats.counter("a".repeat(175)).value).toBe(0);
  });
});

describe("words that nobody leaves", () => {
  it.each([0, 1, 0xffff, 0x1_0000, 0xffff_ffff, 0x8000_0001, 9])("%d in each of them", (value) => {
    for (let at = 0; at < ENTRIES + SERIES.size + 32; at += 4) {
      const data = depot();
      data.stats.counter("a").add();
      set(data, "stats", at, value);
      const codes = [
        codeOf(() => data.stats.series()),
        codeOf(() => JSON.stringify(data.stats)),
        ...(at === COUNTERS.at.lock ? [] : ["b", "c", "d"].map((other) => codeOf(() => data.stats.counter(other)))),
      ];
      for (const code of codes) expect(["none", "ERR_SHM_FORMAT", "ERR_SHM_BUSY", "ERR_SHM_RANGE"]).toContain(code);
      close();
    }
  });

  it("texts that are none, and kinds that are none, are not shown", () => {
    const data = depot();
    data.stats.counter("a", { b: "c" });
    data.stats.counter("good");
    const key = [...Buffer.from('a{b="c"}')];
    const wrong = [
      "a{",
      "a{}",
      'a{b="c"',
      'a{b="c",}',
      'a{b="c"}}',
      'a{b="\\x"}',
      'a{c="1",b="1"}',
      'a{b="1",b="2"}',
      "\n",
    ];
    for (const text of wrong) {
      const bytes = Buffer.alloc(24);
      bytes.write(text);
      for (let at = 0; at < 24; at += 4) set(data, "stats", entry(0, "key") + at, bytes.readUInt32LE(at));
      expect([text, data.stats.series().map(({ name: of }) => of)]).toEqual([text, ["good"]]);
    }
    set(data, "stats", entry(0, "key"), Buffer.from(key).readUInt32LE(0));
    set(data, "stats", entry(1, "kind"), SERIES_KIND.kept | 9);
    expect(data.stats.series()).toEqual([]);
  });
});
