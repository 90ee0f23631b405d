/**
 * Places in `length` bytes that are used again and again: counters from 0 to twice the length, modulo that. So one word says where
 * something is and in which of two laps, and the length may be any. Lengths are at most 2^30, so that counters are positive.
 */
import type { MemoryView, RawMemory } from "../../access/memory-view.js";
import { rawMemory } from "../../access/memory-view.js";
import { type Counters, countersOf } from "./counters.js";
import type { SidePlace } from "./sides.js";

/** A container whose elements are bytes. */
export interface BytesPlace extends SidePlace {
  readonly counters: Counters;
  /** How many bytes there are. */
  readonly length: number;
  /** Where they begin, bytes in the view. */
  readonly first: number;
}

export function bytesPlace(
  view: MemoryView,
  { offset, first, length }: { readonly offset: number; readonly first: number; readonly length: number },
  field: string,
): BytesPlace {
  const memory = rawMemory(view);
  return { view, memory, words: memory.u32, base: offset / 4, field, counters: countersOf(memory), length, first };
}

export function placeOf(counter: number, length: number): number {
  return counter < length ? counter : counter - length;
}

export function advanced(counter: number, by: number, length: number): number {
  const next = counter + by;
  return next < 2 * length ? next : next - 2 * length;
}

/** Bytes from `read` on to `write`, those that were left out at the end of a lap among them. */
export function usedOf(write: number, read: number, length: number): number {
  const used = write - read;
  return used < 0 ? used + 2 * length : used;
}

/** Whether two counters can be those of a container. */
export function areCounters(write: number, read: number, length: number): boolean {
  return write >= 0 && read >= 0 && write < 2 * length && read < 2 * length && usedOf(write, read, length) <= length;
}

/** Looks at both counters, until the one of the consumer has not changed between two. */
const LOOKS = 100;

/** Both counters of one moment, if that is to be had. Indices are those of words in `u32`. */
export function countersNow(
  { u32 }: RawMemory,
  writeAt: number,
  readAt: number,
): readonly [write: number, read: number] {
  let read = Atomics.load(u32, readAt);
  for (let looks = 0; ; looks += 1) {
    const write = Atomics.load(u32, writeAt);
    const again = Atomics.load(u32, readAt);
    // Others are faster than we look: of no one moment then.
    if (again === read || looks === LOOKS) return [write, read];
    read = again;
  }
}

/** Whether a value is an array of bytes, also one of another realm. */
export function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && "BYTES_PER_ELEMENT" in value && value.BYTES_PER_ELEMENT === 1;
}
