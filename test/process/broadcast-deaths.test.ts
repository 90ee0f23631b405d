/**
 * Death of a broadcast's writers: before each of their atomic operations, over a mapping of kind "view", where JavaScript stores each word of an
 * element, and of kind "wasm", where the kernel does; and at any time in a storm, as that of its readers. Others go on.
 */
import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import type * as DieAt from "../support/containers/die-at.mjs";
import { type FeedsModule, generateFeeds, WORDS } from "../support/containers/feeds.js";
import { type ChildContext, regionDirectory, startProcess } from "../support/processes/processes.js";
import { byDepth, drawnOf } from "../support/run/depth.js";
import { Random, runSeed } from "../support/run/random.js";
import { tally } from "../support/run/tally.js";
import { KINDS } from "../support/run/system.js";
import { resume, STOPS, suspend } from "../support/processes/stops.js";
import { endOf } from "../support/processes/ends.mjs";

const directory = regionDirectory();
const FEEDS = generateFeeds();
const { Feeds, Words } = (await import(FEEDS)) as FeedsModule;
const DIE_AT = new URL("../support/containers/die-at.mjs", import.meta.url).href;
const CHILD = join(import.meta.dirname, "../support/containers/broadcast-child.mjs");

interface Order {
  readonly directory: string;
  readonly name: string;
  readonly mapping: "wasm" | "view";
  readonly feeds: string;
  readonly dieAt: string;
  readonly point: number;
  /** Whether loads are points as well. */
  readonly loads: boolean;
}

/** In the process that dies. */
async function publish({ load }: ChildContext, order: Order): Promise<number> {
  process.env["SHMGEN_DIR"] = order.directory;
  const { Feeds: OwnFeeds } = (await load(order.feeds)) as FeedsModule;
  const { dieAt } = (await load(order.dieAt)) as typeof DieAt;
  const region = OwnFeeds.open(order.name, { mapping: order.mapping });
  const points = dieAt(order.point, { loads: order.loads });
  const writer = region.data.records.writer();
  writer.claim().words.fill(writer.position);
  writer.publish();
  writer.close();
  return points();
}

/** More than a lap before the first death, so that each slot has an older element. */
const BEFORE = 20;

it.each(
  KINDS.flatMap(
    (kind) =>
      [
        [kind, false],
        [kind, true],
      ] as const,
  ),
)(
  "a death of the writer at every store over a %s mapping leaves whole elements, and the next one goes on, sleepers: %s",
  async (mapping, sleeps) => {
    using region = Feeds.createOrOpen(`deaths-${mapping}-${String(sleeps)}`, { mapping });
    const { records } = region.data;
    const copy = Words.local();
    const write = (times: number): void => {
      using writer = records.writer();
      for (let time = 0; time < times; time += 1) {
        writer.claim().words.fill(writer.position);
        writer.publish();
      }
    };
    write(BEFORE);
    const steady = records.reader();
    // Of a view's many stores of words, which are all alike, some in `npm test`.
    const step = mapping === "view" ? byDepth(13, 3, 1) : byDepth(3, 1);
    for (let point = drawnOf(step); ; point += step) {
      const before = records.published;
      const child = await startProcess();
      const comes = sleeps ? steady.waitAsync({ timeoutMs: 60_000 }) : undefined;
      const order = {
        directory,
        name: region.name,
        mapping,
        feeds: FEEDS,
        dieAt: DIE_AT,
        point,
        loads: byDepth(false, true),
      };
      const points = await child.run(publish, order).catch(() => undefined);
      await child.kill();
      // The store of the tail is what counts.
      const after = records.published;
      expect([before, before + 1]).toContain(after);
      const oldest = records.reader({ from: "oldest" });
      let read = 0;
      for (; oldest.read(copy) !== undefined; read += 1) {
        expect(new Set(copy.words)).toEqual(new Set([oldest.position - 1]));
      }
      // One at most was being overwritten.
      expect(oldest.missedInAll).toBeLessThanOrEqual(after === before ? 1 : 0);
      expect(read + oldest.missedInAll).toBe(records.capacity);
      // Whether or not it woke anybody.
      if (after > before) await comes;
      write(1);
      await comes;
      for (let position = before; position <= after; position += 1) {
        expect(steady.read(copy)).toBe(copy);
        expect([...copy.words]).toEqual(Array.from({ length: WORDS }, () => position));
      }
      expect([steady.read(copy), steady.missedInAll]).toEqual([undefined, 0]);
      if (points === undefined) continue;
      console.log(`${mapping}, sleepers ${String(sleeps)}: ${points} points`);
      expect(points).toBeGreaterThan(mapping === "view" ? WORDS + 3 : 3);
      return;
    }
  },
);

const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) child.kill("SIGKILL");
});

interface Found {
  readonly read: number;
  readonly missed: number;
  readonly torn: number;
}
interface Party {
  readonly child: ChildProcess;
  readonly atWork: Promise<unknown>;
  readonly ended: Promise<{ readonly code: number | null; readonly found?: Found }>;
}

function start(...args: readonly (string | number)[]): Party {
  const child = fork(CHILD, [FEEDS, ...args.map(String)], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  running.add(child);
  let found: Found | undefined;
  const ended = new Promise<Awaited<Party["ended"]>>((resolve) => {
    child.once("exit", (...told) => {
      const { code } = endOf(...told);
      running.delete(child);
      resolve({ code, ...(found && { found }) });
    });
  });
  const working = new Promise((resolve) => {
    child.on("message", (message) => {
      if (typeof message === "object") found = message as Found;
      else resolve(message);
    });
  });
  return { child, ended, atWork: Promise.race([working, ended]) };
}

it.each(KINDS)(
  "in a storm of deaths and stops over a %s mapping readers get whole elements, in order, and count what they missed",
  { tags: ["soak"] },
  async (mapping) => {
    const count = byDepth(100_000, 200_000, 10_000_000);
    const kills = byDepth(8, 16, 1000);
    const random = new Random(runSeed(`broadcast storm ${mapping}`));
    using region = Feeds.createOrOpen(`storm-${mapping}`, { mapping });
    const { records } = region.data;
    const roles = ["writer", "writer", "reader", "loop"];
    const parties = roles.map((role) => start(region.name, role, mapping, count));
    const ends: Awaited<Party["ended"]>[] = [];
    const tended = roles.map(async (role, at) => {
      for (;;) {
        const end = await parties[at]!.ended;
        if (end.code !== null) return void ends.push(end);
        parties[at] = start(region.name, role, mapping, count);
      }
    });
    let [killed, stops] = [0, 0];
    while (records.published < count && killed < kills) {
      const { child, atWork } = parties[random.integer(0, 3)]!;
      await atWork;
      await new Promise((resolve) => setTimeout(resolve, random.integer(0, 30)));
      if (random.chance(STOPS)) {
        suspend(child);
        stops += 1;
        await new Promise((resolve) => setTimeout(resolve, random.integer(1, 150)));
        resume(child);
      } else if (child.kill("SIGKILL")) killed += 1;
    }
    await Promise.all(tended);
    expect(ends.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect(records.published).toBe(count);
    const sum = (what: keyof Found): number => ends.reduce((all, { found }) => all + (found?.[what] ?? 0), 0);
    expect(sum("torn")).toBe(0);
    const [read, missed] = [sum("read"), sum("missed")];
    tally("broadcasts", { operations: count, kills: killed, stops, torn: sum("torn"), read, missed });
  },
);
