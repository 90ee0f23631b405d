// SHM1052-length-not-literal.shm.ts:8:22 - error SHM1052: The length of array must be a number literal, not 'u8'.
// 8 |   wheels: array<f32, u8>;
//   |                      ^^
//   hint: write the number itself, such as 16 or 0x10, or an alias of one: type Count = 16.
import type { array, f32, u8 } from "@shmgen/schema";

export interface Car {
  wheels: array<f32, u8>;
}
