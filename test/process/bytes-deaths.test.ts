/**
 * Death of the sides of buffers and messages: before each of their atomic operations, and at any time in a storm. Others go on with what is
 * there.
 */
import { afterEach, describe, expect, it } from "vitest";
import type { MessageGrant, Region } from "@shmgen/runtime";
import { byDepth } from "../support/run/depth.js";
import { Random, runSeed } from "../support/run/random.js";
import { tally } from "../support/run/tally.js";
import { type Log, logs } from "../support/containers/logs.js";
import { type End, killAllSides, type LogSide, startSide } from "../support/containers/log-sides.js";
import { resume, STOPS, suspend } from "../support/processes/stops.js";

const { open, opened, written } = logs();
afterEach(killAllSides);

type Field = "bytes" | "log";

/** Does it again with a death before each of its atomic operations, until it lives through all of them. */
async function atEach(every: number, once: (dieAt: number) => Promise<End>): Promise<number> {
  const random = new Random(runSeed("deaths of bytes"));
  for (let dieAt = random.integer(1, every); ; dieAt += every) {
    const { signal, code } = await once(dieAt);
    if (signal === null) {
      expect(code).toBe(0);
      return dieAt;
    }
    expect(signal).toBe("SIGKILL");
    for (const region of opened.splice(0)) region.close();
  }
}

/** So that the end of the lap comes soon. */
async function openBefore(end: number, size = 256): Promise<Region<Log>> {
  const region = await open(size, size);
  const { bytes, log } = region.data;
  using producer = bytes.producer();
  using consumer = bytes.consumer();
  producer.push(new Uint8Array(size - end));
  consumer.peek();
  consumer.release();
  log.push(new Uint8Array(size - end - 8));
  using taker = log.consumer();
  taker.take();
  return region;
}

/** What is there of other producers, taken by a consumer of ours in a process that lives. */
async function takeAll(url: string, field: Field): Promise<End> {
  const end = await startSide(url, field, "consumer", 0, 0, "push").ended;
  expect(end).toMatchObject({ code: 0 });
  return end;
}

describe("a side that dies before any of its atomic operations", () => {
  const COUNT = 5;

  it.each([
    ["bytes", "push"],
    ["bytes", "claim"],
    ["bytes", "async"],
    ["log", "push"],
    ["log", "claim"],
    ["log", "async"],
  ] as const)(
    "as a producer of %s by %s: what it published is whole and there, and the next one goes on",
    async (field, style) => {
      const url = await written(1024, 1024);
      const deaths = await atEach(byDepth(37, 11, 1), async (dieAt) => {
        const region = await openBefore(90, 1024);
        const { data } = region;
        const end = await startSide(url, field, "producer", 6, COUNT, style, dieAt).ended;
        const used = data[field].used;
        // Whoever comes next has the lock or the role at once.
        const next = await startSide(url, field, "producer", 7, 2, "push").ended;
        expect(next).toMatchObject({ code: 0 });
        data.isOver = 1;
        await takeAll(url, field);
        const seen = data.seen.at(6);
        expect([seen >= data.put.at(6), seen <= data.put.at(6) + 1]).toEqual([true, true]);
        expect([data.seen.at(7), used > 0 || seen === 0]).toEqual([2, true]);
        return end;
      });
      console.log(`producer of ${field}, ${style}: ${deaths} atomic operations`);
      expect(deaths).toBeGreaterThan(10);
    },
  );

  it.each([
    ["bytes", "push"],
    ["bytes", "async"],
    ["log", "push"],
    ["log", "claim"],
    ["log", "async"],
  ] as const)(
    "as a consumer of %s by %s: what it had not released is delivered again, and nothing is lost",
    async (field, style) => {
      const url = await written(1024, 1024);
      const deaths = await atEach(byDepth(47, 13, 1), async (dieAt) => {
        const region = await openBefore(90, 1024);
        const { data } = region;
        expect(await startSide(url, field, "producer", 6, COUNT, "push").ended).toMatchObject({ code: 0 });
        data.isOver = 1;
        const end = await startSide(url, field, "consumer", 0, 0, style, dieAt).ended;
        await takeAll(url, field);
        expect([data.seen.at(6), data[field].used]).toEqual([COUNT, 0]);
        return end;
      });
      console.log(`consumer of ${field}, ${style}: ${deaths} atomic operations`);
      expect(deaths).toBeGreaterThan(10);
    },
  );

  it("as one that recovers who died with the lock: the next one recovers again", async () => {
    const url = await written(1024, 1024);
    const deaths = await atEach(byDepth(37, 11, 1), async (dieAt) => {
      const region = await open(1024, 1024);
      const { data } = region;
      const holder = startSide(url, "log", "producer", 1, 1, "hold");
      await holder.atWork;
      // Its second word comes with the lock in hand.
      await new Promise((resolve) => setTimeout(resolve, 30));
      holder.child.kill("SIGKILL");
      await holder.ended;
      const end = await startSide(url, "log", "producer", 6, 2, "push", dieAt).ended;
      const begun = performance.now();
      const grant = data.log.claim(8) as MessageGrant;
      expect(performance.now() - begun).toBeLessThan(1000);
      grant.discard();
      data.isOver = 1;
      await takeAll(url, "log");
      expect(data.seen.at(6)).toBeGreaterThanOrEqual(data.put.at(6));
      return end;
    });
    console.log(`recovery: ${deaths} atomic operations`);
    expect(deaths).toBeGreaterThan(5);
  });
});

