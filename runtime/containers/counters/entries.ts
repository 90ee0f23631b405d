/**
 * The places of series in memory: texts and values, stored where nobody sees them yet, and copied while somebody may store. Who reads has no
 * lock, and a place may be given to another series meanwhile, so that all is stored and loaded by atomic instructions between two looks at the
 * stamp; see readSeries().
 */
import { OWNER } from "../../../schema/containers/owner.js";
import { boundOf, HISTOGRAM, SERIES, SERIES_KIND } from "../../../schema/containers/counters.js";
import { histogramOfPart, histogramParts, type Labels, parseSeriesKey } from "../../../schema/containers/series-key.js";
import type { RawMemory } from "../../access/memory-view.js";

/** Where series lie, bytes from the start of the memory. */
export interface SeriesEntries {
  readonly memory: RawMemory;
  readonly entries: number;
  readonly buckets: number;
  readonly length: number;
}

/** What a series is. */
export type SeriesKind = "counter" | "gauge" | "histogram";

/** A bucket of a histogram that has something. */
export interface SeriesBucket {
  /** Values above are in others. Infinity for the last one. */
  readonly le: number;
  /** Values that it has, and not those of the buckets below. */
  readonly count: number;
}

interface Described {
  readonly name: string;
  readonly labels: Labels;
  readonly help: string;
  /** Participant who counts here; undefined for a series that was kept. */
  readonly owner: number | undefined;
}

/** A series, as it was. */
export type SeriesState = Described &
  (
    | { readonly kind: "counter" | "gauge"; readonly value: number }
    | {
        readonly kind: "histogram";
        readonly buckets: readonly SeriesBucket[];
        readonly count: number;
        readonly sum: number;
      }
  );

const KINDS = [undefined, "counter", "gauge", "histogram"] as const;
/** Looks at a place that is given to others all the time. */
const TRIES = 100;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const entryAt = ({ entries }: SeriesEntries, index: number): number => entries + index * SERIES.size;
export const bucketsAt = ({ buckets }: SeriesEntries, index: number): number => buckets + index * 8 * HISTOGRAM.buckets;
export const kindName = (kind: number): SeriesKind | undefined => KINDS[kind & SERIES_KIND.mask];

/** By who has the lock, of a place that is free. Values that are 0 already are left alone: pages that nobody wrote stay untouched. */
export function storeTexts(place: SeriesEntries, index: number, key: Uint8Array, help: Uint8Array): void {
  const at = entryAt(place, index);
  storeText(place.memory, at + SERIES.key, SERIES.keySize, key); // Step series.text
  storeText(place.memory, at + SERIES.help, SERIES.helpSize, help);
}

export function zeroValues({ memory, ...place }: SeriesEntries, index: number): void {
  const at = entryAt({ memory, ...place }, index) + SERIES.value;
  zero(memory, at, 8);
  zero(memory, bucketsAt({ memory, ...place }, index), 8 * HISTOGRAM.buckets);
}

function zero({ u32 }: RawMemory, at: number, size: number): void {
  for (let word = at / 4; word < (at + size) / 4; word += 1) {
    if (Atomics.load(u32, word) !== 0) Atomics.store(u32, word, 0); // Step series.zero
  }
}

function storeText({ u32 }: RawMemory, at: number, size: number, text: Uint8Array): void {
  for (let byte = 0; byte < size; byte += 4) {
    const word = (text[byte] ?? 0) | ((text[byte + 1] ?? 0) << 8) | ((text[byte + 2] ?? 0) << 16);
    Atomics.store(u32, (at + byte) / 4, (word | ((text[byte + 3] ?? 0) << 24)) >>> 0);
  }
}

/**
 * By who has the lock, of a place that is not free: whether it is the series of this key, or at least of its name, whose length is `nameSize`.
 */
export function compareKey(
  place: SeriesEntries,
  index: number,
  key: Uint8Array,
  nameSize: number,
): "same" | "name" | "other" {
  const { u8 } = place.memory;
  const at = entryAt(place, index) + SERIES.key;
  let same = 0;
  while (same < key.length && u8[at + same] === key[same]) same += 1;
  if (same === key.length && (same === SERIES.keySize || u8[at + same] === 0)) return "same";
  const behind = u8[at + nameSize];
  return same >= nameSize && (nameSize === SERIES.keySize || behind === 0 || behind === 0x7b) ? "name" : "other";
}

