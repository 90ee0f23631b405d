import type { Word } from "../scalars.js";
import { container } from "./container.js";

/**
 * Something that has happened, or not: set by anybody, until somebody resets it.
 *
 *   0 word   4 reserved   8
 */
export const EVENT = container({
  word: "event",
  takes: "nothing",
  owned: false,
  words: {
    word: { size: 4, docs: "Bit 0: set. Bits 1-30: how often it was set. Bit 31: somebody sleeps." },
    reserved: { size: 4, docs: "0." },
  },
});

/** Something that has happened, or not, 8 bytes: whoever waits goes on when it is set, until it is reset. */
export type event = Word<"event", unknown>;
