/** Readers of elements that are overwritten all the time, in this process and in a thread: none is torn, whoever is stopped and killed. */
import { expect, it } from "vitest";
import type { BroadcastCursor } from "@shmgen/runtime/containers-v1";
import { type FeedsData, type FeedsModule, generateFeeds } from "../support/containers/feeds.js";
import { type Child, type ChildContext, regionDirectory, startProcess, until } from "../support/processes/processes.js";
import { byDepth } from "../support/run/depth.js";
import { tally } from "../support/run/tally.js";
import { startThread } from "../support/threads/threads.mjs";
import { KINDS } from "../support/run/system.js";
import { resume, STOPS, suspend } from "../support/processes/stops.js";

const directory = regionDirectory();
const FEEDS = generateFeeds();
const feeds = (await import(FEEDS)) as FeedsModule;
const { Feeds } = feeds;
/** Looks for elements of 8, 64 and 1,000 bytes, a half of them in a thread. */
const LOOKS = byDepth(300_000, 1_000_000, 100_000_000);
const KILLS = byDepth(6, 12, 100);

interface Order {
  readonly directory: string;
  readonly name: string;
  readonly mapping: "wasm" | "view";
  readonly feeds: string;
  readonly looks: number;
}

/** Each element says in all of its words which it is. Writes at full speed, and takes the roles of those who were killed. */
async function write({ load }: ChildContext, order: Order): Promise<void> {
  process.env["SHMGEN_DIR"] = order.directory;
  const { Feeds: OwnFeeds } = (await load(order.feeds)) as FeedsModule;
  const { data } = OwnFeeds.open(order.name, { mapping: order.mapping });
  const [numbers, records, large] = [data.numbers.writer(), data.records.writer(), data.large.writer()];
  for (;;) {
    const low = BigInt(numbers.position) & 0xffff_ffffn;
    numbers.publish((low << 32n) | low);
    records.claim().words.fill(records.position);
    records.publish();
    large.claim().words.fill(large.position);
    large.publish();
  }
}

interface Found {
  torn: number;
  read: number;
  missed: number;
  looks: number;
}

/** Looks so often, from where the elements are overwritten next. */
function look(module: FeedsModule, data: FeedsData, looks: number): Found {
  const found = { torn: 0, read: 0, missed: 0, looks: 0 };
  const [record, large] = [module.Words.local(), module.Large.local()];
  const oldest = { from: "oldest" } as const;
  // A reader that goes on, and ones that begin behind the writer's back, where most are overtaken.
  const numbers = data.numbers.reader();
  let [records, larges] = [data.records.reader(), data.large.reader()];
  const check = (words: Uint32Array, cursor: BroadcastCursor<unknown>): void => {
    found.read += 1;
    const position = (cursor.position - 1) >>> 0;
    for (let index = 0; index < words.length; index += 1) if (words[index] !== position) found.torn += 1;
  };
  for (let round = 0; found.looks < looks; found.looks += 3, round += 1) {
    const number = numbers.read();
    if (number !== undefined) {
      found.read += 1;
      const position = BigInt(numbers.position - 1) & 0xffff_ffffn;
      if (number !== ((position << 32n) | position)) found.torn += 1;
    }
    if (round % 4 === 0) {
      found.missed += records.missedInAll + larges.missedInAll;
      [records, larges] = [data.records.reader(oldest), data.large.reader(oldest)];
    }
    if (records.read(record) !== undefined) check(record.words, records);
    if (larges.read(large) !== undefined) check(large.words, larges);
  }
  found.missed += numbers.missedInAll;
  return found;
}

async function lookInThread({ load }: ChildContext, order: Order, source: string): Promise<unknown> {
  process.env["SHMGEN_DIR"] = order.directory;
  const own = (await load(order.feeds)) as FeedsModule;
  const region = own.Feeds.open(order.name, { mapping: order.mapping });
  // eslint-disable-next-line typescript/no-implied-eval
  const run = new Function(`return ${source}`)() as typeof look;
  const result = run(own, region.data, order.looks);
  region.close();
  return result;
}

it.each(KINDS)(
  "0 torn elements over a %s mapping, while its writer is stopped and killed, and another one comes",
  { tags: ["soak"] },
  async (mapping) => {
    using region = Feeds.createOrOpen(`torn-${mapping}`, { mapping });
    const { data } = region;
    const order = { directory, name: region.name, mapping, feeds: FEEDS, looks: LOOKS / 2 };
    const start = async (): Promise<Child> => {
      const child = await startProcess();
      void child.run(write, order).catch(() => undefined);
      return child;
    };
    let writer = await start();
    await until(() => data.large.published > 100, "it writes");
    const thread = await startThread();
    const inThread = thread.run(lookInThread as never, order as never, look.toString() as never);
    const found: Found = { torn: 0, read: 0, missed: 0, looks: 0 };
    const add = (more: Found): void => {
      for (const name of ["torn", "read", "missed", "looks"] as const) found[name] += more[name];
    };
    for (let kill = 0; kill < KILLS; kill += 1) {
      add(look(feeds, data, order.looks / KILLS));
      // Wherever it is, also in the middle of an element: those that are there are whole, and nobody waits for it.
      if (STOPS > 0) suspend(writer);
      const stopped = look(feeds, data, 3000);
      add(stopped);
      if (STOPS > 0) resume(writer);
      await writer.kill();
      add(look(feeds, data, 3000));
      const before = data.large.published;
      writer = await start();
      await until(() => data.large.published - before > 10, "the next one writes on");
    }
    add((await inThread) as Found);
    await Promise.all([writer.kill(), thread.end()]);
    const { looks, read, missed, torn } = found;
    tally("broadcasts", { operations: looks, kills: KILLS, stops: KILLS, torn, read, missed });
    expect(torn).toBe(0);
    expect(read).toBeGreaterThan(0);
  },
);
