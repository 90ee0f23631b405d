import type { Word } from "../scalars.js";
import { container, lengthOf, typeOf } from "./container.js";

/**
 * Jobs that are leased, in the order of their tickets, until they are done: what a worker had that died is the first to be leased again. What
 * counts is the state of each job; the lists of those that are ready and of slots that are free can be made anew of the states, and are
 * when somebody has died.
 *
 *   0 lock   4 losses   8 repaired   12 fresh   16 free   20 first   24 last   28 ready   32 tickets   64 arrivals   68 departures
 *   128 entries, N times 32 bytes   slots, N times T
 *   entry:  0 state   4 attempts   8 next   12 reserved   16 ticket   24 pushedAt
 */
export const WORK_QUEUE = container({
  word: "workQueue",
  takes: "type and length",
  owned: true,
  length: { most: 2 ** 18, powerOfTwo: false },
  words: {
    lock: { size: 4, align: 64, docs: "Of the lists: owner in bits 0-15, bit 31: somebody sleeps." },
    losses: { size: 4, docs: "Raised by one when a death may have left the lists incomplete." },
    repaired: { size: 4, docs: "The losses at which the lists were made anew last." },
    fresh: { size: 4, docs: "How many slots were ever taken out of the never used ones." },
    free: { size: 4, docs: "1 + the first slot of the free ones; 0: there is none." },
    first: { size: 4, docs: "1 + the slot of the job to be leased next; 0: there is none." },
    last: { size: 4, docs: "1 + the slot of the last one." },
    ready: { size: 4, docs: "Jobs that nobody has." },
    tickets: { size: 8, docs: "The next ticket." },
    arrivals: { size: 4, align: 64, docs: "Gate of those who wait for a job. Bit 31: somebody sleeps." },
    departures: { size: 4, docs: "Gate of those who wait for room. Bit 31: somebody sleeps." },
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
      docs: "What is to be done.",
    },
  ],
});

/** Where the words of an entry lie, bytes, and how large it is. */
export const WORK_ENTRY = { state: 0, attempts: 4, next: 8, ticket: 16, pushedAt: 24, size: 32 } as const;
const word = (name: string, docs: string, scalar: "u32" | "u64" = "u32") =>
  ({ name, type: { kind: "atomic", of: { kind: "scalar", scalar } }, docs }) as const;
const ENTRY = [
  word("state", "0: free; 65535: ready; else the participant who has leased it."),
  word("attempts", "How often it was leased."),
  word("next", "1 + the next slot of its list; 0: none."),
  word("reserved", "0."),
  word("ticket", "Its place in the order.", "u64"),
  word("pushedAt", "When it was pushed, in ms since 1970.", "u64"),
];

/** At most `N` jobs, from any number of producers to any number of workers, each done at least once. */
export type workQueue<T, N extends number> = Word<"workQueue", unknown> & { readonly of?: T; readonly length?: N };
