import type { broadcast, f64, Region, u32, u64, utf8 } from "@shmgen/schema";

export interface Tick {
  /** From 1 on, without a gap. */
  number: u64;
  symbol: utf8<8>;
  price: f64;
  size: u32;
  /** Of the other fields: see check.ts. */
  check: u32;
}

/** Ticks from a program in C to whoever wants to see them. */
export interface Feed extends Region<{ type: 0x7ee; version: 1 }> {
  ticks: broadcast<Tick, 4096>;
}
