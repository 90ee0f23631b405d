/** `shmgen metrics`: what Prometheus is given, by the real program beside regions that are counted in. */
import { get } from "node:http";
import type { Counters, Region } from "@shmgen/runtime";
import { rawMemory } from "@shmgen/runtime/codegen-v1";
import { afterAll, describe, expect, it } from "vitest";
import { parseExposition, type Scraped } from "../support/exposition.js";
import { type ChildContext, regionDirectory, startProcess } from "../support/processes/processes.js";
import { generateModule } from "../support/containers/generated-module.js";
import { shmgen, startShmgen } from "./run-cli.js";

const SCHEMA = `import type { array, counters, mutex, Region, u32 } from "@shmgen/schema";
export interface Lane { own: counters<4>; door: mutex; }
export interface Shop extends Region<{ type: 1; version: 1 }> { stats: counters<32>; lanes: array<Lane, 2>; }
export interface Big extends Region<{ type: 3; version: 1 }> { stats: counters<4>; rest: array<u32, 2000000>; }
export interface Plain extends Region<{ type: 2; version: 1 }> { door: mutex; speed: u32; }`;

interface Opened<D> {
  readonly layout: { readonly fields: readonly { name: string; offset: number }[] };
  createOrOpen(name: string): Region & { readonly data: D };
}
interface Module {
  readonly Shop: Opened<{
    readonly stats: Counters;
    readonly lanes: { at(index: number): { readonly own: Counters } };
  }>;
  readonly Big: Opened<{ readonly stats: Counters }>;
  readonly Plain: Opened<unknown>;
}

const env = { SHMGEN_DIR: regionDirectory() };
const url = generateModule("shop", SCHEMA);
const module = (await import(url)) as Module;
const regions: Region[] = [];
afterAll(() => regions.forEach((region) => region.close()));

let names = 0;
function shop() {
  const name = `shop-${(names += 1)}`;
  const region = module.Shop.createOrOpen(name);
  regions.push(region);
  return { name, data: region.data, region };
}
function metrics(...argv: string[]): string {
  const { code, out, err } = shmgen(["metrics", ...argv], { env });
  expect([code, err]).toEqual([0, ""]);
  return out;
}

describe("shmgen metrics", () => {
  it("prints counters, gauges and histograms, of all containers, sorted by name, as Prometheus reads them", () => {
    const { name, data } = shop();
    data.stats.counter("requests_total", { method: "POST" }).add(2);
    data.stats.counter("requests_total", { method: "GET" }, { help: "Requests\\so far\nof all" }).add(1e21);
    data.stats.gauge("memory_bytes", { of: 'a "b" \\ \n ğ' }).set(-0.5);
    data.stats.gauge("load").set(NaN);
    data.lanes.at(1).own.counter("requests_total", { method: "POST" }).add(3);
    const seconds = data.lanes.at(0).own.histogram("request_seconds", { path: "/" });
    for (const value of [0.3, 0.3, 4, 0]) seconds.observe(value);
    const text = metrics(name);
    expect(text).toBe(`# TYPE load gauge
load NaN
# TYPE memory_bytes gauge
memory_bytes{of="a \\"b\\" \\\\ \\n ğ"} -0.5
# TYPE request_seconds histogram
request_seconds_bucket{path="/",le="5.960464477539063e-8"} 1
request_seconds_bucket{path="/",le="0.25"} 1
request_seconds_bucket{path="/",le="0.3125"} 3
request_seconds_bucket{path="/",le="3.5"} 3
request_seconds_bucket{path="/",le="4"} 4
request_seconds_bucket{path="/",le="+Inf"} 4
request_seconds_sum{path="/"} 4.6
request_seconds_count{path="/"} 4
# HELP requests_total Requests\\\\so far\\nof all
# TYPE requests_total counter
requests_total{method="GET"} 1e+21
requests_total{method="POST"} 5
`);
    expect([...parseExposition(text).keys()]).toEqual(["load", "memory_bytes", "request_seconds", "requests_total"]);
  });

  it("--json says the same to programs, with who counts", () => {
    const { name, data } = shop();
    data.stats.counter("requests_total", { method: "GET" }, { help: "Requests" }).add(4);
    data.stats.gauge("load").set(Infinity);
    data.stats.histogram("request_seconds").observe(1);
    expect(JSON.parse(metrics(name, "--json"))).toEqual([
      { name: "load", kind: "gauge", series: [{ labels: {}, value: "+Inf", owners: [1] }] },
      {
        name: "request_seconds",
        kind: "histogram",
        series: [
          {
            labels: {},
            buckets: [
              { le: 0.875, count: 0 },
              { le: 1, count: 1 },
              { le: "+Inf", count: 1 },
            ],
            count: 1,
            sum: 1,
            owners: [1],
          },
        ],
      },
      {
        name: "requests_total",
        kind: "counter",
        help: "Requests",
        series: [{ labels: { method: "GET" }, value: 4, owners: [1] }],
      },
    ]);
  });

  it("an empty one prints nothing, and what has none is told so", () => {
    const { name } = shop();
    expect([metrics(name), metrics(name, "--json")]).toEqual(["", "[]\n"]);
    regions.push(module.Plain.createOrOpen("plain"));
    const plain = shmgen(["metrics", "plain"], { env });
    expect([plain.code, plain.out, plain.err]).toEqual([
      1,
      "",
      "shmgen: plain: it has no counters\n  hint: shmgen inspect shows its fields\n",
    ]);
    expect(shmgen(["metrics", "nothing"], { env })).toMatchObject({ code: 1, out: "" });
    for (const wrong of [
      ["--serve", "x"],
      ["--serve", "70000"],
      ["--serve", "-1"],
      ["--serve", "0", "--json"],
    ]) {
      expect([wrong, shmgen(["metrics", name, ...wrong], { env }).code]).toEqual([wrong, 2]);
    }
    expect(shmgen(["metrics"], { env }).code).toBe(2);
  });

  it("a name that is of two kinds in two containers is shown once, and said to be", () => {
    const { name, data } = shop();
    data.stats.counter("a").add(1);
    data.lanes.at(0).own.gauge("a").set(7);
    const { code, out, err } = shmgen(["metrics", name], { env });
    expect([code, out, err]).toEqual([
      0,
      "# TYPE a counter\na 1\n",
      `shmgen: ${name}: a is of two kinds; the first one is shown\n`,
    ]);
  });

  it("what a text could not tell from a histogram in another container is not shown, and said to be", () => {
    const { name, data } = shop();
    data.stats.counter("a_count").add(5);
    data.lanes.at(0).own.histogram("a").observe(1);
    const { code, out, err } = shmgen(["metrics", name], { env });
    expect([code, out.split("\n").filter((line) => line.startsWith("a_count")), err]).toEqual([
      0,
      ["a_count 1"],
      `shmgen: ${name}: a_count is what the histogram a has, which is shown\n`,
    ]);
  });

  it("bytes that anybody may have written are left out, and end nothing", () => {
    const { name, data, region } = shop();
    const good = data.stats.counter("good_total");
    good.add(1);
    const seconds = data.stats.histogram("request_seconds");
    seconds.observe(1);
    const { u8 } = rawMemory(region.memory);
    const { offset = 0 } = module.Shop.layout.fields.find((field) => field.name === "stats") ?? {};
    const start = 128 + offset;
    for (let value = 0; value < 256; value += 51) {
      const saved = u8.slice(start, start + 64 + 32 * 320);
      for (let at = start + 64; at < start + 64 + 3 * 320; at += 7) u8[at] = value;
      const { code, out } = shmgen(["metrics", name], { env });
      expect(code).toBe(0);
      parseExposition(out);
      u8.set(saved, start);
    }
  });
});

