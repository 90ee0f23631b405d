/** The stores of an initialisation, in their one safe order. The caller holds the region's file exclusively. */
import { type MemoryView, rawMemory } from "../access/memory-view.js";
import { type Store, announcingStores, fillingStores, readyStore } from "./header.js";
import type { Extent, Plan } from "./plan.js";

/** What to initialise. */
export interface Initialisation {
  readonly plan: Plan;
  readonly extent: Extent;
  readonly generation: number;
  /** The file is known to hold only zeros. */
  readonly blank: boolean;
  /** Whether the region is to stay when nobody has it open. */
  readonly kept: boolean;
  /** Who does it, by the words of the header. */
  readonly creator: Creator;
}

/** A process: its number, when it began in ticks since boot, and which boot that was. */
export interface Creator {
  readonly pid: number;
  readonly startTime: bigint;
  readonly bootId: bigint;
}

/**
 * Announces the initialisation, zeroes what is mapped and fills the header in. Until markReady, whoever finds the file
 * unlocked knows that it is incomplete. Pairs with judge() in format/verdict.ts.
 */
export function beginInitialisation(memory: MemoryView, initialisation: Initialisation): void {
  const { plan, extent, generation, blank, kept, creator } = initialisation;
  const { u8, u64 } = rawMemory(memory);
  if (plan.header === "dotnet") {
    Atomics.store(u64, 0, 0n);
    if (!blank) u8.fill(0, plan.headerSize);
    return;
  }
  // Steps initialise.announceState, .announceGeneration and .announceMagic of test/model.
  for (const store of announcingStores(generation)) apply(memory, store);
  if (!blank) {
    // Step initialise.zero.
    u8.fill(0, 8, 64);
    u8.fill(0, 72);
  }
  const stores = fillingStores(plan.identity, {
    ...extent,
    generation,
    descriptorSize: plan.descriptor.length,
    creatorPid: creator.pid,
    creatorStartTime: creator.startTime,
    bootId: creator.bootId,
    initialisedAt: BigInt(Date.now()) * 1_000_000n,
    kept,
  });
  // Step initialise.fillHeader.
  for (const store of stores) apply(memory, store);
}

/**
 * Publishes the region: its last store, after everything that the initialiser wrote.
 * Pairs with the read of the header in open/decide.ts, which takes place under a lock that is got later.
 */
export function markReady(memory: MemoryView, plan: Plan, extent: Extent): void {
  if (plan.header === "dotnet") {
    Atomics.store(rawMemory(memory).u64, 0, BigInt(plan.typeId | (plan.version << 8)));
    return;
  }
  // Step initialise.markReady.
  rawMemory(memory).u8.set(plan.descriptor, extent.descriptorOffset);
  apply(memory, readyStore());
}

function apply(memory: MemoryView, { offset, size, value }: Store): void {
  const raw = rawMemory(memory);
  if (size === 8) Atomics.store(raw.u64, offset / 8, value);
  else Atomics.store(raw.u32, offset / 4, Number(value));
}
