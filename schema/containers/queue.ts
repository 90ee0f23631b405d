import type { Word } from "../scalars.js";
import { container, lengthOf, typeOf } from "./container.js";

/**
 * A queue from many to many. `tail` and `head` count on and on, modulo 2^32; element `n` lies in slot `n & (N - 1)`. Each side has a line:
 * its counter, a lock that its participants have one after the other, the counter of the other side as it was seen last, so that the line of
 * that is not asked for at each element, and the gate at which the other side sleeps.
 *
 *   0 tail   4 pusher   8 headSeen   12 arrivals   64 head   68 popper   72 tailSeen   76 departures   128 slots, N times T
 */
export const QUEUE = container({
  word: "queue",
  takes: "type and length",
  owned: true,
  length: { most: 2 ** 30, powerOfTwo: true },
  words: {
    tail: { size: 4, align: 64, docs: "Elements that were published. Changed by who has pusher." },
    pusher: { size: 4, docs: "Who appends: owner in bits 0-15, bit 31: somebody sleeps." },
    headSeen: { size: 4, docs: "The head, as who had pusher has read it last: at most N behind the tail." },
    arrivals: { size: 4, docs: "Gate of those who wait for an element. Bit 31: somebody sleeps." },
    head: { size: 4, align: 64, docs: "Elements that were taken. Changed by who has popper." },
    popper: { size: 4, docs: "Who takes: owner in bits 0-15, bit 31: somebody sleeps." },
    tailSeen: { size: 4, docs: "The tail, as who had popper has read it last." },
    departures: { size: 4, docs: "Gate of those who wait for room. Bit 31: somebody sleeps." },
  },
  elements: (given) => [
    {
      name: "slots",
      type: { kind: "array", of: typeOf(given), length: lengthOf(given) },
      align: 64,
      docs: "Element n in slot n modulo N.",
    },
  ],
});

/** A queue of at most `N` elements, a power of two, from any number of producers to any number of consumers. */
export type queue<T, N extends number> = Word<"queue", unknown> & { readonly of?: T; readonly length?: N };
