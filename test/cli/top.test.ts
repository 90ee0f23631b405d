/** `shmgen top`: rates of what containers count, by the real program beside a region that changes. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Region } from "@shmgen/runtime";
import { spawn, spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { rawMemory } from "@shmgen/runtime/codegen-v1";
import { regionDirectory } from "../support/processes/processes.js";
import { importSchema } from "../support/schemas/generated.js";
import { CLI, shmgen, startShmgen } from "./run-cli.js";

const SCHEMA = `import type { array, broadcast, event, mutex, Region, ring, seqlock, u32 } from "@shmgen/schema";
export interface Lane { orders: ring<u32, 8>; door: mutex; }
export interface Floor extends Region<{ type: 1; version: 1 }> {
  limits: seqlock<u32>; ticks: broadcast<u32, 4>; opened: event; door: mutex; lanes: array<Lane, 2>;
}
export interface Plain extends Region<{ type: 2; version: 1 }> { door: mutex; speed: u32; }
export interface Wide extends Region<{ type: 3; version: 1 }> { bells: array<event, 1200>; rest: array<u32, 1000>; }`;

interface Floor {
  readonly limits: { write(value: number): number };
  readonly ticks: { writer(): { publish(tick: number): void } };
  readonly opened: { set(): void };
  readonly lanes: {
    at(index: number): { readonly orders: { producer(): Ring; consumer(): Ring } };
  };
}
interface Ring {
  push(order: number): boolean;
  pop(): unknown;
}
interface Module {
  readonly Floor: {
    readonly layout: { readonly fields: readonly { name: string; offset: number }[] };
    createOrOpen(name: string): Region & { readonly data: Floor };
  };
  readonly Plain: { createOrOpen(name: string): Region };
  readonly Wide: { createOrOpen(name: string): Region };
}
interface Document {
  readonly time: string;
  readonly name: string;
  readonly event?: string;
  readonly intervalMs: number;
  readonly cut?: boolean;
  readonly containers: Readonly<
    Record<string, { type: string; note: string; counters: Record<string, number>; rates: Record<string, number> }>
  >;
}

const directory = regionDirectory();
const env = { SHMGEN_DIR: directory };
let module: Module;
let region: ReturnType<Module["Floor"]["createOrOpen"]>;
/** One of each that counts. */
let act: () => void;

beforeAll(async () => {
  module = await importSchema<Module>({ "floor.shm.ts": SCHEMA }, "floor.shm.ts");
  region = module.Floor.createOrOpen("floor");
  const { limits, ticks, opened, lanes } = region.data;
  const writer = ticks.writer();
  const { orders } = lanes.at(1);
  const [producer, consumer] = [orders.producer(), orders.consumer()];
  act = () => {
    limits.write(1);
    for (let tick = 0; tick < 4; tick += 1) writer.publish(tick);
    opened.set();
    producer.push(1);
    producer.push(2);
    consumer.pop();
    consumer.pop();
  };
});
afterAll(() => region.close());

/** The documents of a run with --json, while something is done every 5 ms. */
async function documentsOf(...argv: string[]): Promise<Document[]> {
  const top = startShmgen(["top", ...argv, "--json"], { env });
  const timer = setInterval(act, 5);
  const code = await top.ended;
  clearInterval(timer);
  expect(code, top.text()).toBe(0);
  const lines = top.text().trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as Document);
}

