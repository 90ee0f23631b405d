/** Operations on a depot in a process that is killed before each of its stores to the region, or a thread that is terminated before each atomic one. */
import { expect } from "vitest";
import type { SharedRegion } from "@shmgen/runtime";
import type { DepotData, DepotModule } from "./depot.js";
import { type Depots, type Mapping } from "./depots.js";
import { sharedAs } from "./depot-workers.js";
import type * as DieAt from "./die-at.mjs";
import { type ChildContext, startProcess, until } from "../processes/processes.js";
import { byDepth } from "../run/depth.js";
import { Random, runSeed } from "../run/random.js";
import { startThread } from "../threads/threads.mjs";
import { KINDS } from "../run/system.js";
import type * as KillItself from "../processes/kill-itself.mjs";

const DIE_AT = new URL("die-at.mjs", import.meta.url).href;
const PLAIN_STORES = ["--import", new URL("plain-stores.mjs", import.meta.url).href];

/** Points of any operation, at least. */
const LEAST = 4;

type Context = Pick<ChildContext, "load">;

interface Order {
  readonly name: string;
  readonly mapping: Mapping;
  /** For a thread of the process that has the region. */
  readonly shared: SharedRegion | null;
  readonly depot: string;
  readonly dieAt: string;
  readonly point: number;
  readonly loads: boolean;
  readonly source: string;
  /** Where a thread says that it is at its point. A process dies there. */
  readonly words?: Int32Array;
}

/** In the process or thread that dies. How many points there were. */
async function operate({ load }: Context, order: Order): Promise<number> {
  const { Depot } = (await load(order.depot)) as DepotModule;
  const { dieAt, stayAt } = (await load(order.dieAt)) as typeof DieAt;
  const { shared, words } = order;
  const region = shared === null ? Depot.open(order.name, { mapping: order.mapping }) : Depot.fromShared(shared);
  // oxlint-disable-next-line no-new-func -- the operation's source, as all that is sent here
  const operation = new Function(`return (${order.source})`)() as (data: DepotData) => void;
  // Takes part before, so that points are those of the operation.
  region.data.ids.pop();
  const die = words && ((): void => stayAt(words));
  const points = dieAt(order.point, { loads: order.loads, ...(die && { die }) });
  operation(region.data);
  return points();
}

/** For {@link halfWay}. */
export const KILL = new URL("../processes/kill-itself.mjs", import.meta.url).href;

/** Dies when the half of an element is stored. In another process. */
export async function halfWay({ load }: Context, at: HalfWay): Promise<void> {
  const { Depot } = (await load(at.module)) as DepotModule;
  const { killItself } = (await load(at.kill)) as typeof KillItself;
  Depot.open(at.name, { mapping: at.mapping }).data[at.field].push({
    id: 7,
    by: 0,
    get sum(): number {
      killItself();
      return 0;
    },
  });
}
interface HalfWay {
  readonly module: string;
  readonly kill: string;
  readonly name: string;
  readonly mapping: Mapping;
  readonly field: "jobs" | "work";
}

/** What is killed, and what is looked at after each death. */
export interface Killed<S> {
  /** Whether loads are points, too. Default: they are. */
  readonly loads?: boolean;
  /** Before the other one begins. */
  prepare(data: DepotData): S | Promise<S>;
  /** In the other process or thread: sees its argument only. */
  operation(data: DepotData): void;
  /** In this one, when that has died, or ended. */
  check(data: DepotData, state: S, hasEnded: boolean): void | Promise<void>;
}

/** Of a process that is killed: how many points there were, if it lived through all of them. */
async function inProcess(order: Order): Promise<number | undefined> {
  const child = await startProcess(PLAIN_STORES);
  const points = await child.run(operate, order).catch((error: Error) => {
    if (!error.message.includes("signal=SIGKILL")) throw error;
    return undefined;
  });
  await child.kill();
  return points;
}

/** Of a thread that is terminated at its point, as {@link inProcess}. */
async function inThread(order: Order, depots: Depots): Promise<number | undefined> {
  // Systems without numbers for threads tell them apart by those of participants alone.
  const ours = new Set(
    depots
      .region()
      .participants()
      .map(({ number }) => number),
  );
  const thread = await startThread();
  const words = new Int32Array(new SharedArrayBuffer(8));
  let hasEnded = false;
  const operating = thread
    .run(operate, { ...order, shared: sharedAs(order.mapping, depots), words })
    .finally(() => (hasEnded = true));
  const isThere = (): boolean => Atomics.load(words, 0) === 1;
  await until(() => hasEnded || isThere(), "the thread is at its point, or has ended");
  const points = isThere() ? undefined : await operating;
  await Promise.all([thread.end(), operating.catch(() => undefined)]);
  const isDead = (): boolean =>
    depots
      .region()
      .participants()
      .every(({ number, alive }) => ours.has(number) || !alive);
  await until(isDead, "the thread is found dead");
  return points;
}

/**
 * Kills the operation before each point, in a region of its own each time, until it lives through all of them; in processes and threads, over
 * mappings of each kind. In `npm test` some points of each.
 */
export async function killedAtEach<S>(depots: Depots, what: string, killed: Killed<S>): Promise<void> {
  const random = new Random(runSeed(what));
  for (const mapping of KINDS) {
    for (const where of ["process", "thread"] as const) {
      const every = byDepth(20, 10, 1);
      let deaths = 0;
      for (let point = random.integer(1, Math.min(every, LEAST)); ; point += random.integer(1, 2 * every - 1)) {
        const data = depots.depot(mapping);
        const state = await killed.prepare(data);
        const source = killed.operation.toString().replace(/^(?!function|\(|async)/, "function ");
        const loads = killed.loads ?? true;
        const order = {
          name: depots.name(),
          mapping,
          shared: null,
          depot: depots.url,
          dieAt: DIE_AT,
          point,
          loads,
          source,
        };
        const points = await (where === "process" ? inProcess(order) : inThread(order, depots));
        await killed.check(data, state, points !== undefined);
        depots.close();
        if (points === undefined) {
          deaths += 1;
          continue;
        }
        console.log(`${what} in a ${where}, ${mapping}: ${points} points, ${deaths} deaths`);
        expect(points).toBeGreaterThanOrEqual(LEAST);
        break;
      }
    }
  }
}
