/**
 * A region with containers that goes from one version to another and back while processes of both use it, and are killed and stopped: what
 * its map and its ledger hold is carried over each time, and what its queue holds is left, since nobody can read that without taking it.
 */
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { cleanStale, ShmError } from "@shmgen/runtime";
import type { CreateOptions, Queue, Region, RegionClass, SharedMap } from "@shmgen/runtime";
import type { AtomicNum, Flyweight } from "@shmgen/runtime/codegen-v1";
import {
  type Child,
  type ChildContext,
  mappedFrom,
  regionDirectory,
  startProcess,
} from "../support/processes/processes.js";
import { byDepth } from "../support/run/depth.js";
import { Random, runSeed } from "../support/run/random.js";
import { tally } from "../support/run/tally.js";
import { writeSchema } from "../support/schemas/generated.js";
import { resume, STOPS, suspend } from "../support/processes/stops.js";

const directory = regionDirectory();
const PARTIES = 4;
const KILLS = byDepth(16, 80, 2000);
const MOVES = byDepth(6, 30, 600);
const PUSHED = 0x10000;
const REFUSED = 0x20000;

/** Both lay their containers out in other places, so that neither can use a region of the other. */
const schemaOf = (version: number, jobs: number): string => `
import type { array, atomic, map, queue, Region, u32 } from "@shmgen/schema";
export interface Job { id: u32; by: u32; sum: u32; }
export interface Hall extends Region<{ type: 80; version: ${version}; participants: 15 }> {
  jobs: queue<Job, ${jobs}>;
  turns: map<u32, u32, ${jobs}>;
  /** Times that it was carried over, and elements that were left in the queue then. */
  moves: u32;
  left: u32;
  next: atomic<u32>;
  /** Of each element: PUSHED or REFUSED, and how often it was taken. */
  ledger: array<atomic<u32>, 65536>;
}`;

interface Job {
  readonly id: number;
  readonly by: number;
  readonly sum: number;
}
interface Hall extends Flyweight {
  readonly jobs: Queue<Job>;
  readonly turns: SharedMap<number, number>;
  moves: number;
  left: number;
  next: number;
  readonly $next: AtomicNum;
  readonly ledger: { readonly length: number; at(index: number): number; set(index: number, value: number): void };
}
type HallClass = RegionClass<Hall, Hall> & { createOrOpen(name: string, options: CreateOptions<Hall>): Region<Hall> };
interface HallModule {
  readonly Hall: HallClass;
}

async function written(version: number, jobs: number): Promise<string> {
  const folder = join(directory, `.schema-${version}`);
  await writeSchema({ "hall.shm.ts": schemaOf(version, jobs) }, folder);
  return pathToFileURL(join(folder, "hall.js")).href;
}
const MODULES = [await written(1, 8), await written(2, 32)] as const;

interface Order {
  readonly directory: string;
  readonly modules: readonly string[];
  readonly party: number;
  readonly seed: number;
  readonly pushed: number;
  readonly refused: number;
}
interface Life {
  readonly child: Child;
  /** What it ended by, or undefined when it came to its end. */
  readonly ended: Promise<string | undefined>;
  failure?: string;
}

