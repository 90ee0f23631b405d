// SHM2009-width-zero.shm.ts:8:18 - error SHM2009: Bit field 'ready' of 'CarStatusBits' is 0 bits wide; a width is 1 to 8 there.
// 8 |   status: bits<{ ready: 0; mode: 3 }, u8>;
//   |                  ^^^^^
//   hint: write the number of bits that the value needs.
import type { bits, u8 } from "@shmgen/schema";

export interface Car {
  status: bits<{ ready: 0; mode: 3 }, u8>;
}