const scrape = async (url: string, headers = {}): Promise<{ status?: number; type?: string; text: string }> =>
  new Promise((resolve, reject) => {
    get(url, { headers, agent: false }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (piece: string) => (text += piece));
      answer.on("end", () =>
        resolve({ status: answer.statusCode ?? 0, type: answer.headers["content-type"] ?? "", text }),
      );
    }).on("error", reject);
  });

/** In another process: counts without an end. */
async function count({ load }: ChildContext, url: string, field: "Shop" | "Big", name: string): Promise<never> {
  const { stats } = ((await load(url)) as Module)[field].createOrOpen(name).data;
  const requests = stats.counter("requests_total");
  const seconds = stats.histogram("request_seconds");
  for (let turn = 0; ; turn += 1) {
    requests.add();
    seconds.observe(turn % 1000);
    if (turn % 1000 === 0) stats.gauge(`passing_${turn % 7}`, {}, { help: "p".repeat(turn % 100) }).remove();
  }
}

describe("shmgen metrics --serve", () => {
  it.each(["Shop", "Big"] as const)(
    "gives counters that never fall while others count, and is ended by SIGINT: %s",
    async (field) => {
      const name = `served-${field.toLowerCase()}`;
      regions.push(module[field].createOrOpen(name));
      const [first, second] = [await startProcess(), await startProcess()];
      for (const child of [first, second]) void child.run(count, url, field, name).catch(() => undefined);
      const served = startShmgen(["metrics", name, "--serve", "0"], { env });
      await served.until(/^http:\/\/127\.0\.0\.1:\d+\/metrics\n/);
      const at = served.text().trim();
      const before = new Map<string, number>();
      const values = (found: Map<string, Scraped>): [string, number][] =>
        [...found].filter(([, { type }]) => type !== "gauge").flatMap(([, { values: own }]) => Array.from(own));
      // From when both are at it, whenever that is: on a busy machine they take seconds to begin.
      const isAtIt = (): boolean => (before.get("requests_total") ?? 0) > 1000;
      for (let look = 0; look < 100; look += isAtIt() ? 1 : 0) {
        const { status, type, text } = await scrape(at);
        expect([status, type]).toEqual([200, "text/plain; version=0.0.4; charset=utf-8"]);
        for (const [key, value] of values(parseExposition(text))) {
          expect(value, key).toBeGreaterThanOrEqual(before.get(key) ?? 0);
          before.set(key, value);
        }
        if (look === 50) await first.kill();
      }
      expect(isAtIt()).toBe(true);
      await second.kill();
      expect((await scrape(at.replace("metrics", ""))).status).toBe(404);
      expect((await scrape(at, { host: "evil.example" })).status).toBe(403);
      served.child.kill("SIGINT");
      expect(await served.ended).toBe(130);
    },
  );
});
