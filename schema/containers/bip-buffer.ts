import type { Word } from "../scalars.js";
import { container, lengthOf } from "./container.js";

/**
 * Bytes from one producer to one consumer, each grant of them in one piece: when the piece does not fit before the end, it lies at the
 * start, and the bytes between are left out. `write` and `read` are places from 0 to 2 N, modulo 2 N: their difference is what is used,
 * and whether they are in the same lap of N bytes says whether the producer has gone round. One store of `write` publishes, also when it
 * enters the next lap: `watermark`, where the bytes of the lap end that `write` has left, is stored before, and the consumer looks at it
 * only when `write` has left the lap of `read`. It is never stored before `read` has entered the lap that it is about.
 *
 *   0 write   4 watermark   8 producer   12 consumerSleeps   64 read   68 consumer   72 producerSleeps   128 bytes, N
 */
export const BIP_BUFFER = container({
  word: "bipBuffer",
  takes: "length",
  owned: true,
  length: { most: 2 ** 30, powerOfTwo: false, multipleOf: 64 },
  words: {
    write: { size: 4, align: 64, docs: "Where the next bytes go, modulo 2 N. The producer's." },
    watermark: { size: 4, docs: "Where the bytes end of the lap that write has left, from 0 to N." },
    producer: { size: 4, docs: "Who is the producer: owner in bits 0-15." },
    consumerSleeps: { size: 4, docs: "1: the consumer sleeps until write changes." },
    read: { size: 4, align: 64, docs: "Where the first bytes are, modulo 2 N. The consumer's." },
    consumer: { size: 4, docs: "Who is the consumer: owner in bits 0-15." },
    producerSleeps: { size: 4, docs: "1: the producer sleeps until read changes." },
  },
  elements: (given) => [
    { name: "bytes", type: { kind: "bytes", size: lengthOf(given) }, align: 64, docs: "The bytes." },
  ],
});

/** `N` bytes, a multiple of 64, from one producer to one consumer, who write and read them in place and in one piece. */
export type bipBuffer<N extends number> = Word<"bipBuffer", unknown> & { readonly length?: N };
