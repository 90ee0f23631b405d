// SHM1018-optional.shm.ts:8:8 - error SHM1018: Field 'speed' is optional, but memory is always there.
// 8 |   speed?: f32;
//   |        ^
//   hint: remove the '?'; add a bool field that says whether the value counts.
import type { f32 } from "@shmgen/schema";

export interface Car {
  speed?: f32;
}
