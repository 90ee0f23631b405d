// SHM1054-bits-without-members.shm.ts:8:16 - error SHM1054: bits takes an object type of names and whole numbers, not 'u8'.
// 8 |   status: bits<u8, u32>;
//   |                ^^
//   hint: write bits<{ ready: 1; mode: 3 }, u32>.
import type { bits, u32, u8 } from "@shmgen/schema";

export interface Car {
  status: bits<u8, u32>;
}
