/**
 * What is made anew of a map, from its buckets alone, by who has the lock after somebody died with it: which entries are free, how many there are
 * and in which order they were set. The steps are those of test/model/map.ts.
 *
 * An entry that was taken out when its owner died may be free already, or not, and the stamp of its bucket raised, or not. So all stamps are
 * raised before the first entry is called free: readers that stand on one of them look again. Who dies in here is another loss, and the next
 * one begins from the start.
 */
import { BUCKET_SIZE } from "../../../schema/containers/map.js";
import { FreeEntries } from "./free-entries.js";
import { ENTRY_WORD, type MapPlace, WORD } from "./place.js";

const TWO_21 = 2 ** 21;
const TWO_32 = 2 ** 32;

/** Until when an entry holds, in ms of CLOCK_MONOTONIC; 0: for ever. */
export function expiryAt(words: Uint32Array, entry: number): number {
  const low = entry + ENTRY_WORD.expires;
  return Atomics.load(words, low) + Atomics.load(words, low + 1) * TWO_32;
}

/** Stores 64 bits in two halves, for who has the lock. */
export function storeWide(words: Uint32Array, index: number, value: number): void {
  Atomics.store(words, index, value >>> 0);
  Atomics.store(words, index + 1, Math.floor(value / TWO_32));
}

/** Whether something has to be made anew. */
export function needsRepair(words: Uint32Array, first: number): boolean {
  // Step change.losses
  return Atomics.load(words, first + WORD.losses) !== Atomics.load(words, first + WORD.repaired);
}

export function repair(words: Uint32Array, place: MapPlace): void {
  const first = place.offset / 4;
  const losses = Atomics.load(words, first + WORD.losses);
  const { order, isLinked, earliest } = linked(words, place);
  order.sort();
  const entries = order.map((one) => one % TWO_21);
  storeOrder(words, place, entries);
  new FreeEntries(words, place).rebuild(isLinked);
  Atomics.store(words, first + WORD.count, entries.length); // Step repair.count
  storeWide(words, first + WORD.earliest, earliest);
  Atomics.store(words, first + WORD.repaired, losses); // Step repair.done
}

interface Linked {
  /** Of each entry, the older ones first: how long ago it was set, and which it is. */
  readonly order: Float64Array;
  readonly isLinked: Uint8Array;
  readonly earliest: number;
}

/** What the buckets name, each of which gets a new stamp. What cannot be a chain ends where it becomes none. */
function linked(words: Uint32Array, place: MapPlace): Linked {
  const { capacity, buckets, mask, entries, stride, offset } = place;
  const isLinked = new Uint8Array(capacity + 2);
  const order = new Float64Array(capacity);
  const tickets = Atomics.load(words, offset / 4 + WORD.tickets);
  let count = 0;
  let earliest = Infinity;
  for (let bucket = 0; bucket <= mask; bucket += 1) {
    const head = (buckets + bucket * BUCKET_SIZE) / 4;
    for (let link = head; ;) {
      const entry = words[link]!; // Step repair.look
      if (entry === 0) break;
      const at = (entries + entry * stride) / 4;
      const isOne = entry <= capacity + 1 && isLinked[entry] === 0 && count < capacity;
      // Nobody else changes these, so that they need no atomic loads, which are calls.
      if (!isOne || (words[at + ENTRY_WORD.hash]! & mask) !== bucket) {
        Atomics.store(words, link, 0);
        break;
      }
      isLinked[entry] = 1;
      const age = (tickets - words[at + ENTRY_WORD.ticket]!) >>> 0;
      order[count++] = (TWO_32 - 1 - age) * TWO_21 + entry;
      const expires = words[at + ENTRY_WORD.expires]! + words[at + ENTRY_WORD.expires + 1]! * TWO_32;
      if (expires !== 0 && expires < earliest) earliest = expires;
      link = at;
    }
    Atomics.add(words, head + 1, 1); // Step repair.raise
  }
  return { order: order.subarray(0, count), isLinked, earliest: earliest === Infinity ? 0 : earliest };
}

function storeOrder(words: Uint32Array, { offset, entries, stride }: MapPlace, order: Float64Array): void {
  for (let index = 0; index < order.length; index += 1) {
    const at = (entries + order[index]! * stride) / 4;
    Atomics.store(words, at + ENTRY_WORD.older, order[index - 1] ?? 0); // Step repair.order
    Atomics.store(words, at + ENTRY_WORD.newer, order[index + 1] ?? 0);
  }
  Atomics.store(words, offset / 4 + WORD.oldest, order[0] ?? 0);
  Atomics.store(words, offset / 4 + WORD.newest, order.at(-1) ?? 0);
}
