import type { Region, atomic, f64, tail, u32 } from "@shmgen/schema";

/** Work that a parent gives to its child, with room for the results. */
export interface Batch extends Region<{ type: 0x4a; version: 1 }> {
  /** Elements that are done. */
  done: atomic<u32>;
  /** The numbers; each becomes its square root. */
  numbers: tail<f64>;
}
