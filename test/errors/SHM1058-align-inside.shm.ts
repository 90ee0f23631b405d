// SHM1058-align-inside.shm.ts:8:17 - error SHM1058: align<...> is about the field, so it cannot stand inside atomic<...>.
// 8 |   speed: atomic<align<u32, 64>>;
//   |                 ^^^^^^^^^^^^^^
//   hint: write align<atomic<...>, ...>, with align outside.
import type { align, atomic, u32 } from "@shmgen/schema";

export interface Car {
  speed: atomic<align<u32, 64>>;
}
