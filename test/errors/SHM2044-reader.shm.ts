// SHM2044-reader.shm.ts:13:18 - error SHM2044: 'CarReader' is also the name of the reader that is generated for 'Car'.
// 13 | export interface CarReader {
//    |                  ^^^^^^^^^
//   hint: rename one of them.
//   SHM2044-reader.shm.ts:10:18 - the struct
//   10 | export interface Car {
//      |                  ^^^
import type { f32 } from "@shmgen/schema";

export interface Car {
  speed: f32;
}
export interface CarReader {
  speed: f32;
}
