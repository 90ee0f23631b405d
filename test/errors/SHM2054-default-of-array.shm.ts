// SHM2054-default-of-array.shm.ts:13:3 - error SHM2054: Field 'wheels' is array<f32, 4>, which no literal can be the default of.
// 13 |   wheels: since<array<f32, 4>, 2, 0>;
//    |   ^^^^^^
//   hint: leave the default out: in an older region the field reads as undefined.
//
// SHM2054-default-of-array.shm.ts:14:3 - error SHM2054: Field 'id' is bytes<4>, which no literal can be the default of.
// 14 |   id: since<bytes<4>, 2, "abcd">;
//    |   ^^
//   hint: leave the default out: in an older region the field reads as undefined.
import type { Region, array, bytes, f32, since } from "@shmgen/schema";

export interface Car extends Region<{ type: 1; version: 2 }> {
  wheels: since<array<f32, 4>, 2, 0>;
  id: since<bytes<4>, 2, "abcd">;
}
