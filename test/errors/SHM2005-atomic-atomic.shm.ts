// SHM2005-atomic-atomic.shm.ts:8:3 - error SHM2005: Field 'speed' is atomic<atomic<u32>>: access is stated twice.
// 8 |   speed: atomic<atomic<u32>>;
//   |   ^^^^^
//   hint: keep one of atomic<> and relaxed<>.
import type { atomic, u32 } from "@shmgen/schema";

export interface Car {
  speed: atomic<atomic<u32>>;
}
