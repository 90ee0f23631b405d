import type { Region, atomic, u32 } from "@shmgen/schema";

/** How often somebody has come, from whatever container. */
export interface Visits extends Region<{ type: 0x43; version: 1 }> {
  count: atomic<u32>;
}
