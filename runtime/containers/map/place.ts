/** Where the words of a map lie, from the layout of its schema alone: nothing that memory says moves any of them. */
import { bucketsOf, ENTRY_AT, MAP } from "../../../schema/containers/map.js";
import type { ContainerShape } from "../container.js";

/** Bytes from the start of the view, unless it says otherwise. */
export interface MapPlace {
  readonly offset: number;
  readonly buckets: number;
  /** Buckets but one: the bits of a hash that say its bucket. */
  readonly mask: number;
  /** One stride before the first entry, because they count from 1. */
  readonly entries: number;
  readonly stride: number;
  /** How many the map holds. One more entry is there. */
  readonly capacity: number;
  /** Bytes of a key in an entry, a multiple of 8. */
  readonly keySize: number;
  /** Where the value lies in an entry. */
  readonly value: number;
  /** Bytes of a value that are copied, a multiple of 8. */
  readonly valueSize: number;
}

const whole = (size: number): number => Math.ceil(size / 8) * 8;

export function mapPlace(offset: number, shape: ContainerShape<unknown, never>): MapPlace {
  const { length: capacity = 0, at, parts, key, of } = shape;
  const entry = parts?.["entry"];
  if (key === undefined || of === undefined || entry === undefined) throw new Error("a map without its key and value");
  const stride = entry.size;
  const place = {
    offset,
    buckets: offset + (at["buckets"] ?? 0),
    mask: bucketsOf(capacity) - 1,
    entries: offset + (at["entries"] ?? 0) - stride,
    stride,
    capacity,
    keySize: whole(key.of.size),
    value: entry.at["value"] ?? 0,
    valueSize: whole(of.size),
  };
  if (place.value + place.valueSize > stride) throw new Error("a map of another value");
  return place;
}

/** Words of a map and of its entries, by their indices in the view's words. */
export const WORD = {
  lock: MAP.at.lock / 4,
  losses: MAP.at.losses / 4,
  repaired: MAP.at.repaired / 4,
  count: MAP.at.count / 4,
  free: MAP.at.free / 4,
  oldest: MAP.at.oldest / 4,
  newest: MAP.at.newest / 4,
  tickets: MAP.at.tickets / 4,
  seed: MAP.at.seed / 4,
  seedHigh: MAP.at.seedHigh / 4,
  earliest: MAP.at.earliest / 4,
} as const;

export const ENTRY_WORD = {
  next: ENTRY_AT.next / 4,
  hash: ENTRY_AT.hash / 4,
  older: ENTRY_AT.older / 4,
  newer: ENTRY_AT.newer / 4,
  ticket: ENTRY_AT.ticket / 4,
  expires: ENTRY_AT.expires / 4,
} as const;
