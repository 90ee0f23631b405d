// SHM2063-container-length.shm.ts:33:3 - error SHM2063: Field 'orders' is ring<u32, 1000>, but its length is a power of two from 1 to 1073741824, not 1000.
// 33 |   orders: ring<u32, 1000>;
//    |   ^^^^^^
//   hint: write 512 or 1024.
//
// SHM2063-container-length.shm.ts:34:3 - error SHM2063: Field 'none' is ring<u32, 0>, but its length is a power of two from 1 to 1073741824, not 0.
// 34 |   none: ring<u32, 0>;
//    |   ^^^^
//   hint: write a number from 1 to 1073741824.
//
// SHM2063-container-length.shm.ts:35:3 - error SHM2063: Field 'permits' is semaphore<100000>, but its length is from 1 to 65535, not 100000.
// 35 |   permits: semaphore<100000>;
//    |   ^^^^^^^
//   hint: write a number from 1 to 65535.
//
// SHM2063-container-length.shm.ts:36:3 - error SHM2063: Field 'log' is messages<1000>, but its length is a number of bytes from 64 to 1073741824, a multiple of 64, not 1000.
// 36 |   log: messages<1000>;
//    |   ^^^
//   hint: write 1024.
//
// SHM2063-container-length.shm.ts:37:3 - error SHM2063: Field 'bytes' is bipBuffer<0>, but its length is a number of bytes from 64 to 1073741824, a multiple of 64, not 0.
// 37 |   bytes: bipBuffer<0>;
//    |   ^^^^^
//   hint: write 64.
//
// SHM2063-container-length.shm.ts:38:3 - error SHM2063: Field 'huge' is bipBuffer<2000000000>, but its length is a number of bytes from 64 to 1073741824, a multiple of 64, not 2000000000.
// 38 |   huge: bipBuffer<2000000000>;
//    |   ^^^^
//   hint: write a number from 64 to 1073741824.
import type { bipBuffer, messages, Region, ring, semaphore, u32 } from "@shmgen/schema";

export interface Floor extends Region<{ type: 1; version: 1 }> {
  orders: ring<u32, 1000>;
  none: ring<u32, 0>;
  permits: semaphore<100000>;
  log: messages<1000>;
  bytes: bipBuffer<0>;
  huge: bipBuffer<2000000000>;
}
