/** Readers of values that others write all the time, in processes and threads: none is torn, none is lost, whoever is killed. */
import { expect, it } from "vitest";
import { type GaugesData, type GaugesModule, generateGauges } from "../support/containers/gauges.js";
import { type Child, type ChildContext, regionDirectory, startProcess, until } from "../support/processes/processes.js";
import { byDepth } from "../support/run/depth.js";
import { tally } from "../support/run/tally.js";
import { startThread } from "../support/threads/threads.mjs";
import { A_KIND, KINDS } from "../support/run/system.js";

const directory = regionDirectory();
const GAUGES = generateGauges();
const gauges = (await import(GAUGES)) as GaugesModule;
const { Gauges } = gauges;
/** Reads of each form of values of 8, 64 and 1,000 bytes, a half of them in a thread; different values that each has to see. */
const READS = byDepth(300_000, 1_000_000, 50_000_000);
const VALUES = byDepth(400, 1000, 20_000);
const TIMEOUT_MS = byDepth(120_000, 300_000, 3_600_000);
const KILLS = byDepth(4, 8, 100);

interface Order {
  readonly directory: string;
  readonly name: string;
  readonly mapping: "wasm" | "view";
  readonly gauges: string;
  /** Updates; Infinity until it is killed. */
  readonly updates: number;
  /** Of a reader. */
  readonly reads: number;
  readonly values: number;
}

/** Each value says which it is in all of its words. */
async function write({ load }: ChildContext, order: Order): Promise<void> {
  process.env["SHMGEN_DIR"] = order.directory;
  const { Gauges: OwnGauges } = (await load(order.gauges)) as GaugesModule;
  const region = OwnGauges.open(order.name, { mapping: order.mapping });
  const { number, record, large } = region.data;
  const low = 0xffff_ffffn;
  for (let count = 0; count < order.updates; count += 1) {
    number.update((value) => {
      const next = ((value & low) + 1n) & low;
      return (next << 32n) | next;
    });
    record.update(({ words }) => void words.fill((words[0]! + 1) >>> 0));
    large.update(({ words }) => void words.fill((words[0]! + 1) >>> 0));
  }
  region.close();
}

interface Found {
  torn: number;
  /** Different ones. */
  values: number;
  reads: number;
}

/** Reads so often, and until it has seen so many different values. */
function read(module: GaugesModule, data: GaugesData, reads: number, values: number): Found {
  const found = { torn: 0, values: 0, reads: 0 };
  const [record, large] = [module.Words.local(), module.Large.local()];
  const [short, long] = [record.words, large.words];
  for (let last = -1; found.reads < reads || found.values < values; found.reads += 3) {
    const number = data.number.read();
    if (number >> 32n !== (number & 0xffff_ffffn)) found.torn += 1;
    data.record.read(record);
    for (let index = 1; index < short.length; index += 1) if (short[index] !== short[0]) found.torn += 1;
    data.large.read(large);
    for (let index = 1; index < long.length; index += 1) if (long[index] !== long[0]) found.torn += 1;
    if (long[0] !== last) found.values += 1;
    last = long[0]!;
  }
  return found;
}

async function readInThread({ load }: ChildContext, order: Order, source: string): Promise<unknown> {
  process.env["SHMGEN_DIR"] = order.directory;
  const own = (await load(order.gauges)) as GaugesModule;
  const region = own.Gauges.open(order.name, { mapping: order.mapping });
  // eslint-disable-next-line typescript/no-implied-eval
  const run = new Function(`return ${source}`)() as typeof read;
  const result = run(own, region.data, order.reads, order.values);
  region.close();
  return result;
}

it.each(KINDS)(
  "0 torn values over a %s mapping, while writers are killed and come back [fault 63]",
  { tags: ["soak"] },
  async (mapping) => {
    using region = Gauges.createOrOpen(`torn-${mapping}`, { mapping });
    const { data } = region;
    const order = {
      directory,
      name: region.name,
      mapping,
      gauges: GAUGES,
      updates: Infinity,
      reads: READS / 2,
      values: VALUES / 2,
    };
    const start = async (): Promise<Child> => {
      const child = await startProcess();
      void child.run(write, order).catch(() => undefined);
      return child;
    };
    const writers = [await start(), await start()];
    await until(() => data.large.sequence > 10, "they write");
    const thread = await startThread();
    const inThread = thread.run(readInThread as never, order as never, read.toString() as never);
    const found: Found = { torn: 0, values: 0, reads: 0 };
    for (let kill = 0; kill <= KILLS; kill += 1) {
      const { torn, values, reads } = read(gauges, data, order.reads / (KILLS + 1), order.values / (KILLS + 1));
      found.torn += torn;
      found.values += values;
      found.reads += reads;
      if (kill === KILLS) break;
      await writers.shift()?.kill();
      const before = data.large.sequence;
      writers.push(await start());
      // The dead one's word of writers is free again, if it had it.
      await until(() => data.large.sequence - before > 10, "the others write on");
    }
    const other = (await inThread) as Found;
    await Promise.all([...writers.map((writer) => writer.kill()), thread.end()]);
    const torn = found.torn + other.torn;
    const [operations, values] = [found.reads + other.reads, found.values + other.values];
    tally("values", { operations, kills: KILLS, torn, values });
    expect([found.torn, other.torn]).toEqual([0, 0]);
  },
);

it("updates of two processes and of this one add up", { timeout: TIMEOUT_MS }, async () => {
  using region = Gauges.createOrOpen("adds");
  const { number, record, large } = region.data;
  const updates = byDepth(5000, 30_000, 1_000_000);
  const order: Order = { directory, name: region.name, mapping: A_KIND, gauges: GAUGES, updates, reads: 0, values: 0 };
  const writers = [await startProcess(), await startProcess()];
  const done = writers.map((writer) => writer.run(write, order));
  for (let count = 0; count < updates; count += 1) {
    record.update(({ words }) => void words.fill(words[0]! + 1));
    // Event loops turn, too.
    if (count % 1000 === 0) await record.updateAsync(() => undefined);
  }
  await Promise.all(done);
  const turns = Math.ceil(updates / 1000);
  expect(record.sequence).toBe(3 * updates + turns);
  expect(new Set(record.read().words)).toEqual(new Set([3 * updates]));
  expect(number.read() & 0xffff_ffffn).toBe(BigInt(2 * updates));
  expect(new Set(large.read().words)).toEqual(new Set([2 * updates]));
  await Promise.all(writers.map((writer) => writer.kill()));
});
