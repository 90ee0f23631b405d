// SHM2010-bits-too-wide.shm.ts:8:11 - error SHM2010: The bit fields of 'CarStatusBits' take 10 bits, but u8 has 8.
// 8 |   status: bits<{ low: 5; high: 5 }, u8>;
//   |           ^^^^
//   hint: write u16 as the last argument, or make fields narrower.
import type { bits, u8 } from "@shmgen/schema";

export interface Car {
  status: bits<{ low: 5; high: 5 }, u8>;
}
