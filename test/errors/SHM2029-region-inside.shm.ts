// SHM2029-region-inside.shm.ts:14:3 - error SHM2029: Field 'cars' contains 'Car', which is a region of its own.
// 14 |   cars: array<Car, 8>;
//    |   ^^^^
//   hint: move the fields of 'Car' into a struct without Region and nest that one in both.
//   SHM2029-region-inside.shm.ts:10:18 - declared here
//   10 | export interface Car extends Region<{ type: 1; version: 1 }> {
//      |                  ^^^
import type { Region, array, f32 } from "@shmgen/schema";

export interface Car extends Region<{ type: 1; version: 1 }> {
  speed: f32;
}
export interface Fleet extends Region<{ type: 2; version: 1 }> {
  cars: array<Car, 8>;
}