describe("a storm of deaths and stops", { tags: ["soak"] }, () => {
  it.each([
    ["bytes", 256, "push", 1],
    ["bytes", 4096, "async", 1],
    ["bytes", 65_536, "claim", 1],
    ["log", 256, "push", 3],
    ["log", 4096, "claim", 3],
    ["log", 4096, "async", 3],
    ["log", 65_536, "push", 2],
  ] as readonly (readonly [Field, number, "push" | "claim" | "async", number])[])(
    "%s of %i by %s from %i producers are delivered whole and in order, whoever is killed or stopped",
    async (field, size, style, count) => {
      const url = await written(size, size);
      const random = new Random(runSeed(`storm of ${field} ${size} ${style}`));
      const { data } = await open(size, size);
      const each = byDepth(1500, 5000, 500_000);
      const { kills, stops } = await storm({ url, field, style, count, each, random, data });
      let operations = 0;
      for (let id = 0; id < 1024; id += 1) {
        const [put, seen] = [data.put.at(id), data.seen.at(id)];
        expect([seen >= put, seen <= put + 1], `producer ${id}: ${put} ${seen}`).toEqual([true, true]);
        operations += seen;
      }
      expect(data[field].used).toBe(0);
      tally({ bytes: "buffers", log: "messages" }[field], { operations, kills, stops });
    },
  );
});

/** Producers, each with a successor of another number when it was killed, and a consumer, until all is put; then all is taken. */
async function storm({
  url,
  field,
  style,
  count,
  each,
  random,
  data,
}: {
  readonly url: string;
  readonly field: Field;
  readonly style: string;
  readonly count: number;
  readonly each: number;
  readonly random: Random;
  readonly data: Log;
}): Promise<{ readonly kills: number; readonly stops: number }> {
  let nextId = 1;
  let producing = count;
  let [kills, stops] = [0, 0];
  const sides = new Map<string, LogSide>();
  const ends: End[] = [];
  const produce = async (name: string): Promise<void> => {
    for (let left = each; left > 0;) {
      const id = nextId++;
      sides.set(name, startSide(url, field, "producer", id, left, style));
      const end = await (sides.get(name) as LogSide).ended;
      ends.push(end);
      left = end.signal === null ? 0 : left - data.put.at(id);
    }
    sides.delete(name);
    producing -= 1;
  };
  const consume = async (): Promise<void> => {
    for (;;) {
      sides.set("consumer", startSide(url, field, "consumer", 0, 0, style));
      const end = await (sides.get("consumer") as LogSide).ended;
      ends.push(end);
      if (end.signal === null) return;
    }
  };
  const all = Array.from({ length: count }, (_, index) => produce(`producer ${index}`));
  const tended = consume();
  const isProducing = (): boolean => producing > 0;
  const hasFailed = (): boolean => ends.some(({ code }) => code !== null && code !== 0);
  while (isProducing() && !hasFailed() && kills < byDepth(10, 20, 800)) {
    const { child, atWork } = random.pick([...sides.values()]);
    await atWork;
    await new Promise((resolve) => setTimeout(resolve, random.integer(0, 30)));
    if (random.chance(STOPS)) {
      suspend(child);
      stops += 1;
      await new Promise((resolve) => setTimeout(resolve, random.integer(1, 150)));
      resume(child);
    } else if (child.exitCode === null && child.signalCode === null && child.kill("SIGKILL")) kills += 1;
  }
  if (hasFailed()) killAllSides();
  await Promise.all(all);
  data.isOver = 1;
  await tended;
  expect(hasFailed()).toBe(false);
  return { kills, stops };
}
