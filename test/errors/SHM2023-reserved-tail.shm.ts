// SHM2023-reserved-tail.shm.ts:8:3 - error SHM2023: Field 'rest' is reserved<tail<u8>>: a tail cannot stand inside another word.
// 8 |   rest: reserved<tail<u8>>;
//   |   ^^^^
//   hint: remove the field: behind the last one there is nothing to keep free.
import type { Region, reserved, tail, u8 } from "@shmgen/schema";

export interface Car extends Region<{ type: 1; version: 2 }> {
  rest: reserved<tail<u8>>;
}
