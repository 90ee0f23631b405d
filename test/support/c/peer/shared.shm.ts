import type { Region, array, atomic, u32, u64 } from "@shmgen/schema";

/** What the peers share. Whoever sees it complete sees `words[i] === stamp + i` for all i. */
export interface Shared extends Region<{ type: 0x5348; version: 1 }> {
  counter: atomic<u64>;
  /** Of this initialisation: no two have the same. */
  stamp: atomic<u64>;
  words: array<u64, 64>;
  /** Odd: it is the turn of C. */
  ball: atomic<u32>;
}

/** Evidence of who did what when, kept by all peers of a soak beside the regions. Never closed while it runs. */
export interface Ledger extends Region<{ type: 0x4c47; version: 1 }> {
  /** The last stamp that was given out. */
  stamps: atomic<u64>;
  opened: atomic<u64>;
  created: atomic<u64>;
  reinitialised: atomic<u64>;
  /** Calls that were refused because somebody was there, or because nobody was. */
  refused: atomic<u64>;
  /** Holders that were stopped and found everything unchanged when they went on. */
  resumed: atomic<u64>;
  /** What must not happen, with a line each in the log. */
  violations: atomic<u64>;
  /** Longest open in microseconds. */
  slowest: atomic<u64>;
  slots: array<Slot, 8>;
  /** One for each worker and slot: `holders[worker * 8 + slot]`. */
  holders: array<Holder, 256>;
}

/** One region's name. */
export interface Slot {
  /** Who initialises it now: token of the process, 0 for nobody. */
  initialiser: atomic<u64>;
  /** Of its last initialisation. Written by the initialiser alone, which may be killed between two stores. */
  inode: atomic<u64>;
  generation: atomic<u64>;
}

/** A process that has the region open, by its own account. */
export interface Holder {
  token: atomic<u64>;
  /** Of the file that it has open; 0 for none. */
  inode: atomic<u64>;
}
