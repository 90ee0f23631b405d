// SHM2051-since-first-version.shm.ts:13:3 - error SHM2051: Field 'speed' is there since version 1; since<> takes a whole number from 2 to 4294967295.
// 13 |   speed: since<f32, 1>;
//    |   ^^^^^
//   hint: drop since<>: every version has the field.
//
// SHM2051-since-first-version.shm.ts:14:3 - error SHM2051: Field 'pace' is there since version 0; since<> takes a whole number from 2 to 4294967295.
// 14 |   pace: since<f32, 0, 0.5>;
//    |   ^^^^
//   hint: write the version of the region that the field came with.
import type { Region, f32, since } from "@shmgen/schema";

export interface Car extends Region<{ type: 1; version: 2 }> {
  speed: since<f32, 1>;
  pace: since<f32, 0, 0.5>;
}
