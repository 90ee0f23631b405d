/** What `shmgen inspect` says of containers: their state, and only what holds something. */
import type { Region } from "@shmgen/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { regionDirectory } from "../support/processes/processes.js";
import { importSchema } from "../support/schemas/generated.js";
import { shmgen } from "./run-cli.js";

const SCHEMA = `import type { array, bipBuffer, counters, event, messages, mutex, Region, ring, semaphore, seqlock, u32, broadcast, map, utf8 } from "@shmgen/schema";
export interface Order { id: u32 }
export interface Floor extends Region<{ type: 1; version: 1 }> {
  limits: seqlock<Order>; orders: ring<Order, 8>; door: mutex; gates: array<mutex, 2>; opened: event; desks: semaphore<5>;
  bytes: bipBuffer<128>; log: messages<192>;
  ticks: broadcast<u32, 4>; found: map<utf8<8>, Order, 6>;
}
export interface Counted extends Region<{ type: 2; version: 1 }> { stats: counters<4>; }`;

interface Found {
  set(key: string, order: { id: number }, options?: object): Found;
  delete(key: string): boolean;
}
interface FloorData {
  readonly limits: { write(order: { id: number }): number };
  readonly orders: { producer(): { push(order: { id: number }): boolean }; consumer(): { pop(): unknown } };
  readonly door: { lock(): unknown };
  readonly opened: { set(): void };
  readonly found: Found;
  readonly desks: { acquire(): unknown };
  readonly bytes: { producer(): { push(bytes: Uint8Array): boolean } };
  readonly log: { push(text: string): boolean; consumer(): unknown };
  readonly ticks: { writer(): { publish(tick: number): void } };
}
interface Stats {
  counter(name: string, labels: object): { add(amount: number): void };
  gauge(name: string): unknown;
}
interface Module {
  readonly Counted: { createOrOpen(name: string): Region & { readonly data: { readonly stats: Stats } } };
  readonly Floor: { createOrOpen(name: string): Region & { readonly data: FloorData } };
}

const directory = regionDirectory();
let region: Region;
let module: Module;

beforeAll(async () => {
  module = await importSchema<Module>({ "floor.shm.ts": SCHEMA }, "floor.shm.ts");
  const made = module.Floor.createOrOpen("floor");
  const { limits, orders, door, opened, desks, bytes, log, ticks, found } = made.data;
  limits.write({ id: 3 });
  const producer = orders.producer();
  for (const id of [10, 11, 12]) producer.push({ id });
  orders.consumer().pop();
  door.lock();
  opened.set();
  desks.acquire();
  bytes.producer().push(new Uint8Array(9));
  log.push("a message");
  log.consumer();
  const writer = ticks.writer();
  for (let tick = 20; tick < 26; tick += 1) writer.publish(tick);
  found.set("ayse", { id: 20 }).set("ali", { id: 21 });
  found.delete("ayse");
  found.set("ayşe", { id: 22 }, { ttlMs: 60_000 });
  region = made;
});
afterAll(() => region.close());

const inspect = (...argv: string[]): string => inspectOne("floor", ...argv);
const inspectOne = (name: string, ...argv: string[]): string => {
  const { code, out, err } = shmgen(["inspect", name, ...argv], { env: { SHMGEN_DIR: directory } });
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return out;
};

describe("inspect", () => {
  it("says what the words of each container mean", () => {
    const out = inspect();
    for (const line of [
      "$participants (1 of 63 taken)",
      "limits (value 1)",
      "orders (2 of 8, producer participant 1, consumer participant 1)",
      "door (held by participant 1)",
      "[0] (free)",
      "opened (set, was set 1 times)",
      "desks (4 of 5 available)",
      "bytes (9 of 128 bytes, producer participant 1, consumer none)",
      "log (24 of 192 bytes, producer none, consumer participant 1)",
      "ticks (6 published, writer participant 1)",
      "found (2 of 6)",
    ]) {
      expect(out).toContain(line);
    }
  });

  it("shows elements that are there, and the cell that is read, and all of them when asked", () => {
    const out = inspect();
    expect([...out.matchAll(/\bid = (\d+)/g)].map(([, id]) => Number(id))).toEqual([3, 11, 12, 22, 21]);
    expect(out.match(/state = /g)).toHaveLength(1);
    expect([...out.matchAll(/\bvalue = (\d+)/g)].map(([, tick]) => Number(tick))).toEqual([22, 23, 24, 25]);
    expect(out).toMatch(/expires = \d+/);
    expect([...out.matchAll(/\bkey = "(.*?)"/g)].map(([, key]) => key)).toEqual(["ayşe", "ali"]);
    const all = inspect("--all");
    expect([...all.matchAll(/\bid = (\d+)/g)].map(([, id]) => Number(id))).toEqual([
      0, 3, 10, 11, 12, 0, 0, 0, 0, 0, 22, 21, 0, 0, 0, 0, 0,
    ]);
    expect(all.match(/state = /g)).toHaveLength(63);
  });

  it("shows the series of counters that there are, with their names", () => {
    const counted = module.Counted.createOrOpen("counted");
    counted.data.stats.counter("requests_total", { method: "GET" }).add(2.5);
    counted.data.stats.gauge("load");
    const out = inspectOne("counted");
    expect(out).toContain("stats (2 of 4 series, 2 of participant 1)");
    expect([...out.matchAll(/\bkey = (".*")/g)].map(([, key]) => JSON.parse(key ?? "") as string)).toEqual([
      'requests_total{method="GET"}',
      "load",
    ]);
    expect(out).toContain("value = 2.5");
    counted.close();
  });

  it("gives programs the words as they are", () => {
    const { values } = JSON.parse(inspect("--json")) as { values: Record<string, Record<string, unknown>> };
    expect(values["door"]).toMatchObject({ word: 1 });
    expect(values["orders"]).toMatchObject({ tail: 3, head: 1, producer: 1, consumer: 1 });
    expect(values["limits"]).toMatchObject({ sequence: 1, odd: { id: 3 } });
  });
});
