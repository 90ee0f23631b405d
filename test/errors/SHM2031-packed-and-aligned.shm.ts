// SHM2031-packed-and-aligned.shm.ts:7:18 - error SHM2031: 'Car' is packed, so Aligned<64> has no effect.
// 7 | export interface Car extends Packed, Aligned<64> {
//   |                  ^^^
//   hint: drop Packed, or place the field with at<T, offset>.
import type { Aligned, Packed, f32 } from "@shmgen/schema";

export interface Car extends Packed, Aligned<64> {
  speed: f32;
}
