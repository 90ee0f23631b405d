// SHM2045-size-zero.shm.ts:7:18 - error SHM2045: 'Car' is declared to be 0 bytes long.
// 7 | export interface Car extends Sized<0> {
//   |                  ^^^
//   hint: write the size of the struct in bytes, 1 or more.
import type { Sized, f32 } from "@shmgen/schema";

export interface Car extends Sized<0> {
  speed: f32;
}
