// SHM2017-length-zero.shm.ts:8:3 - error SHM2017: Field 'wheels' has an array of length 0.
// 8 |   wheels: array<f32, 0>;
//   |   ^^^^^^
//   hint: write a length of at least 1, or remove the field.
import type { array, f32 } from "@shmgen/schema";

export interface Car {
  wheels: array<f32, 0>;
}
