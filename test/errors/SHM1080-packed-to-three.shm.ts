// SHM1080-packed-to-three.shm.ts:12:38 - error SHM1080: Packed<3> is no packing; it is 1, 2, 4 or 8.
// 12 | export interface Page extends Packed<3> {
//    |                                      ^
//   hint: write the N of the header's #pragma pack(N).
//
// SHM1080-packed-to-three.shm.ts:17:38 - error SHM1080: Packed<16> is no packing; it is 1, 2, 4 or 8.
// 17 | export interface Wide extends Packed<16> {
//    |                                      ^^
//   hint: drop it: no type is aligned to more than 8 bytes by itself.
import type { Packed, f64, u8 } from "@shmgen/schema";

export interface Page extends Packed<3> {
  tag: u8;
  value: f64;
}

export interface Wide extends Packed<16> {
  tag: u8;
}
