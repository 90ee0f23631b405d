// SHM2020-tail-not-last.shm.ts:11:3 - error SHM2020: The tail 'lines' is followed by 'count'.
// 11 |   lines: tail<u8>;
//    |   ^^^^^
//   hint: move the tail to the end; a region has at most one.
//   SHM2020-tail-not-last.shm.ts:12:3 - the field behind it
//   12 |   count: u32;
//      |   ^^^^^
import type { Region, tail, u32, u8 } from "@shmgen/schema";

export interface Log extends Region<{ type: 1; version: 1 }> {
  lines: tail<u8>;
  count: u32;
}
