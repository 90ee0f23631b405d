// SHM1053-fractional-length.shm.ts:8:22 - error SHM1053: The length of array is 2.5, which is not a whole number that is stored exactly.
// 8 |   wheels: array<f32, 2.5>;
//   |                      ^^^
//   hint: write a whole number of at most 9007199254740991.
import type { array, f32 } from "@shmgen/schema";

export interface Car {
  wheels: array<f32, 2.5>;
}
