/** From a file with its lock to a region that its user has in hand. */
import type { FlyweightClass, RegionDefinition } from "../access/definition.js";
import type { Flyweight } from "../access/flyweight.js";
import type { Access, MapRequest } from "../os/contract.js";
import type { Entry } from "../file/entry.js";
import { FileMemory } from "../mapping/file-memory.js";
import { RegionMapping, type OpenedFacts } from "../mapping/region-mapping.js";
import { markKept } from "./mark-kept.js";
import { nameAt } from "../place/place.js";
import { type Extent, type Plan, reserveOf } from "../format/plan.js";
import { Region, type RegionOutcome } from "../region/region.js";
import type { Request } from "./request.js";
import { type RegionView, type RegionViewRequest, createView } from "../mapping/region-view.js";

/** Mapped, but not yet a region that anybody else knows of. */
export interface Opened<D extends Flyweight> {
  readonly mapping: RegionMapping;
  readonly accessor: FlyweightClass<D>;
  readonly view: RegionView<D>;
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
  const mapping = new RegionMapping({ request, lease: { fd, dev, ino, place }, file: { dev, ino }, tailLength });
  try {
    return firstView<T | R>({ mapping, accessor: accessorOf(definition, access), plan, size, tailLength });
  } catch (error) {
    mapping.discard();
    throw error;
  }
}

/** The view that a region begins with. */
export function firstView<D extends Flyweight>({
  mapping,
  accessor,
  plan,
  size,
  tailLength,
}: Omit<RegionViewRequest<D>, "source" | "offset" | "hasHeader" | "otherVersion" | "containers"> & {
  readonly mapping: RegionMapping;
  readonly plan: Plan;
}): Opened<D> {
  const hasHeader = plan.header === "standard";
  const { headerSize: offset, otherVersion, containers } = plan;
  return {
    mapping,
    accessor,
    view: createView({ source: mapping, accessor, offset, size, tailLength, hasHeader, otherVersion, containers }),
  };
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
  facts: OpenedFacts,
  outcome: RegionOutcome,
): Region<T | R> {
  const { mapping, accessor, view } = opened;
  const { plan, generation, headerCopy } = facts;
  if (mapping.facts === undefined) mapping.register(facts);
  const keep = options.cleanup === "keep";
  if (keep) markKept(view.memory, plan, mapping.request.access);
  // Property by property, because spreading objects costs as much as a system call.
  const memory = new FileMemory(mapping);
  return new Region({ name: nameAt(place), outcome, memory, view, accessor, plan, generation, headerCopy, keep });
}

/** For `region.header`, which is rarely asked for. */
export function copyToKeep({ plan }: { readonly plan: Plan }, copy: Uint8Array): Uint8Array | undefined {
  return plan.header === "standard" ? copy : undefined;
}