/** A name of others, and of what kind they would have to be, beside which a series cannot be told from theirs in a text of Prometheus. */
export interface Lookalike {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Undefined: of any. */
  readonly kind: SeriesKind | undefined;
  readonly histogram: string;
  readonly part: string;
}

export function lookalikesOf(kind: SeriesKind, name: string): Lookalike[] {
  const found: Lookalike[] = [];
  const add = (other: string, kindOf: SeriesKind | undefined, histogram: string, part: string): void => {
    found.push({ name: other, bytes: encoder.encode(other), kind: kindOf, histogram, part });
  };
  const histogram = histogramOfPart(name);
  if (histogram !== undefined) add(histogram, "histogram", histogram, name);
  if (kind === "histogram") for (const part of histogramParts(name)) add(part, undefined, name, part);
  return found;
}

/** By who has the lock, of a place that is not free. */
export function lookalikeAt(
  place: SeriesEntries,
  index: number,
  kind: SeriesKind | undefined,
  lookalikes: readonly Lookalike[],
): Lookalike | undefined {
  return lookalikes.find(
    (one) =>
      (one.kind === undefined || one.kind === kind) &&
      compareKey(place, index, one.bytes, one.bytes.length) !== "other",
  );
}

/** A series that somebody has, or that was kept; undefined for a free place, and for words that nobody leaves who keeps to the rules. */
export function readSeries(place: SeriesEntries, index: number): SeriesState | undefined {
  const { u32 } = place.memory;
  const at = entryAt(place, index);
  for (let tries = 0; tries < TRIES; tries += 1) {
    const stamp = Atomics.load(u32, (at + SERIES.stamp) / 4); // Step read.stamp
    // After the stamp: one that is not free now has its texts.
    const state = Atomics.load(u32, (at + SERIES.state) / 4); // Step read.state
    if (state === OWNER.free) return undefined;
    const found = copySeries(place, index, state); // Step read.copy
    if (Atomics.load(u32, (at + SERIES.stamp) / 4) === stamp) return found; // Step read.again
  }
  return undefined;
}

function copySeries(place: SeriesEntries, index: number, state: number): SeriesState | undefined {
  const { memory } = place;
  const at = entryAt(place, index);
  const kind = kindName(Atomics.load(memory.u32, (at + SERIES.kind) / 4));
  const key = parseSeriesKey(copyText(memory, at + SERIES.key, SERIES.keySize));
  const help = copyText(memory, at + SERIES.help, SERIES.helpSize);
  const value = loadDouble(memory, at + SERIES.value);
  if (kind === undefined || key === undefined) return undefined;
  const owner = state > OWNER.most ? undefined : state;
  if (kind !== "histogram") return { ...key, help, kind, value, owner };
  const buckets: SeriesBucket[] = [];
  let count = 0;
  for (let bucket = 0; bucket < HISTOGRAM.buckets; bucket += 1) {
    const has = loadDouble(memory, bucketsAt(place, index) + 8 * bucket);
    if (!(has > 0)) continue;
    buckets.push({ le: boundOf(bucket), count: has });
    count += has;
  }
  return { ...key, help, kind, buckets, count, sum: value, owner };
}

const scratch = new BigUint64Array(1);
const double = new Float64Array(scratch.buffer);

/** In one piece, and before what is loaded next. */
function loadDouble({ u64 }: RawMemory, at: number): number {
  scratch[0] = Atomics.load(u64, at / 8);
  return double[0] as number;
}

function copyText({ u32 }: RawMemory, at: number, size: number): string {
  const words = new Uint32Array(size / 4);
  let length = size;
  for (let index = 0; index < words.length; index += 1) {
    const word = (words[index] = Atomics.load(u32, at / 4 + index));
    // What is behind the first zero says nothing.
    if (((word - 0x0101_0101) & ~word & 0x8080_8080) !== 0) {
      length = 4 * (index + 1);
      break;
    }
  }
  const bytes = new Uint8Array(words.buffer, 0, length);
  const end = bytes.indexOf(0);
  return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end));
}
