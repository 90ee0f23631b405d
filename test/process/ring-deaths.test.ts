/** Death of a ring's sides: before each of their atomic operations, and at any time in a storm. Others go on with what is there. */
import { type ChildProcess, fork } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { until } from "../support/processes/processes.js";
import { byDepth } from "../support/run/depth.js";
import { Random, runSeed } from "../support/run/random.js";
import { tally } from "../support/run/tally.js";
import { floors } from "../support/containers/floors.js";
import { resume, STOPS, suspend } from "../support/processes/stops.js";
import { endOf } from "../support/processes/ends.mjs";

const { directory, opened, floor } = floors();
const CHILD = join(import.meta.dirname, "../support/containers/ring-child.mjs");
const STYLES = ["push", "claim", "batch", "async"] as const;
type Style = (typeof STYLES)[number];
const sumOf = (id: number): number => (Math.imul(id, 0x9e3779b1) ^ ((id * 7) & 0xff)) >>> 0;

const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) child.kill("SIGKILL");
});

interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What it says when all is done. */
  readonly said?: { readonly delivered: number; readonly calls: number };
}
interface Side {
  readonly child: ChildProcess;
  readonly ended: Promise<End>;
  /** When it has its role, or has ended. */
  readonly atWork: Promise<unknown>;
}

