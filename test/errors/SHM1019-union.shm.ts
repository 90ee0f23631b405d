// SHM1019-union.shm.ts:8:10 - error SHM1019: A union does not say which of its types the bytes hold.
// 8 |   value: u32 | f32;
//   |          ^^^^^^^^^
//   hint: write a field for each type and an enum that says which one counts.
import type { f32, u32 } from "@shmgen/schema";

export interface Car {
  value: u32 | f32;
}
