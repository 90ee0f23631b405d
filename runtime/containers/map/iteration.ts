/**
 * All entries of a map, bucket after bucket, each bucket as it was at one moment: its chain is copied between two equal looks at its stamp. An
 * entry stays in its bucket when it is replaced, so that a key that is there all the time comes once.
 */
import { BUCKET_AT, BUCKET_SIZE, ENTRY_AT } from "../../../schema/containers/map.js";
import { type MemoryView, rawMemory } from "../../access/memory-view.js";
import { closed } from "../../access/refusals.js";
import { kernelMs, monotonicMs } from "../../monotonic.js";
import { TIMEOUT_MS } from "../parts/sleeping.js";
import type { Desk } from "./desk.js";
import { ENTRY_WORD } from "./place.js";
import { damagedChain, takenOutTooFast } from "./refusals.js";
import { expiryAt } from "./repair.js";

/** An entry as iterations find it. */
export interface Found {
  readonly key: unknown;
  readonly value: unknown;
  readonly until: number;
}

export type Wanted = "keys" | "values" | "both";

interface Where {
  readonly view: MemoryView;
  readonly field: string;
}

export function* entriesOf<R>(
  desk: Desk<unknown, never>,
  where: Where,
  wanted: Wanted,
  shown: (found: Found) => R,
): Generator<R, undefined, undefined> {
  const { view, field } = where;
  const words = rawMemory(view).u32;
  const { buckets, mask } = desk.place;
  for (let at = buckets; at <= buckets + mask * BUCKET_SIZE; at += BUCKET_SIZE) {
    if (view.closed) throw closed(view.label, field);
    if (Atomics.load(words, at / 4) === 0) continue;
    let found = bucketAt(desk, where, at, wanted);
    const deadline = found === undefined ? monotonicMs() + TIMEOUT_MS : 0;
    while (found === undefined) {
      if (monotonicMs() > deadline) throw takenOutTooFast(view.label, field);
      found = bucketAt(desk, where, at, wanted);
    }
    const now = found.some(({ until }) => until > 0) ? kernelMs() : 0;
    for (const one of found) if (one.until === 0 || one.until > now) yield shown(one);
  }
}

/** Undefined when an entry was taken out meanwhile. */
function bucketAt(
  { place, chains, key, value, slots }: Desk<unknown, never>,
  { view, field }: Where,
  bucket: number,
  wanted: Wanted,
): Found[] | undefined {
  const words = rawMemory(view).u32;
  const { entries, stride, capacity, keySize, valueSize } = place;
  const found: Found[] = [];
  const stampWord = (bucket + BUCKET_AT.stamp) / 4;
  const stamp = Atomics.load(words, stampWord);
  for (let link = bucket / 4; ;) {
    const entry = Atomics.load(words, link);
    if (entry === 0) return Atomics.load(words, stampWord) === stamp ? found : undefined;
    if (entry > capacity + 1 || found.length > capacity) {
      if (Atomics.load(words, stampWord) === stamp) throw damagedChain(view.label, field);
      return undefined;
    }
    const at = entries + entry * stride;
    const until = expiryAt(words, at / 4);
    const hasKey = wanted !== "values";
    const hasValue = wanted !== "keys";
    if (hasKey && chains.load(bucket, at + ENTRY_AT.key, key.memory, keySize) !== stamp) return undefined;
    if (hasValue && chains.load(bucket, at + place.value, value.memory, valueSize) !== stamp) return undefined;
    found.push({ key: hasKey ? key.value : undefined, value: hasValue ? slots.copy(0) : undefined, until });
    link = at / 4 + ENTRY_WORD.next;
  }
}
