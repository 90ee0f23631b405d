// SHM2025-region-type-twice.shm.ts:13:18 - error SHM2025: The regions 'Car' and 'Bus' both have type 1 (0x1).
// 13 | export interface Bus extends Region<{ type: 1; version: 2 }> {
//    |                  ^^^
//   hint: give each kind of region a type number of its own; versions of one kind share it in different releases, not in one schema.
//   SHM2025-region-type-twice.shm.ts:10:18 - 'Car' has it first
//   10 | export interface Car extends Region<{ type: 1; version: 1 }> {
//      |                  ^^^
import type { Region, f32 } from "@shmgen/schema";

export interface Car extends Region<{ type: 1; version: 1 }> {
  speed: f32;
}
export interface Bus extends Region<{ type: 1; version: 2 }> {
  speed: f32;
}
