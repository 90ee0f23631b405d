// SHM2021-tail-outside-region.shm.ts:9:3 - error SHM2021: Field 'lines' is a tail, but 'Log' is not the root of a region or of foreign memory.
// 9 |   lines: tail<u8>;
//   |   ^^^^^
//   hint: write array<T, N>, or make the struct a region: extends Region<{ type: 1; version: 1 }>; or extends Foreign, if it is the memory of another program.
import type { tail, u32, u8 } from "@shmgen/schema";

export interface Log {
  count: u32;
  lines: tail<u8>;
}
