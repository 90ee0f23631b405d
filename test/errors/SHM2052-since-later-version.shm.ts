// SHM2052-since-later-version.shm.ts:12:3 - error SHM2052: Field 'speed' is there since version 3, but 'Car' is version 2.
// 12 |   speed: since<f32, 3>;
//    |   ^^^^^
//   hint: raise the version of 'Car' to 3, or write since<..., 2>.
//   SHM2052-since-later-version.shm.ts:10:48 - the version of the region
//   10 | export interface Car extends Region<{ type: 1; version: 2 }> {
//      |                                                ^^^^^^^^^^
import type { Region, f32, since, u8 } from "@shmgen/schema";

export interface Car extends Region<{ type: 1; version: 2 }> {
  gear: u8;
  speed: since<f32, 3>;
}
