// SHM1016-unsized-array.shm.ts:8:11 - error SHM1016: 'f32[]' does not say how many elements it has.
// 8 |   wheels: f32[];
//   |           ^^^^^
//   hint: write array<T, N>; the last field of a region may be tail<T>, whose length is chosen at creation.
import type { f32 } from "@shmgen/schema";

export interface Car {
  wheels: f32[];
}
