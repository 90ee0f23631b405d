// SHM3003-sized-too-small.shm.ts:7:18 - error SHM3003: Struct 'Head' is Sized<4>, but its fields take 8 bytes.
// 7 | export interface Head extends Sized<4> {
//   |                  ^^^^
//   hint: write Sized<8> or more, or take fields out.
import type { Sized, u32 } from "@shmgen/schema";

export interface Head extends Sized<4> {
  magic: u32;
  size: u32;
}
