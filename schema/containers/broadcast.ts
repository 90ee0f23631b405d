import type { Word } from "../scalars.js";
import { container, fieldsOf, lengthOf, typeOf } from "./container.js";

/** One element, with the stamp that says which it is. */
export const BROADCAST_SLOT = container({
  word: "broadcast.slot",
  takes: "type",
  owned: false,
  words: {
    stamp: { size: 8, docs: "n + 1: the slot is that of element n, which the tail says is whole. 0: nobody's yet." },
  },
  elements: (given) => [{ name: "value", type: typeOf(given), align: 8, docs: "The element." }],
});

/**
 * One stream to any number of readers, each with a cursor of its own. Elements are numbered from 0 on; element `n` lies in slot
 * `n & (N - 1)`, until element `n + N` takes its place, whoever has read it. The tail is the one store that publishes.
 *
 *   0 tail   8 writer   12 sleepers   64 slots, N times a slot
 *   slot:  0 stamp   8 value: T; its size is a multiple of 8, so that values can be copied in words of 8 bytes
 *
 * Tail and stamps have 64 bits, each in one word: 32 would come round within minutes, and a reader that was stopped so long would take an
 * element for the one that it was about to read. The stamp stands beside its value: both are read at once, and most often in one line.
 */
export const BROADCAST = container({
  word: "broadcast",
  takes: "type and length",
  owned: true,
  length: { most: 2 ** 30, powerOfTwo: true },
  words: {
    tail: { size: 8, align: 64, docs: "Elements that were published." },
    writer: { size: 4, docs: "Who is the writer: owner in bits 0-15." },
    sleepers: { size: 4, docs: "1: somebody sleeps until the tail changes." },
  },
  elements: (given, declare) => [
    {
      name: "slots",
      type: {
        kind: "array",
        of: declare("slot", fieldsOf(BROADCAST_SLOT, { of: typeOf(given) }, declare)),
        length: lengthOf(given),
      },
      align: 64,
      docs: "Element n in slot n modulo N.",
    },
  ],
});

/** One stream of elements for any number of readers, which learn how many of them they missed. `N` is a power of two. */
export type broadcast<T, N extends number> = Word<"broadcast", unknown> & { readonly of?: T; readonly length?: N };
