// SHM1042-region-and-foreign.shm.ts:7:63 - error SHM1042: 'Car' extends both Region and Foreign.
// 7 | export interface Car extends Region<{ type: 1; version: 1 }>, Foreign {
//   |                                                               ^^^^^^^
//   hint: keep Region for memory of ours, Foreign for memory that another program owns.
import type { Foreign, Region, f32 } from "@shmgen/schema";

export interface Car extends Region<{ type: 1; version: 1 }>, Foreign {
  speed: f32;
}
