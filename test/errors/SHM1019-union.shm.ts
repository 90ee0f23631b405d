// SHM1019-union.shm.ts:8:10 - error SHM1019: A union does not say which of its types the bytes hold.
// 8 |   value: u32 | f32;
//   |          ^^^^^^^^^
//   hint: write union<{ asU32: u32; asF32: f32 }>, whose members lie over the same bytes; with union<{...}, "kind"> a field says which one holds.
import type { f32, u32 } from "@shmgen/schema";

export interface Car {
  value: u32 | f32;
}
