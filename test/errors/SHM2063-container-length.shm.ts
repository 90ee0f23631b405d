// SHM2063-container-length.shm.ts:18:3 - error SHM2063: Field 'orders' is ring<u32, 1000>, but its length is a power of two from 1 to 1073741824, not 1000.
// 18 |   orders: ring<u32, 1000>;
//    |   ^^^^^^
//   hint: write 512 or 1024.
//
// SHM2063-container-length.shm.ts:19:3 - error SHM2063: Field 'none' is ring<u32, 0>, but its length is a power of two from 1 to 1073741824, not 0.
// 19 |   none: ring<u32, 0>;
//    |   ^^^^
//   hint: write a number from 1 to 1073741824.
//
// SHM2063-container-length.shm.ts:20:3 - error SHM2063: Field 'permits' is semaphore<100000>, but its length is from 1 to 65535, not 100000.
// 20 |   permits: semaphore<100000>;
//    |   ^^^^^^^
//   hint: write a number from 1 to 65535.
import type { Region, ring, semaphore, u32 } from "@shmgen/schema";

export interface Floor extends Region<{ type: 1; version: 1 }> {
  orders: ring<u32, 1000>;
  none: ring<u32, 0>;
  permits: semaphore<100000>;
}
