import type { Word } from "../scalars.js";
import { container, lengthOf } from "./container.js";

/**
 * N permits, each with its owner. Those of the dead come back.
 *
 *   0 gate   4 reserved   8 permits, N times 4 bytes
 */
export const SEMAPHORE = container({
  word: "semaphore",
  takes: "length",
  owned: true,
  length: { most: 65_535, powerOfTwo: false },
  words: {
    gate: { size: 4, docs: "Bits 0-30: counts releases that had to wake somebody. Bit 31: somebody sleeps." },
    reserved: { size: 4, docs: "0." },
  },
  elements: (given) => [
    {
      name: "permits",
      type: { kind: "array", of: { kind: "atomic", of: { kind: "scalar", scalar: "u32" } }, length: lengthOf(given) },
      docs: "Owner of each: 0 for a free one.",
    },
  ],
});

/** `N` permits, which at most `N` have at a time, 8 + 4 N bytes. Those of the dead come back. */
export type semaphore<N extends number> = Word<"semaphore", unknown> & { readonly length?: N };
