// SHM2056-was.shm.ts:32:3 - error SHM2056: Field 'speed' cannot have been 'gear': that is another field.
// 32 |   speed: f32;
//    |   ^^^^^
//   hint: drop it, or write the name that this field had in older versions.
//
// SHM2056-was.shm.ts:35:3 - error SHM2056: Field 'lights' has @was with its own name.
// 35 |   lights: u8;
//    |   ^^^^^^
//   hint: drop it: the field has not been renamed.
//
// SHM2056-was.shm.ts:37:3 - error SHM2056: Field 'first' cannot have been '1st', which is not the name of a field.
// 37 |   first: u8;
//    |   ^^^^^
//   hint: write @was and the name that the field had in older versions, nothing else.
//
// SHM2056-was.shm.ts:39:3 - error SHM2056: @was of field 'empty' names nothing.
// 39 |   empty: u8;
//    |   ^^^^^
//   hint: write @was and the name that the field had in older versions, nothing else.
//
// SHM2056-was.shm.ts:43:3 - error SHM2056: Fields 'front' and 'back' cannot both have been 'wiper'.
// 43 |   back: u8;
//    |   ^^^^
//   hint: drop it, or write the name that this field had in older versions.
//   SHM2056-was.shm.ts:41:3 - the other one
//   41 |   front: u8;
//      |   ^^^^^
import type { f32, u8 } from "@shmgen/schema";

export interface Car {
  /** @was gear */
  speed: f32;
  gear: u8;
  /** @was lights */
  lights: u8;
  /** @was 1st */
  first: u8;
  /** @was */
  empty: u8;
  /** @was wiper */
  front: u8;
  /** @was wiper */
  back: u8;
}
