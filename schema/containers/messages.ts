import type { Word } from "../scalars.js";
import { container, lengthOf } from "./container.js";

/**
 * Messages of any length from many producers to one consumer. Each is a frame: 8 bytes of head and then the message, padded to 8. A
 * frame that does not fit before the end lies at the start, and one of kind `padding` fills the rest. `write` and `read` count as those of a
 * `bipBuffer`, modulo 2 N; one store of `write` publishes a message, and the padding before it.
 *
 *   0 write   4 producer   8 consumerSleeps   64 read   68 consumer   72 producerSleeps   128 frames, N bytes
 *   frame:  0 length   4 kind   8 the message
 */
export const MESSAGES = container({
  word: "messages",
  takes: "length",
  owned: true,
  length: { most: 2 ** 30, powerOfTwo: false, multipleOf: 64 },
  words: {
    write: { size: 4, align: 64, docs: "Where the next frame goes, modulo 2 N. Of who has the lock." },
    producer: { size: 4, docs: "Lock of the producers: owner in bits 0-15, bit 31: somebody sleeps." },
    consumerSleeps: { size: 4, docs: "1: the consumer sleeps until write changes." },
    read: { size: 4, align: 64, docs: "Where the first frame is, modulo 2 N. The consumer's." },
    consumer: { size: 4, docs: "Who is the consumer: owner in bits 0-15." },
    producerSleeps: { size: 4, docs: "1: producers sleep until read changes." },
  },
  elements: (given) => [
    { name: "frames", type: { kind: "bytes", size: lengthOf(given) }, align: 64, docs: "The frames." },
  ],
});

/** The head of a message, and what kinds there are. */
export const FRAME = {
  /** Bytes of a head, and what a frame is a multiple of. */
  head: 8,
  length: 0,
  kind: 4,
  /** In the order of their numbers. `padding` is no message: the rest of the lap is empty. */
  kinds: ["bytes", "text", "json", "padding"],
  padding: 3,
} as const;

/** Messages of up to `N - 8` bytes, from many producers to one consumer. `N` is a multiple of 64. */
export type messages<N extends number> = Word<"messages", unknown> & { readonly length?: N };
