import type { Word } from "../scalars.js";
import { container, lengthOf, typeOf } from "./container.js";

/**
 * Slots that are lent: each is free, or somebody's. What counts is the state of each; which are free is a list that can be made anew of the
 * states, and is when somebody has died. Slots from `fresh` on were never in the list.
 *
 *   0 lock   4 losses   8 repaired   12 fresh   16 free   20 returns   64 entries, N times 16 bytes   slots, N times T
 *   entry:  0 state   4 generation   8 next   12 reserved
 */
export const SLOT_POOL = container({
  word: "slotPool",
  takes: "type and length",
  elementsAreShared: true,
  owned: true,
  length: { most: 2 ** 20, powerOfTwo: false },
  words: {
    lock: { size: 4, align: 64, docs: "Of the list: owner in bits 0-15, bit 31: somebody sleeps." },
    losses: { size: 4, docs: "Raised by one when a death may have left the list incomplete." },
    repaired: { size: 4, docs: "The losses at which the list was made anew last." },
    fresh: { size: 4, docs: "How many slots were ever taken out of the never used ones." },
    free: { size: 4, docs: "1 + the first free slot of the list; 0: it is empty." },
    returns: { size: 4, docs: "Gate of those who wait for a slot. Bit 31: somebody sleeps." },
  },
  elements: (given, declare) => [
    {
      name: "entries",
      type: { kind: "array", of: declare("entry", ENTRY), length: lengthOf(given) },
      align: 64,
      docs: "One for each slot.",
    },
    {
      name: "slots",
      type: { kind: "array", of: typeOf(given), length: lengthOf(given) },
      align: 64,
      docs: "What is lent.",
    },
  ],
});

/** Where the words of an entry lie, bytes, and how large it is. */
export const POOL_ENTRY = { state: 0, generation: 4, next: 8, size: 16 } as const;
const word = (name: string, docs: string) =>
  ({ name, type: { kind: "atomic", of: { kind: "scalar", scalar: "u32" } }, docs }) as const;
const ENTRY = [
  word("state", "0: free; 65535: lent, whoever has its handle may take it; else the participant who has it."),
  word("generation", "Raised by one whenever the slot is given out: the upper half of its handles."),
  word("next", "1 + the next free slot of the list; 0: none."),
  word("reserved", "0."),
];

/** `N` slots of `T`, which are lent by handles. Those of the dead come back. */
export type slotPool<T, N extends number> = Word<"slotPool", unknown> & { readonly of?: T; readonly length?: N };
