// multi-layout.shm.ts:28:18 - error SHM3003: Struct 'Head' is Sized<8>, but its fields take 24 bytes.
// 28 | export interface Head extends Sized<8> {
//    |                  ^^^^
//   hint: write Sized<24> or more, or take fields out.
//
// multi-layout.shm.ts:30:3 - error SHM3001: Field 'size' is put at byte 2, but 'magic' before it ends at byte 4.
// 30 |   size: at<u16, 2>;
//    |   ^^^^
//   hint: use at<T, 4> or more, or move 'size' up, so that the fields stand in the order of their bytes; if they really share bytes, make them one field: union<{ magic: ...; size: ... }>.
//   multi-layout.shm.ts:29:3 - 'magic' stands here.
//   29 |   magic: u32;
//      |   ^^^^^
//
// multi-layout.shm.ts:31:3 - error SHM3002: Field 'rest' is put at byte 13, which is not a multiple of its alignment 4.
// 31 |   rest: at<u32, 13>;
//    |   ^^^^
//   hint: aligned offsets are 12 and 16; if the foreign layout really has it there, let the struct extend Packed.
//
// multi-layout.shm.ts:41:3 - error SHM3001: Field 'back' is put at byte 1, but 'line' before it ends at byte 25.
// 41 |   back: at<u8, 1>;
//    |   ^^^^
//   hint: use at<T, 25> or more, or move 'back' up, so that the fields stand in the order of their bytes; if they really share bytes, make them one field: union<{ line: ...; back: ... }>.
//   multi-layout.shm.ts:40:3 - 'line' stands here.
//   40 |   line: align<u8, 8>;
//      |   ^^^^
import type { Packed, Sized, align, at, f64, u16, u32, u64, u8 } from "@shmgen/schema";

export interface Head extends Sized<8> {
  magic: u32;
  size: at<u16, 2>;
  rest: at<u32, 13>;
  last: u64;
}
export interface Fine extends Packed {
  tag: u8;
  size: at<f64, 3>;
}
export interface Second {
  head: Head;
  line: align<u8, 8>;
  back: at<u8, 1>;
}
