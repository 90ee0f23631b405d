// SHM2050-reserved-inside.shm.ts:23:3 - error SHM2050: Field 'spares' is array<reserved<u32>, 4>: reserved<> keeps bytes for a field, so it cannot stand inside another word.
// 23 |   spares: array<reserved<u32>, 4>;
//    |   ^^^^^^
//   hint: write reserved<...> around the whole type, such as reserved<array<u32, 4>> or reserved<atomic<u32>>.
//
// SHM2050-reserved-inside.shm.ts:24:3 - error SHM2050: Field 'shared' is atomic<reserved<u32>>: reserved<> keeps bytes for a field, so it cannot stand inside another word.
// 24 |   shared: atomic<reserved<u32>>;
//    |   ^^^^^^
//   hint: write reserved<...> around the whole type, such as reserved<array<u32, 4>> or reserved<atomic<u32>>.
//
// SHM2050-reserved-inside.shm.ts:25:3 - error SHM2050: Field 'swapped' is be<pad<4>>: pad<> keeps bytes for a field, so it cannot stand inside another word.
// 25 |   swapped: be<pad<4>>;
//    |   ^^^^^^^
//   hint: write reserved<...> around the whole type, such as reserved<array<u32, 4>> or reserved<atomic<u32>>.
//
// SHM2050-reserved-inside.shm.ts:26:3 - error SHM2050: Field 'twice' is reserved<reserved<u32>>: reserved<> keeps bytes for a field, so it cannot stand inside another word.
// 26 |   twice: reserved<reserved<u32>>;
//    |   ^^^^^
//   hint: write reserved<...> around the whole type, such as reserved<array<u32, 4>> or reserved<atomic<u32>>.
import type { array, atomic, be, pad, reserved, u32 } from "@shmgen/schema";

export interface Car {
  spares: array<reserved<u32>, 4>;
  shared: atomic<reserved<u32>>;
  swapped: be<pad<4>>;
  twice: reserved<reserved<u32>>;
}