/** Opens the region by one version or the other, uses it and closes it, again and again: until all is over, or it is killed. */
async function work({ load, fs, runtime }: ChildContext, order: Order): Promise<void> {
  process.env["SHMGEN_DIR"] = order.directory;
  const halls = await Promise.all(order.modules.map(async (url) => ((await load(url)) as HallModule).Hall));
  const { pushed, refused } = order;
  let state = order.seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const sumOf = (id: number, by: number): number => (Math.imul(id, 0x9e3779b1) ^ Math.imul(by, 0x85ebca6b)) >>> 0;
  const carry = (old: Hall, next: Hall): void => {
    for (const [key, value] of old.turns) next.turns.set(key, value);
    next.moves = old.moves + 1;
    next.left = old.left + old.jobs.length;
    next.next = old.next;
    const ids = Math.min(old.next, old.ledger.length);
    for (let id = 0; id < ids; id += 1) next.ledger.set(id, old.ledger.at(id));
  };
  // Before and after each turn it says in a file that it begins it, and that it is done; and how often it has carried the region over.
  const log = new Uint32Array(3);
  const file = fs.openSync(`${order.directory}/.log-${order.party}`, "r+");
  fs.readSync(file, new Uint8Array(log.buffer), 0, 12, 0);
  const say = (at: number, value: number): void => {
    log[at] = value;
    fs.writeSync(file, new Uint8Array(log.buffer), 0, 12, 0);
  };
  const last = new Map<number, number>();
  const ledgerOf = ({ ledger }: Hall) => ledger as unknown as { field(at: number): { add(value: number): number } };
  const use = (data: Hall): void => {
    if (random(2) === 0) {
      const id = data.$next.add(1);
      const job = { id, by: process.pid, sum: sumOf(id, process.pid) };
      if (id < data.ledger.length)
        ledgerOf(data)
          .field(id)
          .add(data.jobs.push(job) ? pushed : refused);
    } else {
      const job = data.jobs.pop();
      if (job !== undefined) {
        const { id, by, sum } = job;
        if (sum !== sumOf(id, by)) throw new Error(`torn: id=${id} by=${by} sum=${sum}`);
        if ((last.get(by) ?? -1) >= id) throw new Error(`out of order: ${id} after ${last.get(by)} by ${by}`);
        last.set(by, id);
        ledgerOf(data).field(id).add(1);
      }
    }
    const turn = (log[0] ?? 0) + 1;
    say(0, turn);
    data.turns.set(order.party, turn);
    say(1, turn);
  };
  while (!fs.existsSync(`${order.directory}/.over`)) {
    const version = random(2);
    const [Own, Other] = [halls[version], halls[1 - version]] as [HallClass, HallClass];
    const migrate = [runtime.migration(Other, carry)];
    let region: Region<Hall> | undefined;
    while (region === undefined) {
      try {
        region = Own.createOrOpen("hall", { migrate, onStale: "keep", cleanup: "keep", timeoutMs: 30_000 });
      } catch (error) {
        // Others have it open by the other version. Who comes after them wants this one, or waits as well.
        if ((error as { code?: string }).code !== "ERR_SHM_VERSION") throw error;
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
    if (region.outcome !== "opened" && region.outcome !== "migrated") throw new Error(`lost: ${region.outcome}`);
    if (region.outcome === "migrated") say(2, (log[2] ?? 0) + 1);
    const { data } = region;
    for (let turns = random(60); turns >= 0; turns -= 1) use(data);
    region.close();
    // What the parent has to say gets through.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

it(
  `${MOVES} migrations and ${KILLS} deaths: nothing of maps is lost, and of a queue nothing but what was in it`,
  { tags: ["soak"] },
  async () => {
    const random = new Random(runSeed("migration-storm"));
    const halls = await Promise.all(MODULES.map(async (url) => ((await import(url)) as HallModule).Hall));
    const [First, Second] = halls as [HallClass, HallClass];
    First.createOrOpen("hall", { cleanup: "keep" }).close();
    let [kills, stops] = [0, 0];
    const start = async (party: number): Promise<Life> => {
      const child = await startProcess();
      const order = { directory, modules: MODULES, party, seed: random.bits(), pushed: PUSHED, refused: REFUSED };
      const life: Life = {
        child,
        ended: child.run(work, order).then(
          () => undefined,
          (error: Error) => (life.failure = error.message),
        ),
      };
      return life;
    };
    const parties = Array.from({ length: PARTIES }, (_, party) => party);
    for (const party of parties) writeFileSync(`${directory}/.log-${party}`, new Uint8Array(12));
    const logs = (): Uint32Array[] =>
      parties.map((party) => new Uint32Array(new Uint8Array(readFileSync(`${directory}/.log-${party}`)).buffer));
    const moves = (): number => logs().reduce((sum, log) => sum + (log[2] ?? 0), 0);
    const lives = await Promise.all(parties.map(start));
    while (kills < KILLS || moves() < MOVES) {
      await delay(random.integer(1, 60));
      const party = random.integer(0, PARTIES - 1);
      const { child, failure } = lives[party] as Life;
      expect(failure).toBeUndefined();
      if (random.chance(STOPS)) {
        suspend(child);
        stops += 1;
        await delay(random.integer(1, 100));
        resume(child);
      } else {
        await child.kill();
        kills += 1;
        lives[party] = await start(party);
      }
    }
    writeFileSync(`${directory}/.over`, "");
    expect(await Promise.all(lives.map(({ ended }) => ended))).toEqual(lives.map(() => undefined));
    await Promise.all(lives.map(({ child }) => child.kill()));

    using region = left([First, Second]);
    const { data } = region;
    for (const [party, [begun = 0, done = 0]] of logs().entries()) {
      const turns = data.turns.get(party) ?? 0;
      expect([turns >= done, turns <= begun], `party ${party}: ${turns} of ${done} to ${begun}`).toEqual([true, true]);
    }
    for (const { id } of data.jobs.popMany()) data.ledger.set(id, data.ledger.at(id) + 1);
    const ids = Math.min(data.next, data.ledger.length);
    let [lost, twice, unknown] = [0, 0, 0];
    for (let id = 0; id < ids; id += 1) {
      const entry = data.ledger.at(id);
      const taken = entry % PUSHED;
      if (taken > 1) twice += 1;
      if (entry === PUSHED) lost += 1;
      if (entry === 0) unknown += 1;
    }
    expect(twice).toBe(0);
    // Who was killed had taken one without saying so, or had pushed one.
    expect(unknown).toBeLessThanOrEqual(kills);
    expect(lost).toBeLessThanOrEqual(data.left + kills);
    expect(lost).toBeGreaterThanOrEqual(data.left - kills);
    expect(data.moves).toBeGreaterThanOrEqual(MOVES);
    const turns = parties.reduce((sum, party) => sum + (data.turns.get(party) ?? 0), 0);
    const { moves: moved, left: inQueue } = data;
    const beyond = Math.max(lost - inQueue, 0);
    tally("migration", { operations: turns, kills, stops, lost: beyond, twice, moved, elements: ids, left: inQueue });
    region.close();
    // What was left of a migration that somebody died in.
    cleanStale();
    expect(readdirSync(directory).filter((name) => !/^\.(?:schema|log|over)/.test(name))).toEqual([]);
    expect(mappedFrom(directory)).toEqual([]);
  },
);

/** The region, by the version that it has. */
function left(classes: readonly HallClass[]): Region<Hall> {
  for (const Class of classes) {
    try {
      return Class.createOrOpen("hall", { onStale: "keep" });
    } catch (error) {
      if (!(error instanceof ShmError)) throw error;
    }
  }
  throw new Error("the region is of neither version");
}