function start(role: "producer" | "consumer", ...args: readonly (string | number)[]): Side {
  const child = fork(CHILD, [role, ...args.map(String)], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  running.add(child);
  let said: End["said"];
  const ended = new Promise<End>((resolve) => {
    child.once("exit", (code, signal) => {
      running.delete(child);
      resolve({ ...endOf(code, signal), ...(said && { said }) });
    });
  });
  const working = new Promise((resolve) => {
    child.on("message", (message) => {
      if (typeof message === "object") said = message as NonNullable<End["said"]>;
      else resolve(message);
    });
  });
  return { child, ended, atWork: Promise.race([working, ended]) };
}

/** Does it again with a death before each of its atomic operations, until it lives through all of them. */
async function atEach(every: number, once: (dieAt: number) => Promise<End>): Promise<number> {
  const random = new Random(runSeed("deaths"));
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

describe("a side that dies before any of its atomic operations", () => {
  const COUNT = 3;

  it.each(["push", "batch"] as const)(
    "as a producer that uses %s: whole elements are there, and the next one goes on",
    async (style) => {
      const deaths = await atEach(byDepth(23, 5, 1), async (dieAt) => {
        const data = floor(4);
        const end = await start("producer", 4, COUNT, style, dieAt).ended;
        const published = data.word("tail");
        expect(published).toBeLessThanOrEqual(COUNT);
        using producer = data.orders.producer();
        for (let id = published; id < 4; id += 1) expect(producer.push({ id, sum: sumOf(id) })).toBe(true);
        using consumer = data.orders.consumer();
        expect([0, 1, 2, 3].map(() => consumer.pop()).map((order) => [order?.id, order?.sum])).toEqual(
          [0, 1, 2, 3].map((id) => [id, sumOf(id)]),
        );
        return end;
      });
      console.log(`producer, ${style}: ${deaths} atomic operations`);
      expect(deaths).toBeGreaterThan(10);
    },
  );

  it.each(["push", "claim", "batch"] as const)(
    "as a consumer that uses %s: what it had not released is delivered again, and nothing else",
    async (style) => {
      const log = join(directory, "delivered");
      const deaths = await atEach(byDepth(23, 5, 1), async (dieAt) => {
        fs.writeFileSync(log, "");
        const data = floor(4);
        const producer = data.orders.producer();
        for (let id = 0; id < 4; id += 1) producer.push({ id, kind: (id * 7) & 0xff, sum: sumOf(id) });
        const end = await start("consumer", 4, COUNT, style, dieAt, log).ended;
        const before = fs.readFileSync(log, "utf8").split(" ").filter(Boolean).map(Number);
        using consumer = data.orders.consumer();
        const rest: number[] = [];
        consumer.drain(({ id }) => rest.push(id));
        const all = [...new Set([...before, ...rest])];
        // What was popped belongs to who popped it.
        const isLost = (id: number): boolean =>
          style === "push" && end.signal !== null && id === before.length && all.length === 3;
        expect(all).toEqual([0, 1, 2, 3].filter((id) => !isLost(id)));
        const again = before.filter((id) => rest.includes(id)).length;
        const most = { push: 0, claim: 1, batch: COUNT + 1 }[style];
        expect(again).toBeLessThanOrEqual(end.signal === null ? 0 : most);
        expect(producer.push({ id: 4 })).toBe(true);
        return end;
      });
      console.log(`consumer, ${style}: ${deaths} atomic operations`);
      expect(deaths).toBeGreaterThan(10);
    },
  );

  it("as one that recovers a dead producer: the next one recovers again", async () => {
    const deaths = await atEach(byDepth(31, 7, 1), async (dieAt) => {
      const data = floor(4);
      const first = start("producer", 4, 100, "push");
      await first.atWork;
      await until(() => data.word("tail") === 4, "four elements");
      first.child.kill("SIGKILL");
      await first.ended;
      const end = await start("producer", 4, 4, "push", dieAt).ended;
      using producer = data.orders.producer();
      using consumer = data.orders.consumer();
      expect([0, 1, 2, 3].map(() => consumer.pop()?.id)).toEqual([0, 1, 2, 3]);
      expect(producer.push({ id: 4 })).toBe(true);
      return end;
    });
    console.log(`recovery: ${deaths} atomic operations`);
    expect(deaths).toBeGreaterThan(5);
  });
});

it("a consumer that sleeps while its producer dies and another one comes is woken for each element", async () => {
  const data = floor(4);
  const consumer = start("consumer", 4, 40, "push");
  await consumer.atWork;
  for (let round = 1; round <= 4; round += 1) {
    const producer = start("producer", 4, round * 10, "hold");
    await until(() => data.word("head") === round * 10, `${round * 10} elements`);
    // It sleeps, or has had its last one.
    if (round < 4) await until(() => data.word("consumerSleeps") === 1, "sleep");
    producer.child.kill("SIGKILL");
    await producer.ended;
  }
  expect((await consumer.ended).said?.delivered).toBe(40);
});

describe("a storm of deaths and stops", { tags: ["soak"] }, () => {
  it.each([
    [1, "push"],
    [2, "async"],
    [64, "push"],
    [64, "batch"],
    [1024, "claim"],
  ] as readonly (readonly [number, Style])[])(
    "a ring of %i by %s delivers everything in order, whoever is killed or stopped",
    async (length, style) => {
      const count = byDepth(1, 2, 50) * (style === "async" ? 5_000 : length === 1 ? 15_000 : 60_000);
      const random = new Random(runSeed(`ring storm ${length} ${style}`));
      const data = floor(length);
      const sides: Record<"producer" | "consumer", Side> = {
        producer: start("producer", length, count, style),
        consumer: start("consumer", length, count, style),
      };
      const ends: End[] = [];
      let [kills, stops] = [0, 0];
      const tend = async (role: "producer" | "consumer"): Promise<void> => {
        for (;;) {
          const end = await sides[role].ended;
          ends.push(end);
          if (end.signal === null) return;
          sides[role] = start(role, length, count, style);
        }
      };
      const tended = Promise.all([tend("producer"), tend("consumer")]);
      const isDone = (): boolean => data.word("head") === count || ends.some(({ code }) => code !== null && code !== 0);
      while (!isDone() && kills < byDepth(8, 14, 1000)) {
        const role = random.pick(["producer", "consumer"] as const);
        const { child, atWork } = sides[role];
        await atWork;
        await new Promise((resolve) => setTimeout(resolve, random.integer(0, 30)));
        if (isDone()) break;
        if (random.chance(STOPS)) {
          suspend(child);
          stops += 1;
          await new Promise((resolve) => setTimeout(resolve, random.integer(1, 150)));
          resume(child);
        } else if (child.kill("SIGKILL")) kills += 1;
      }
      await tended;
      expect(ends.filter(({ signal }) => signal === null).map(({ code }) => code)).toEqual([0, 0]);
      expect([data.word("tail"), data.word("head"), data.orders.length]).toEqual([count, count, 0]);
      tally("rings", { operations: count, kills, stops });
    },
  );
});
