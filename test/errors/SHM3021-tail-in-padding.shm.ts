// SHM3021-tail-in-padding.shm.ts:10:3 - error SHM3021: The tail 'bytes' begins at byte 8, where 'Log' ends, but C would put it at byte 5.
// 10 |   bytes: tail<u8>;
//    |   ^^^^^
//   hint: write at<tail<T>, 8> if it really begins there; if it begins at byte 5, let the struct extend Packed, and place fields that then move with at<T, offset>.
import type { Foreign, tail, u8, u32 } from "@shmgen/schema";

export interface Log extends Foreign {
  count: u32;
  kind: u8;
  bytes: tail<u8>;
}
