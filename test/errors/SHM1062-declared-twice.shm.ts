// SHM1062-declared-twice.shm.ts:13:18 - error SHM1062: 'Car' is declared twice in this file.
// 13 | export interface Car {
//    |                  ^^^
//   hint: rename one of them; declarations are not merged.
//   SHM1062-declared-twice.shm.ts:10:18 - first declared here
//   10 | export interface Car {
//      |                  ^^^
import type { f32, u8 } from "@shmgen/schema";

export interface Car {
  speed: f32;
}
export interface Car {
  gear: u8;
}
