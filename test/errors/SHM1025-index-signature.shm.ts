// SHM1025-index-signature.shm.ts:8:3 - error SHM1025: An index signature has no fixed set of keys in memory.
// 8 |   [key: string]: f32;
//   |   ^^^^^^^^^^^^^^^^^^^
//   hint: declare an interface for the entries and write array<Entry, N>.
import type { f32 } from "@shmgen/schema";

export interface Car {
  [key: string]: f32;
}
