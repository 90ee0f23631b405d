// SHM2001-clash-of-names.shm.ts:11:11 - error SHM2001: 'CarStatusBits' is declared twice.
// 11 |   status: bits<{ ready: 1 }, u8>;
//    |           ^^^^
//   hint: rename one of them; in-place enumOf and bits are named after struct and field, so give those an alias of their own.
//   SHM2001-clash-of-names.shm.ts:13:18 - first declared here
//   13 | export interface CarStatusBits {
//      |                  ^^^^^^^^^^^^^
import type { bits, f32, u8 } from "@shmgen/schema";

export interface Car {
  status: bits<{ ready: 1 }, u8>;
}
export interface CarStatusBits {
  speed: f32;
}
