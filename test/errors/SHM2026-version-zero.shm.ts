// SHM2026-version-zero.shm.ts:7:18 - error SHM2026: The version of 'Car' is 0; with the standard header it is 1 to 4294967295.
// 7 | export interface Car extends Region<{ type: 1; version: 0 }> {
//   |                  ^^^
//   hint: write a whole number from 1 to 4294967295.
import type { Region, f32 } from "@shmgen/schema";

export interface Car extends Region<{ type: 1; version: 0 }> {
  speed: f32;
}
