// SHM2028-readable-from-later.shm.ts:7:18 - error SHM2028: 'Car' is readable from version 3, but its version is 2.
// 7 | export interface Car extends Region<{ type: 1; version: 2; readableFrom: 3 }> {
//   |                  ^^^
//   hint: write readableFrom: 1 to 2, or leave it out.
import type { Region, f32 } from "@shmgen/schema";

export interface Car extends Region<{ type: 1; version: 2; readableFrom: 3 }> {
  speed: f32;
}
