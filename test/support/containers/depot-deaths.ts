/** Operations on a depot in a process that is killed before each of its stores to the region. */
import { expect } from "vitest";
import type { DepotData, DepotModule } from "./depot.js";
import type { Depots } from "./depots.js";
import type * as DieAt from "./die-at.mjs";
import { type ChildContext, startProcess } from "../processes/processes.js";
import { byDepth } from "../run/depth.js";
import { Random, runSeed } from "../run/random.js";

const DIE_AT = new URL("die-at.mjs", import.meta.url).href;
const PLAIN_STORES = ["--import", new URL("plain-stores.mjs", import.meta.url).href];

interface Order {
  readonly name: string;
  readonly depot: string;
  readonly mapping: Mapping;
  readonly dieAt: string;
  readonly point: number;
  readonly loads: boolean;
  readonly source: string;
}

/** In the process that dies. How many points there were. */
async function operate({ load }: ChildContext, order: Order): Promise<number> {
  const { Depot } = (await load(order.depot)) as DepotModule;
  const { dieAt } = (await load(order.dieAt)) as typeof DieAt;
  const region = Depot.open(order.name, { mapping: order.mapping });
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
  /** Whether memory of WebAssembly has a kernel for it, so that both kinds are tried. Otherwise one is drawn. */
  readonly hasKernel?: boolean;
  /** Before the other process begins. */
  prepare(data: DepotData): S | Promise<S>;
  /** In the other process: sees its argument only. */
  operation(data: DepotData): void;
  /** In this one, when that has died, or ended. */
  check(data: DepotData, state: S, hasEnded: boolean): void | Promise<void>;
}

/** Memory of WebAssembly, where some calls are one of a kernel, and other memory, where each of their stores is a point. */
const MAPPINGS = ["view", "wasm"] as const;
type Mapping = (typeof MAPPINGS)[number];

/**
 * Kills the operation before each point, in a region of its own each time, until it lives through all of them. In `npm test` at one of a few.
 */
export async function killedAtEach<S>(depots: Depots, what: string, killed: Killed<S>): Promise<void> {
  const one = new Random(runSeed(`${what}, memory`)).pick(MAPPINGS);
  for (const mapping of killed.hasKernel === true ? MAPPINGS : [one]) {
    await killedAtEachIn(mapping, depots, `${what}, ${mapping}`, killed);
  }
}

async function killedAtEachIn<S>(mapping: Mapping, depots: Depots, what: string, killed: Killed<S>): Promise<void> {
  const every = byDepth(7, 4, 1);
  const random = new Random(runSeed(what));
  for (let point = random.integer(1, every); ; point += every) {
    const data = depots.depot();
    const state = await killed.prepare(data);
    const child = await startProcess(PLAIN_STORES);
    const source = killed.operation.toString().replace(/^(?!function|\(|async)/, "function ");
    const [name, loads] = [depots.name(), killed.loads ?? true];
    const order = { name, depot: depots.url, mapping, dieAt: DIE_AT, point, loads, source };
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
    return;
  }
}
