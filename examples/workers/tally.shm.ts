import type { Region, array, atomic, f64, u32, u64 } from "@shmgen/schema";

/** What the workers have counted so far, for this process and for any other one that opens it. */
export interface Tally extends Region<{ type: 0x57; version: 1 }> {
  /** Numbers looked at, by all workers together. */
  looked: atomic<u64>;
  /** Primes among them. */
  primes: atomic<u64>;
  /** Workers that are done. Whoever waits for them sleeps on this word. */
  done: atomic<u32>;
  /** Milliseconds that each worker took, by its number. */
  took: array<f64, 16>;
}
