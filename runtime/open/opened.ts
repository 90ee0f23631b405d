/** From a file with its lock to a region that its user has in hand. */
import type { FlyweightClass, RegionDefinition } from "../access/definition.js";
import type { Flyweight } from "../access/flyweight.js";
import type { Access, MapRequest } from "../os/memory.js";
import type { Entry } from "../file/entry.js";
import { Hold, type HoldFacts } from "../mapping/hold.js";
import { nameAt } from "../place/place.js";
import { type Extent, type Plan, reserveOf } from "../format/plan.js";
import { Region, type RegionOutcome } from "../region/region.js";
import type { Request } from "./request.js";
import { type Sight, type SightRequest, lookAt } from "../mapping/sight.js";

/** Mapped, but not yet a region that anybody else knows of. */
export interface Opened<D extends Flyweight> {
  readonly hold: Hold;
  readonly accessor: FlyweightClass<D>;
  readonly sight: Sight<D>;
}

/** `allocate`: as in {@link MapRequest}. */
export function mapEntry<T extends Flyweight, R extends Flyweight>(
  { definition, place, access, options }: Request<T, R>,
  entry: Entry,
  { size, tailLength }: Extent,
  plan: Plan,
  allocate = false,
): Opened<T | R> {
  const { fd, dev, ino } = entry;
  const { path } = place;
  const reserve = Math.max(size, reserveOf(plan, options.maxTail, path));
  const request: MapRequest = { fd, size, reserve, access, kind: options.mapping ?? "auto", path, allocate };
  const hold = new Hold({ request, held: { fd, dev, ino, place }, file: { dev, ino }, tailLength });
  try {
    return lookThrough<T | R>({ hold, accessor: accessorOf(definition, access), plan, size, tailLength });
  } catch (error) {
    hold.discard();
    throw error;
  }
}

/** The first look at a mapping. */
export function lookThrough<D extends Flyweight>({
  hold,
  accessor,
  plan,
  size,
  tailLength,
}: Omit<SightRequest<D>, "offset" | "hasHeader" | "acting"> & { readonly plan: Plan }): Opened<D> {
  const hasHeader = plan.header === "standard";
  const { headerSize: offset, acting } = plan;
  return { hold, accessor, sight: lookAt({ hold, accessor, offset, size, tailLength, hasHeader, acting }) };
}

/** What shows the data to one who has these rights. */
export function accessorOf<T extends Flyweight, R extends Flyweight>(
  definition: RegionDefinition<T, R>,
  access: Access,
): FlyweightClass<T | R> {
  return access === "read-only" ? definition.reader : definition.accessor;
}

export function regionOf<T extends Flyweight, R extends Flyweight>(
  { place, options }: Request<T, R>,
  opened: Opened<T | R>,
  facts: HoldFacts,
  outcome: RegionOutcome,
): Region<T | R> {
  const { hold, accessor, sight } = opened;
  const { plan, generation, headerCopy } = facts;
  if (hold.facts === undefined) hold.publish(facts);
  const keep = options.cleanup === "keep";
  // Property by property, because spreading objects costs as much as a system call.
  return new Region({ name: nameAt(place), outcome, hold, sight, accessor, plan, generation, headerCopy, keep });
}

/** For `region.header`, which is rarely asked for. */
export function copyToKeep({ plan }: { readonly plan: Plan }, copy: Uint8Array): Uint8Array | undefined {
  return plan.header === "standard" ? copy : undefined;
}
