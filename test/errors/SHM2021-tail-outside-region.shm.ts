// SHM2021-tail-outside-region.shm.ts:9:3 - error SHM2021: Field 'lines' is a tail, but 'Log' is not a region.
// 9 |   lines: tail<u8>;
//   |   ^^^^^
//   hint: write array<T, N>, or make the struct a region: extends Region<{ type: 1; version: 1 }>.
import type { tail, u32, u8 } from "@shmgen/schema";

export interface Log {
  count: u32;
  lines: tail<u8>;
}
