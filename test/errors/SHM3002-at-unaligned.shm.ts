// SHM3002-at-unaligned.shm.ts:19:3 - error SHM3002: Field 'size' is put at byte 6, which is not a multiple of its alignment 4.
// 19 |   size: at<u32, 6>;
//    |   ^^^^
//   hint: aligned offsets are 4 and 8; if the foreign layout really has it there, let the struct extend Packed<2>.
//
// SHM3002-at-unaligned.shm.ts:20:3 - error SHM3002: Field 'count' is put at byte 12, which is not a multiple of its alignment 8.
// 20 |   count: at<atomic<u64>, 12>;
//    |   ^^^^^
//   hint: aligned offsets are 8 and 16; no aligned access exists at this offset, so if it really lies there, declare it without atomic<> or relaxed<>, let the struct extend Packed<4>, and read it plain.
//
// SHM3002-at-unaligned.shm.ts:24:3 - error SHM3002: Field 'lines' is put at byte 6, which is not a multiple of its alignment 4.
// 24 |   lines: at<tail<u8>, 6>;
//    |   ^^^^^
//   hint: the next aligned offset is 8; if the foreign layout really has it there, let the struct extend Packed<2>.
import type { Region, at, atomic, tail, u16, u32, u64, u8 } from "@shmgen/schema";

export interface Head {
  tag: u16;
  size: at<u32, 6>;
  count: at<atomic<u64>, 12>;
}
export interface Log extends Region<{ type: 1; version: 1 }> {
  count: u32;
  lines: at<tail<u8>, 6>;
}
