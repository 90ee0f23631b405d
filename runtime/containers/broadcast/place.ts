/** A broadcast in memory, as its readers and its writer need it. */
import { BROADCAST } from "../../../schema/containers/broadcast.js";
import { OWNER } from "../../../schema/containers/owner.js";
import type { Element } from "../../access/arrays.js";
import { type MemoryView, type RawMemory, rawMemory } from "../../access/memory-view.js";
import type { ShmErrorFacts } from "../../errors.js";
import type { ContainerShape } from "../container.js";
import { newLocal } from "../parts/local-value.js";
import { pidFact } from "../parts/role.js";
import { type StampedSlots, stampedSlotsOf } from "../parts/stamped-slots.js";
import { damagedTail, nothingPublished } from "./refusals.js";

/** Whatever it holds. */
export interface BroadcastWords {
  readonly view: MemoryView;
  readonly memory: RawMemory;
  /** Bytes from the start of the view. */
  readonly offset: number;
  readonly field: string;
  readonly length: number;
  readonly slots: StampedSlots;
}

export interface BroadcastPlace<T, W> extends BroadcastWords {
  readonly shape: ContainerShape<T, W>;
  readonly of: Element<T, W>;
}

/** Of the words, in 32 bits of the memory. */
const WRITER = BROADCAST.at.writer / 4;

export function placeOf<T, W>(
  view: MemoryView,
  offset: number,
  shape: ContainerShape<T, W>,
  field: string,
): BroadcastPlace<T, W> {
  const memory = rawMemory(view);
  const { of, length = 0, at } = shape;
  const { slots = 0, "slots.stride": stride = 0, "slots.value": value = 0 } = at;
  if (of === undefined) throw new Error("a broadcast without its element");
  const size = Math.ceil(of.size / 8) * 8;
  if (value + size > stride || slots + length * stride > shape.size) throw new Error("a broadcast of another element");
  const place = { offset, slots: offset + slots, stride, value, size, length };
  const { memory: copy } = newLocal(of, field);
  return { view, memory, offset, shape, of, field, length, slots: stampedSlotsOf(memory, place, copy) };
}

/** What messages say of it. */
export function factsOf({ view, field }: BroadcastWords): ShmErrorFacts {
  return { path: view.label, field };
}

/** Elements that were published, at least `least` of them. @throws ShmError ERR_SHM_FORMAT for a number that no writer leaves */
export function publishedOf(place: BroadcastWords, least: number): number {
  const tail = place.slots.published();
  if (!(tail >= least && tail < Number.MAX_SAFE_INTEGER)) throw damagedTail(factsOf(place), tail, least);
  return tail;
}

/** Who writes, alive or dead; 0: nobody. */
export function writerOf({ memory, offset }: BroadcastWords): number {
  return Atomics.load(memory.u32, offset / 4 + WRITER) & OWNER.mask;
}

/** The error of who waited in vain: names the writer. */
export function late(place: BroadcastWords, timeoutMs: number): Error {
  const owner = writerOf(place);
  const { participants } = place.memory;
  const writer = owner === OWNER.free ? "nobody" : (participants?.describe(owner) ?? `participant ${owner}`);
  const pid = owner === OWNER.free ? undefined : participants?.pidOf(owner);
  return nothingPublished({ ...factsOf(place), ...pidFact(pid) }, writer, timeoutMs);
}
