import { HEADER_OFFSET, KEPT_BIT } from "../../schema/region-format.js";
import { type MemoryView, rawMemory } from "../access/memory-view.js";
import type { Access } from "../os/contract.js";
import type { Plan } from "../format/plan.js";

const INDEX = HEADER_OFFSET.initialisedAt / 8;

/**
 * Says in the header of a complete region that it is to stay. One `or`: whoever dies before it leaves a region that is not kept, and no
 * reader of the header sees anything in between. Nothing to do where the header has no room for it, or is not ours to write.
 */
export function markKept(memory: MemoryView, { header }: Plan, access: Access): void {
  if (header === "dotnet" || access !== "read-write") return;
  const { u64 } = rawMemory(memory);
  // Who comes later only looks, so that the line stays shared. Step open.markKept of test/model.
  if ((Atomics.load(u64, INDEX) & KEPT_BIT) === 0n) Atomics.or(u64, INDEX, KEPT_BIT);
}
