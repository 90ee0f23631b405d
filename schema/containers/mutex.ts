import type { Word } from "../scalars.js";
import { container } from "./container.js";

/**
 * An exclusive lock of all processes and threads. When its owner dies, the next one is told.
 *
 *   0 word   4 abandonedBy   8 abandonedAt   16
 */
export const MUTEX = container({
  word: "mutex",
  takes: "nothing",
  owned: true,
  words: {
    word: { size: 4, docs: "Owner in bits 0-15 (65535: abandoned), bit 31: somebody sleeps." },
    abandonedBy: { size: 4, docs: "Process that died with it, when the owner is 65535." },
    abandonedAt: { size: 8, docs: "When that was found, in ms since 1970." },
  },
});

/** An exclusive lock of all processes and threads, 16 bytes. The death of its owner frees it, and the next one is told. */
export type mutex = Word<"mutex", unknown>;
