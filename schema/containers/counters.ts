import type { TypeIr } from "../type-kinds.js";
import type { Word } from "../scalars.js";
import { container, type ContainerField, lengthOf } from "./container.js";

/** Where the words of a series lie, bytes, how large it is, and what its texts may have, bytes of UTF-8 with zeros behind them. */
export const SERIES = {
  state: 0,
  kind: 4,
  next: 8,
  stamp: 12,
  value: 16,
  key: 24,
  help: 200,
  size: 320,
  keySize: 176,
  helpSize: 120,
} as const;

/** What a series is: the lower 8 bits of its `kind`. `kept`: a bit beside them. */
export const SERIES_KIND = { mask: 0xff, counter: 1, gauge: 2, histogram: 3, kept: 0x100 } as const;

/**
 * Buckets of a histogram: each power of two is divided into 4. Bucket 0 has what is not above 2^`least`, the last one what is above all
 * bounds. A double without its sign counts on in buckets by its upper 14 bits, of which `first` are those of 2^`least`.
 */
export const HISTOGRAM = { buckets: 256, least: -24, parts: 4, shift: 18, first: (1023 - 24) * 4 } as const;

/** The largest value that bucket `index` has; Infinity of the last one. */
export function boundOf(index: number): number {
  if (index >= HISTOGRAM.buckets - 1) return Infinity;
  const { least, parts } = HISTOGRAM;
  return 2 ** (least + Math.floor(index / parts)) * (1 + (index % parts) / parts);
}

const word = (name: string, docs: string): ContainerField => ({
  name,
  type: { kind: "atomic", of: { kind: "scalar", scalar: "u32" } },
  docs,
});
const NUMBER: TypeIr = { kind: "scalar", scalar: "f64" };
const ENTRY: readonly ContainerField[] = [
  word("state", "0: free; 65535: nobody's, and its values hold; else the participant who counts here."),
  word("kind", "Bits 0-7: 1 counter, 2 gauge, 3 histogram. Bit 8: it stays when its owner dies."),
  word("next", "1 + the next free series of the list; 0: none."),
  word("stamp", "Raised by one before the place is given to another series."),
  { name: "value", type: NUMBER, docs: "Of a counter or gauge; of a histogram the sum of what was observed." },
  { name: "key", type: { kind: "utf8", size: SERIES.keySize }, docs: "Name and labels, as Prometheus writes them." },
  { name: "help", type: { kind: "utf8", size: SERIES.helpSize }, docs: "What it counts, for people." },
];

/**
 * Series of numbers, each changed by one thread. What counts is the state of each; which are free is a list that can be made anew of the
 * states, as in a slotPool. Histograms have their buckets apart, so that pages of others are never touched.
 *
 *   0 lock   4 losses   8 repaired   12 fresh   16 free   20 reserved   64 entries, N times 320 bytes   buckets, N times 256 f64
 *   entry:  0 state   4 kind   8 next   12 stamp   16 value, f64   24 key, 176 bytes   200 help, 120 bytes
 */
export const COUNTERS = container({
  word: "counters",
  takes: "length",
  owned: true,
  // Who asks for a series looks at all of them, with the lock, and nobody is to wait longer than 100 ms.
  length: { most: 2 ** 14, powerOfTwo: false },
  words: {
    lock: { size: 4, align: 64, docs: "Of who makes a series: owner in bits 0-15, bit 31: somebody sleeps." },
    losses: { size: 4, docs: "Raised by one when a death may have left the list incomplete." },
    repaired: { size: 4, docs: "The losses at which the list was made anew last." },
    fresh: { size: 4, docs: "How many places were ever taken out of the never used ones." },
    free: { size: 4, docs: "1 + the first free place of the list; 0: it is empty." },
    reserved: { size: 4, docs: "0." },
  },
  elements: (given, declare) => [
    {
      name: "entries",
      type: { kind: "array", of: declare("entry", ENTRY), length: lengthOf(given) },
      align: 64,
      docs: "The series.",
    },
    {
      name: "buckets",
      type: {
        kind: "array",
        of: { kind: "array", of: NUMBER, length: HISTOGRAM.buckets },
        length: lengthOf(given),
      },
      align: 64,
      docs: "Of the series that are histograms: how many values each bucket has.",
    },
  ],
});

/** At most `N` labelled counters, gauges and histograms of all threads, for monitoring. Those of the dead are kept, or dropped. */
export type counters<N extends number> = Word<"counters", unknown> & { readonly length?: N };
