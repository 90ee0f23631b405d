import type { TypeIr } from "../type-kinds.js";
import type { Word } from "../scalars.js";
import { container, type ContainerField, keyOf, lengthOf, typeOf } from "./container.js";

const word: TypeIr = { kind: "atomic", of: { kind: "scalar", scalar: "u32" } };

/** A bucket: the entry its chain begins with, and a count of what was taken out of the chain. */
export const BUCKET_SIZE = 8;
export const BUCKET_AT = { head: 0, stamp: 4 } as const;
/** Where the words of an entry lie in it. Its value lies behind its key, at a multiple of 8 and of its own alignment. */
export const ENTRY_AT = { next: 0, hash: 4, older: 8, newer: 12, ticket: 16, expires: 24, key: 32 } as const;

const BUCKET: readonly ContainerField[] = [
  { name: "head", type: word, align: 8, docs: "Its first entry, counted from 1; 0: none." },
  { name: "stamp", type: word, docs: "Raised by one when an entry was taken out, before that is used again." },
];

const ENTRY_WORDS: readonly ContainerField[] = [
  { name: "next", type: word, align: 8, docs: "The next one of its bucket, or of those that are free; 0: none." },
  { name: "hash", type: word, docs: "Of its key." },
  { name: "older", type: word, docs: "The one that was set before it; 0: none." },
  { name: "newer", type: word, docs: "The one that was set after it; 0: none." },
  { name: "ticket", type: word, docs: "When it was set, in sets of the map." },
  { name: "mark", type: word, docs: "For who makes the lists anew, in C." },
  {
    name: "expires",
    type: { kind: "atomic", of: { kind: "scalar", scalar: "u64" } },
    docs: "Until when it holds, in ms of CLOCK_MONOTONIC; 0: for ever.",
  },
];

/** Buckets of a map of `length` entries: a power of two. */
export const bucketsOf = (length: number): number => 2 ** Math.ceil(Math.log2(length));

/**
 * A hash map of at most N entries. Who changes it has the lock; who reads it needs nothing. Entries are numbered from 1 on. There is one
 * more of them than the map holds, so that a value is replaced by a complete new entry, which one store puts into the chain.
 *
 *   0 lock   4 losses   8 repaired   12 count   16 free   20 oldest   24 newest   28 tickets   32 seed   36 seedHigh   40 earliest
 *   64 buckets, B times { 0 head   4 stamp }, B the power of two from N on
 *   up to 8: entries, N + 1 times { 0 next  4 hash  8 older  12 newer  16 ticket  24 expires  32 key  up to 8: value }
 */
export const MAP = container({
  word: "map",
  class: "SharedMap",
  takes: "key, type and length",
  owned: true,
  // What the next one to change it makes anew after a death takes 0.3 us for each entry, and nobody is to wait longer than 100 ms.
  length: { most: 2 ** 18, powerOfTwo: false },
  words: {
    lock: { size: 4, align: 64, docs: "Who changes it: owner in bits 0-15, bit 31: somebody sleeps." },
    losses: {
      size: 4,
      docs: "Raised when its owner died with the lock: what follows from the buckets has to be made anew.",
    },
    repaired: { size: 4, docs: "The losses after which that was done last." },
    count: { size: 4, docs: "Entries that it has." },
    free: { size: 4, docs: "The first entry that nobody uses, counted from 1; 0: none." },
    oldest: { size: 4, docs: "The entry that was set longest ago; 0: none." },
    newest: { size: 4, docs: "The entry that was set last; 0: none." },
    tickets: { size: 4, docs: "How often something was set, modulo 2^32." },
    seed: { size: 4, docs: "The hash's key, lower half; odd. 0: nothing was ever set." },
    seedHigh: { size: 4, docs: "The hash's key, upper half." },
    earliest: { size: 8, docs: "No entry expires before, in ms of CLOCK_MONOTONIC; 0: none expires." },
  },
  elements: (given, declare) => [
    {
      name: "buckets",
      type: { kind: "array", of: declare("bucket", BUCKET), length: bucketsOf(lengthOf(given)) },
      align: 64,
      docs: "An entry's bucket is its hash modulo their number.",
    },
    {
      name: "entries",
      type: {
        kind: "array",
        of: declare("entry", [
          ...ENTRY_WORDS,
          { name: "key", type: keyOf(given), align: 8, docs: "Whole words of 8 bytes, zeros behind it." },
          { name: "value", type: typeOf(given), align: 8, docs: "Whole words of 8 bytes." },
        ]),
        length: lengthOf(given) + 1,
      },
      align: 8,
      docs: "Entry i is element i - 1.",
    },
  ],
});

/** A hash map of at most `N` entries, whose readers wait for nobody. `K`: an integer, an enum, `utf8<N>` or `bytes<N>`. */
export type map<K, V, N extends number> = Word<"map", unknown> & {
  readonly key?: K;
  readonly of?: V;
  readonly length?: N;
};
