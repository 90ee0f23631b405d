/** Operations on a depot in a process that is killed before each of its atomic operations on the region. */
import { expect } from "vitest";
import type { DepotData, DepotModule } from "./depot.js";
import type { Depots } from "./depots.js";
import type * as DieAt from "./die-at.mjs";
import { type ChildContext, startProcess } from "../processes/processes.js";
import { byDepth } from "../run/depth.js";
import { Random, runSeed } from "../run/random.js";

const DIE_AT = new URL("die-at.mjs", import.meta.url).href;

interface Order {
  readonly name: string;
  readonly depot: string;
  readonly dieAt: string;
  readonly point: number;
  readonly loads: boolean;
  readonly source: string;
}

/** In the process that dies. How many points there were. */
async function operate({ load }: ChildContext, order: Order): Promise<number> {
  const { Depot } = (await load(order.depot)) as DepotModule;
  const { dieAt } = (await load(order.dieAt)) as typeof DieAt;
  const region = Depot.open(order.name);
  // oxlint-disable-next-line no-new-func -- the operation's source, as all that is sent here
  const operation = new Function(`return (${order.source})`)() as (data: DepotData) => void;
  // Takes part before, so that points are those of the operation.
  region.data.ids.pop();
  const points = dieAt(order.point, { loads: order.loads });
  operation(region.data);
  return points();
}

/** Dies when the half of an element is stored. In another process. */
export async function halfWay(
  { load }: ChildContext,
  module: string,
  name: string,
  field: "jobs" | "work",
): Promise<void> {
  const { Depot } = (await load(module)) as DepotModule;
  Depot.open(name).data[field].push({
    id: 7,
    by: 0,
    get sum(): number {
      process.kill(process.pid, "SIGKILL");
      return 0;
    },
  });
}

/** What is killed, and what is looked at after each death. */
export interface Killed<S> {
  /** Whether loads are points, too. Default: they are. */
  readonly loads?: boolean;
  /** Before the other process begins. */
  prepare(data: DepotData): S | Promise<S>;
  /** In the other process: sees its argument only. */
  operation(data: DepotData): void;
  /** In this one, when that has died, or ended. */
  check(data: DepotData, state: S, hasEnded: boolean): void | Promise<void>;
}

/**
 * Kills the operation before each point, in a region of its own each time, until it lives through all of them: how many points there were. In
 * `npm test` one of a few.
 */
export async function killedAtEach<S>(depots: Depots, what: string, killed: Killed<S>): Promise<number> {
  const every = byDepth(5, 3, 1);
  const random = new Random(runSeed(what));
  for (let point = random.integer(1, every); ; point += every) {
    const data = depots.depot();
    const state = await killed.prepare(data);
    const child = await startProcess();
    const source = killed.operation.toString().replace(/^(?!function|\(|async)/, "function ");
    const order = { name: depots.name(), depot: depots.url, dieAt: DIE_AT, point, loads: killed.loads ?? true, source };
    const points = await child.run(operate, order).catch((error: Error) => {
      if (!error.message.includes("signal=SIGKILL")) throw error;
      return undefined;
    });
    await child.kill();
    await killed.check(data, state, points !== undefined);
    depots.close();
    if (points === undefined) continue;
    console.log(`${what}: ${points} points`);
    expect(points).toBeGreaterThan(3);
    return points;
  }
}
