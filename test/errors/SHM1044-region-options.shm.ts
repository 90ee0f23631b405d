// SHM1044-region-options.shm.ts:7:37 - error SHM1044: Region<...> takes an object type, not 'u32'.
// 7 | export interface Car extends Region<u32> {
//   |                                     ^^^
//   hint: write Region<{ type: 1; version: 1 }>.
import type { Region, f32, u32 } from "@shmgen/schema";

export interface Car extends Region<u32> {
  speed: f32;
}
