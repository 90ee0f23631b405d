// SHM1029-class.shm.ts:7:14 - error SHM1029: 'Car' is a class, and a schema has none.
// 7 | export class Car {
//   |              ^^^
//   hint: write export interface Car { ... }; the accessor class is generated from it.
import type { f32 } from "@shmgen/schema";

export class Car {
  speed: f32;
}
