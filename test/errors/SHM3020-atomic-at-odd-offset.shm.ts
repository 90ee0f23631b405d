// SHM3020-atomic-at-odd-offset.shm.ts:9:3 - error SHM3020: Field 'count' of the packed root 'Page' is shared, but lies at byte 1, which is no multiple of 4.
// 9 |   count: atomic<u32>;
//   |   ^^^^^
//   hint: if the layout is yours, write at<T, 4> or Packed<4>; if another program has it there, no aligned access exists at this offset: declare it without atomic<> or relaxed<>, and read it plain.
import type { Foreign, Packed, at, atomic, u32, u64, u8 } from "@shmgen/schema";

export interface Page extends Foreign, Packed {
  tag: u8;
  count: atomic<u32>;
  samples: at<atomic<u64>, 8>;
}
