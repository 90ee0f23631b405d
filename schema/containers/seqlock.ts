import type { Word } from "../scalars.js";
import { container, typeOf } from "./container.js";

/**
 * One value that is always read whole. A writer fills the cell that nobody reads and then raises the sequence: the one store that
 * counts. Readers take the cell of the sequence, and again when the sequence has changed meanwhile.
 *
 *   0 sequence   64 writer   68 sleepers   128 even: T   up to 64: odd: T
 *
 * What readers look at has lines of its own: the sequence is stored once for each value, and whoever fills a cell or takes the word of
 * writers disturbs nobody. Beside a writer at full speed that halves what a read of 64 bytes takes. The whole ends at a multiple of 8, so
 * that cells can be copied in words of 8 bytes.
 */
export const SEQLOCK = container({
  word: "seqlock",
  takes: "type",
  owned: true,
  words: {
    sequence: { size: 4, docs: "Raised by one when a new value is there. Bit 0 says which cell holds it." },
    writer: { size: 4, align: 64, docs: "Who writes: owner in bits 0-15, bit 31: somebody sleeps." },
    sleepers: { size: 4, docs: "1: somebody sleeps until the sequence changes." },
  },
  elements: (given) => [
    { name: "even", type: typeOf(given), align: 64, docs: "The value while the sequence is even." },
    { name: "odd", type: typeOf(given), align: 64, docs: "The value while the sequence is odd." },
  ],
});

/** One value that is always read whole, however many write it, and whoever of them dies. */
export type seqlock<T> = Word<"seqlock", unknown> & { readonly of?: T };
