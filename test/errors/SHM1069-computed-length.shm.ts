// SHM1069-computed-length.shm.ts:34:15 - error SHM1069: A literal number is needed here, not '4 * 65': TypeScript does not compute in types.
// 34 |   name: bytes<4 * 65>;
//    |               ^^^^^^
//   hint: write 260.
//
// SHM1069-computed-length.shm.ts:36:25 - error SHM1069: A literal number is needed here, not '(1 + 2) * 4': TypeScript does not compute in types.
// 36 |   grid: array<array<u8, (1 + 2) * 4>, 1 << 3>;
//    |                         ^^^^^^^^^^^
//   hint: write 12.
//
// SHM1069-computed-length.shm.ts:36:39 - error SHM1069: A literal number is needed here, not '1 << 3': TypeScript does not compute in types.
// 36 |   grid: array<array<u8, (1 + 2) * 4>, 1 << 3>;
//    |                                       ^^^^^^
//   hint: write 8.
//
// SHM1069-computed-length.shm.ts:37:22 - error SHM1069: A literal number is needed here, not 'Wheels * 2': TypeScript does not compute in types.
// 37 |   wheels: array<f32, Wheels * 2>;
//    |                      ^^^^^^^^^^
//   hint: write the number itself, or an alias of one: type Count = 16.
//
// SHM1069-computed-length.shm.ts:38:22 - error SHM1069: A literal number is needed here, not '2 * 2': TypeScript does not compute in types.
// 38 |   flags: bits<{ low: 2 * 2 }, u8>;
//    |                      ^^^^^
//   hint: write 4.
//
// SHM1069-computed-length.shm.ts:39:16 - error SHM1069: A literal number is needed here, not '0x400 + 8': TypeScript does not compute in types.
// 39 |   last: at<u8, 0x400 + 8>;
//    |                ^^^^^^^^^
//   hint: write 1032.
import type { array, at, bits, bytes, f32, u8 } from "@shmgen/schema";

type Wheels = 4;
export interface Car {
  name: bytes<4 * 65>;
  /** Twice 3 * 4. */
  grid: array<array<u8, (1 + 2) * 4>, 1 << 3>;
  wheels: array<f32, Wheels * 2>;
  flags: bits<{ low: 2 * 2 }, u8>;
  last: at<u8, 0x400 + 8>;
}
