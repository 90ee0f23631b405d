import type { counters, Region } from "@shmgen/schema";

/** What all workers of a cluster count. */
export interface Metrics extends Region<{ type: 0x3e7c; version: 1 }> {
  stats: counters<64>;
}
