import type { Region, atomic, f64, ring, u32, u64 } from "@shmgen/schema";

/** One record of the stream. */
export interface Order {
  /** 1, 2, 3 ... without a gap. */
  id: u64;
  price: f64;
  amount: u32;
  /** Of the other fields: so that a record that is not whole would show. */
  check: u32;
}

/** What one consumer has done, in memory that outlives it. */
export interface Tally {
  /** Id of the last order that was accounted for. Stored after the order is, so it is never ahead of the sums. */
  last: atomic<u64>;
  /** Orders that came again, since their consumer had died before it gave them back. */
  again: atomic<u32>;
  /** Orders that were missing, or not whole. */
  wrong: atomic<u32>;
}

/** A producer and two consumers, each with a ring of its own. */
export interface Floor extends Region<{ type: 0x12; version: 1 }> {
  toNode: ring<Order, 1024>;
  toC: ring<Order, 1024>;
  /** Id of the order that the producer is about to push, or has pushed last. */
  sent: atomic<u64>;
  node: Tally;
  c: Tally;
}
