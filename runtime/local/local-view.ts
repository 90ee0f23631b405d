/** What a handle of a local region hands out, however it came by it. */
import type { FlyweightClass } from "../access/definition.js";
import type { Flyweight } from "../access/flyweight.js";
import { type MemoryView, rawMemory } from "../access/memory-view.js";
import type { Extent, Plan } from "../format/plan.js";
import { type RegionView, createView } from "../mapping/region-view.js";
import type { LocalMemory } from "./local-memory.js";

export function localView<D extends Flyweight>(
  source: LocalMemory,
  accessor: FlyweightClass<D>,
  { headerSize: offset, header, containers }: Plan,
  { size, tailLength }: Extent,
): RegionView<D> {
  return createView({ source, accessor, offset, size, tailLength, hasHeader: header === "standard", containers });
}

/** For `region.header`. */
export function headerOf(memory: MemoryView, { header, headerSize }: Plan): Uint8Array | undefined {
  return header === "standard" ? rawMemory(memory).u8.slice(0, headerSize) : undefined;
}
