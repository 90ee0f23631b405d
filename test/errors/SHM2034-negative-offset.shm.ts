// SHM2034-negative-offset.shm.ts:8:3 - error SHM2034: Field 'speed' is at offset -4.
// 8 |   speed: at<f32, -4>;
//   |   ^^^^^
//   hint: write an offset in bytes from the start of the struct, 0 or more.
import type { at, f32 } from "@shmgen/schema";

export interface Car {
  speed: at<f32, -4>;
}
