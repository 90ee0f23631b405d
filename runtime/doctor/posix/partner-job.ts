/** What the doctor and its second process have agreed upon: their shared page, in 32-bit words. */

export const PARTNER_SIZE = 4096;

/** "add" adds ones until it is told to stop; "sleep" waits on a word until that has changed. */
export type PartnerJob = "add" | "sleep";

export const JOB = { words: 8, sleepMs: 5000, addMs: 20_000 } as const;

export const WORD = {
  /** 1: the partner is at work. */
  ready: 0,
  /** 1: the partner is to end. */
  stop: 1,
  /** Both add to it. */
  sum: 2,
  /** What the partner has added so far. */
  added: 3,
  /** The partner sleeps on it while it is 0. */
  sleep: 4,
} as const;
