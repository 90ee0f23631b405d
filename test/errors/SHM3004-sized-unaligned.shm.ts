// SHM3004-sized-unaligned.shm.ts:12:18 - error SHM3004: Struct 'Head' is Sized<10>, which is not a multiple of its alignment 4.
// 12 | export interface Head extends Sized<10> {
//    |                  ^^^^
//   hint: write Sized<12>, or let the struct extend Packed<2>, which is aligned to 2 at most.
//
// SHM3004-sized-unaligned.shm.ts:16:18 - error SHM3004: Struct 'Tag' is Sized<5>, which is not a multiple of its alignment 4.
// 16 | export interface Tag extends Sized<5> {
//    |                  ^^^
//   hint: write Sized<8>, or let the struct extend Packed, which is aligned to 1 at most.
import type { Sized, u32, u8 } from "@shmgen/schema";

export interface Head extends Sized<10> {
  magic: u32;
  size: u32;
}
export interface Tag extends Sized<5> {
  magic: u32;
  kind: u8;
}
