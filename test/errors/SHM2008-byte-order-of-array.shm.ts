// SHM2008-byte-order-of-array.shm.ts:8:3 - error SHM2008: Field 'salts' is be<array<u32, 2>>, but byte order means nothing for an array.
// 8 |   salts: be<array<u32, 2>>;
//   |   ^^^^^
//   hint: put be<> or le<> around each number of two or more bytes, such as array<be<u32>, 4>; never around an atomic.
import type { array, be, u32 } from "@shmgen/schema";

export interface Car {
  salts: be<array<u32, 2>>;
}
