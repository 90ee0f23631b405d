// SHM3009-aligned-in-packed.shm.ts:15:3 - error SHM3009: Packed struct 'Head' cannot hold 'lines': 'Outer' asks for an alignment of its own, which it would lose.
// 15 |   lines: array<Outer, 2>;
//    |   ^^^^^
//   hint: take Packed away and place the fields with at<T, N>, or drop align<T, N> and Aligned<N> inside the inner struct.
import type { Aligned, Packed, array, u32, u8 } from "@shmgen/schema";

export interface Line extends Aligned<64> {
  value: u32;
}
export interface Outer {
  line: Line;
}
export interface Head extends Packed {
  tag: u8;
  lines: array<Outer, 2>;
}
