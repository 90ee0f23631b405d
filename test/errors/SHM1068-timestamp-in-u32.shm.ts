// SHM1068-timestamp-in-u32.shm.ts:8:27 - error SHM1068: timestamp counts in a u64 or i64, not in 'u32'.
// 8 |   started: timestamp<"s", u32>;
//   |                           ^^^
//   hint: write timestamp<"ms"> or timestamp<"ms", u64>.
import type { timestamp, u32 } from "@shmgen/schema";

export interface Car {
  started: timestamp<"s", u32>;
}
