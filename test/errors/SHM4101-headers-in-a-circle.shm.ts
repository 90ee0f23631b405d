// SHM4101-headers-in-a-circle.shm.ts:13:18 - error SHM4101: Schema files 'SHM4101-headers-in-a-circle.shm.ts' and 'support/circle.shm.ts' use each other's structs, and C headers cannot include each other.
// 13 | export interface Whole {
//    |                  ^^^^^
//   hint: move what both of them use into a third schema file, or leave out the target c.
//
// support/circle.shm.ts:4:18 - error SHM4101: Schema files 'support/circle.shm.ts' and 'SHM4101-headers-in-a-circle.shm.ts' use each other's structs, and C headers cannot include each other.
// 4 | export interface Other {
//   |                  ^^^^^
//   hint: move what both of them use into a third schema file, or leave out the target c.
import type { u8 } from "@shmgen/schema";
import type { Other } from "./support/circle.shm.js";

export interface Whole {
  other: Other;
}
export interface Part {
  value: u8;
}
