// SHM1043-word-out-of-place.shm.ts:8:10 - error SHM1043: 'Packed' cannot be used as a type.
// 8 |   speed: Packed;
//   |          ^^^^^^
//   hint: write it after extends: interface Car extends Packed.
import type { Packed } from "@shmgen/schema";

export interface Car {
  speed: Packed;
}
