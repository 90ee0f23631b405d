// SHM1036-type-arguments.shm.ts:8:11 - error SHM1036: 'array' is written array<T, N>; it has 1 type argument here.
// 8 |   wheels: array<f32>;
//   |           ^^^^^^^^^^
//   hint: write array<T, N>.
import type { array, f32 } from "@shmgen/schema";

export interface Car {
  wheels: array<f32>;
}
