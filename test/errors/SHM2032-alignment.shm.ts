// SHM2032-alignment.shm.ts:7:18 - error SHM2032: The alignment of 'Car' is 48; an alignment is a power of two, 1 to 4096.
// 7 | export interface Car extends Aligned<48> {
//   |                  ^^^
//   hint: write 8, 16, 32 or 64; 64 bytes are a cache line on most machines.
import type { Aligned, f32 } from "@shmgen/schema";

export interface Car extends Aligned<48> {
  speed: f32;
}
