// SHM2002-field-twice.shm.ts:12:3 - error SHM2002: 'Car' has the field 'speed' twice.
// 12 |   speed: f64;
//    |   ^^^^^
//   hint: rename one of them.
//   SHM2002-field-twice.shm.ts:11:3 - first declared here
//   11 |   speed: f32;
//      |   ^^^^^
import type { f32, f64 } from "@shmgen/schema";

export interface Car {
  speed: f32;
  speed: f64;
}
