/** A new region in memory of this process alone. */
import type { RegionDefinition } from "../access/definition.js";
import type { Flyweight } from "../access/flyweight.js";
import { rawMemory } from "../access/memory-view.js";
import { checkOptions } from "../arguments/check-options.js";
import { beginInitialisation, markReady } from "../format/initialise.js";
import { type Plan, extentOf, reserveOf } from "../format/plan.js";
import { thisThread } from "../host.js";
import type { LocalOptions } from "../open/options.js";
import { refusePromise, tailLengthNeeded } from "../format/refusals.js";
import { Region } from "../region/region.js";
import { localMemory, localPlanOf, newBuffer } from "./local-memory.js";
import { headerOf, localView } from "./local-view.js";
import { notALabel } from "./refusals.js";

const LABEL_MAX = 255;
/** A tail of which nothing is said can become so many times as long, of so many bytes at least and at most. */
const GROWS = 16;
const [GROWS_TO_LEAST, GROWS_TO_MOST] = [1 << 24, 1 << 28];

/**
 * Makes a region in memory of this process alone, for tests, for machines without shared memory and for browsers: the accessors, containers
 * and waits of any region, over a SharedArrayBuffer. `share()` and `fromShared()` give it to other threads of this process.
 * @throws ShmError ERR_SHM_UNSUPPORTED where there is no SharedArrayBuffer, ERR_SHM_NO_SPACE; ShmRangeError for a length out of range
 */
export function createLocalRegion<T extends Flyweight, R extends Flyweight>(
  definition: RegionDefinition<T, R>,
  options: LocalOptions<T> = {},
): Region<T> {
  checkOptions(options, "createLocal");
  const plan = localPlanOf(definition);
  const { label = plan.name, tailLength } = options;
  if (typeof label !== "string" || label.length === 0 || label.length > LABEL_MAX) throw notALabel(label);
  const path = `local:${label}`;
  const extent = extentOf(plan, tailLength, path);
  if (plan.tailStride > 0 && tailLength === undefined) throw tailLengthNeeded(plan.name, path);
  const buffer = newBuffer(extent.size, reserveFor(plan, options, path), path);
  const recoverers = new Int32Array(new SharedArrayBuffer(4));
  const memory = localMemory({ id: newId(), path, buffer, recoverers });
  const { accessor } = definition;
  const view = localView(memory, accessor, plan, extent);
  try {
    const generation = plan.header === "dotnet" ? 0 : 1;
    const creator = { pid: thisThread().pid, startTime: 0n, bootId: 0n };
    beginInitialisation(view.memory, { plan, extent, generation, blank: true, kept: false, creator });
    const returned: unknown = options.initialise?.(view.data);
    refusePromise(returned, path);
    markReady(view.memory, plan, extent);
    const headerCopy = headerOf(view.memory, plan);
    return new Region({
      name: label,
      outcome: "created",
      memory,
      view,
      accessor,
      plan,
      generation,
      headerCopy,
      keep: false,
    });
  } catch (error) {
    rawMemory(view.memory).futex?.close?.();
    memory.participants?.close();
    view.memory.retire();
    throw error;
  }
}

/** Bytes up to which it can grow. */
function reserveFor(
  plan: Plan,
  { tailLength = 0, maxTail }: Pick<LocalOptions<never>, "tailLength" | "maxTail">,
  path: string,
): number {
  if (maxTail !== undefined || plan.tailStride === 0) return reserveOf(plan, maxTail, path);
  const [least, most] = [GROWS_TO_LEAST, GROWS_TO_MOST].map((bytes) => Math.floor(bytes / plan.tailStride));
  return extentOf(plan, Math.max(tailLength, least ?? 0, Math.min(tailLength * GROWS, most ?? 0)), path).size;
}

/** Told from others of this process; names nothing. */
function newId(): string {
  return Array.from({ length: 2 }, () => Math.random().toString(36).slice(2)).join("");
}
