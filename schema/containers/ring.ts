import type { Word } from "../scalars.js";
import { container, lengthOf, typeOf } from "./container.js";

/**
 * A queue from one producer to one consumer, without a lock. `tail` and `head` count on and on, modulo 2^32; element `n` lies in slot
 * `n & (N - 1)`. Each side writes one line, apart from the flag that it sleeps, which lies where the other one looks anyway.
 *
 *   0 tail   4 producer   8 consumerSleeps   64 head   68 consumer   72 producerSleeps   128 slots, N times T
 */
export const RING = container({
  word: "ring",
  takes: "type and length",
  owned: true,
  length: { most: 2 ** 30, powerOfTwo: true },
  words: {
    tail: { size: 4, align: 64, docs: "Elements that were published. The producer's." },
    producer: { size: 4, docs: "Who is the producer: owner in bits 0-15." },
    consumerSleeps: { size: 4, docs: "1: the consumer sleeps until the tail changes." },
    head: { size: 4, align: 64, docs: "Elements that were consumed. The consumer's." },
    consumer: { size: 4, docs: "Who is the consumer: owner in bits 0-15." },
    producerSleeps: { size: 4, docs: "1: the producer sleeps until the head changes." },
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

/** A queue of at most `N` elements, a power of two, from one producer to one consumer. */
export type ring<T, N extends number> = Word<"ring", unknown> & { readonly of?: T; readonly length?: N };
