// SHM1045-region-option-missing.shm.ts:7:37 - error SHM1045: Region<...> needs 'version'.
// 7 | export interface Car extends Region<{ type: 1 }> {
//   |                                     ^^^^^^^^^^^
//   hint: write Region<{ type: 1; version: 1 }>; readableFrom, header and name may follow.
import type { Region, f32 } from "@shmgen/schema";

export interface Car extends Region<{ type: 1 }> {
  speed: f32;
}
