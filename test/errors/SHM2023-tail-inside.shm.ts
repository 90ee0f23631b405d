// SHM2023-tail-inside.shm.ts:8:3 - error SHM2023: Field 'lines' is array<tail<u8>, 2>: a tail cannot stand inside another word.
// 8 |   lines: array<tail<u8>, 2>;
//   |   ^^^^^
//   hint: write tail<T> as the type of the last field, with the other words inside, such as tail<atomic<u32>>.
import type { Region, array, tail, u8 } from "@shmgen/schema";

export interface Log extends Region<{ type: 1; version: 1 }> {
  lines: array<tail<u8>, 2>;
}