describe("shmgen top", () => {
  it("--json prints the rates of all that counts, a document for each interval", async () => {
    const documents = await documentsOf("floor", "--interval", "100", "--count", "4");
    expect(documents).toHaveLength(4);
    for (const { name, time, intervalMs, containers } of documents) {
      expect([name, time]).toEqual(["floor", expect.stringMatching(/^\d{4}-.*Z$/)]);
      expect(intervalMs).toBeGreaterThan(50);
      expect(Object.keys(containers)).toEqual(["limits", "ticks", "opened", "lanes[0].orders", "lanes[1].orders"]);
      const rates = Object.fromEntries(Object.entries(containers).map(([path, one]) => [path, one.rates]));
      expect(rates["lanes[0].orders"]).toEqual({ published: 0, consumed: 0 });
      const { updates = 0 } = rates["limits"] ?? {};
      expect(updates).toBeGreaterThan(0);
      expect(rates["ticks"]?.["published"]).toBeCloseTo(4 * updates, -2);
      expect(rates["opened"]?.["sets"]).toBeCloseTo(updates, -2);
      expect(rates["lanes[1].orders"]?.["published"]).toBeCloseTo(2 * updates, -2);
      expect(rates["lanes[1].orders"]?.["consumed"]).toBeCloseTo(2 * updates, -2);
    }
    expect(documents[0]?.containers["ticks"]).toMatchObject({
      type: "broadcast<u32, 4>",
      note: expect.stringMatching(/^\d+ published, writer participant 1$/) as string,
    });
  });

  it("prints a line for each container, and what its words say besides", async () => {
    const top = startShmgen(["top", "floor", "--interval", "50"], { env });
    const timer = setInterval(act, 5);
    const time = String.raw`\d{4}-\d\d-\d\dT[\d:.]+Z`;
    await top.until(
      new RegExp(`^${time} ticks: published [1-9][\\d,.]* \\(\\d+ published, writer participant 1\\)$`, "m"),
    );
    await top.until(
      / lanes\[1\]\.orders: published [1-9][\d.]*, consumed [1-9][\d.]* \(\d of 8, producer participant 1, /,
    );
    clearInterval(timer);
    expect(top.text()).not.toContain("door");
    top.child.kill("SIGINT");
    expect(await top.ended).toBe(130);
  });

  it("knows counters that come round", async () => {
    const at = (name: string): number =>
      (128 + (module.Floor.layout.fields.find((field) => field.name === name)?.offset ?? 0)) / 4;
    const { u32 } = rawMemory(region.memory);
    const [sequence, word] = [at("limits"), at("opened")];
    Atomics.store(u32, sequence, 0xffff_fffe);
    Atomics.store(u32, word, 0x7fff_fffe);
    const documents = await documentsOf("floor", "--interval", "60", "--count", "3");
    for (const { containers } of documents) {
      expect(containers["limits"]?.rates["updates"]).toBeLessThan(1000);
      expect(containers["opened"]?.rates["sets"]).toBeLessThan(1000);
    }
  });

  it("ends when the region goes away, and begins anew when another one takes its place", async () => {
    const first = module.Wide.createOrOpen("wide");
    const top = startShmgen(["top", "wide", "--interval", "20", "--json"], { env });
    await top.until(/\n/);
    first.close();
    rmSync(join(directory, "wide"), { force: true });
    expect(await top.ended).toBe(0);
    const documents = top
      .text()
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Document);
    expect(documents.at(-1)?.event).toBe("the region has gone away");
    expect(documents[0]?.cut).toBe(true);
    expect(Object.keys(documents[0]?.containers ?? {})).toHaveLength(1000);
  });

  it("on a terminal it draws a table again and again", async () => {
    if (spawnSync("script", ["--version"]).status !== 0) return expect(spawnSync("script").error).toBeDefined();
    const command = `stty rows 12 cols 90; exec "${process.execPath}" "${CLI}" top floor --interval 30`;
    const child = spawn("script", ["-qec", command, "/dev/null"], {
      env: { ...process.env, ...env, TERM: "xterm", SHELL: "/bin/bash", NO_COLOR: "1" },
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
    const timer = setInterval(act, 5);
    const seen = (): string => text.replaceAll("\u001b", "ESC");
    const mark = /\* ticks +published [1-9][\d,.]* +\d+ published, writer/;
    const deadline = Date.now() + 20_000;
    while (!mark.test(seen()) && Date.now() < deadline) await new Promise((done) => setTimeout(done, 10));
    clearInterval(timer);
    expect(seen()).toMatch(/CONTAINER +PER SECOND +STATE/);
    expect(seen()).toMatch(/ ticks +published - /);
    expect(seen()).toMatch(mark);
    child.kill("SIGINT");
  });

  it("refuses what it cannot show", () => {
    const plain = module.Plain.createOrOpen("plain");
    const top = (...argv: string[]) => shmgen(["top", ...argv], { env });
    expect(top("plain")).toMatchObject({ code: 1, out: "" });
    expect(top("plain").err).toContain("plain: it has no container that counts anything\n  hint: shmgen inspect");
    expect(top("nothing")).toMatchObject({ code: 1 });
    expect(JSON.parse(top("plain", "--json").out)).toMatchObject({ why: "it has no container that counts anything" });
    for (const [argv, said] of [
      [[], "shmgen top needs a region: NAME or PATH"],
      [["floor", "plain"], "shmgen top takes one region, found 'plain' as well"],
      [["floor", "--interval", "5"], "--interval takes 10 to 3600000 ms, found '5'"],
      [["floor", "--count", "0"], "--count takes a number from 1 on, found '0'"],
      [["floor", "--count", "x"], "--count takes a number from 1 on, found 'x'"],
    ] as const) {
      expect(top(...argv)).toMatchObject({ code: 2, err: expect.stringContaining(said) as string });
    }
    plain.close();
  });
});
