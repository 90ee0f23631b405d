import type { Word } from "../scalars.js";
import { container, typeOf } from "./container.js";

/**
 * One value that is always read whole. A writer fills the cell that nobody reads and then raises the sequence: the one store that
 * counts. Readers take the cell of the sequence, and again when the sequence has changed meanwhile.
 *
 *   0 sequence   4 writer   8 sleepers   12 reserved   16 even: T   up to 8: odd: T
 *
 * Cells begin at multiples of 8, and the whole ends at one, so that they can be copied in words of 8 bytes.
 */
export const SEQLOCK = container({
  word: "seqlock",
  takes: "type",
  owned: true,
  words: {
    sequence: { size: 4, docs: "Raised by one when a new value is there. Bit 0 says which cell holds it." },
    writer: { size: 4, docs: "Who writes: owner in bits 0-15, bit 31: somebody sleeps." },
    sleepers: { size: 4, docs: "1: somebody sleeps until the sequence changes." },
    reserved: { size: 4, docs: "0." },
  },
  elements: (given) => [
    { name: "even", type: typeOf(given), align: 8, docs: "The value while the sequence is even." },
    { name: "odd", type: typeOf(given), align: 8, docs: "The value while the sequence is odd." },
  ],
});

/** One value that is always read whole, however many write it, and whoever of them dies. */
export type seqlock<T> = Word<"seqlock", unknown> & { readonly of?: T };
