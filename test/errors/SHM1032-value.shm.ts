// SHM1032-value.shm.ts:7:14 - error SHM1032: A schema is read, never executed, so a variable means nothing in it.
// 7 | export const COUNT = 4;
//   |              ^^^^^
//   hint: remove it; a number that several fields share is written type Count = 4.
import type { array, f32 } from "@shmgen/schema";

export const COUNT = 4;
export interface Car {
  wheels: array<f32, 4>;
}
