// SHM2067-keys-of-maps.shm.ts:29:3 - error SHM2067: Field 'ofFloats' is map<f64, u32, 100>, whose keys would be f64; they are integers, enums, utf8<N> or bytes<N>.
// 29 |   ofFloats: map<f64, u32, 100>;
//    |   ^^^^^^^^
//   hint: use one of these as the key; several values make one as bytes<N>, or as utf8<N> with a separator.
//
// SHM2067-keys-of-maps.shm.ts:30:3 - error SHM2067: Field 'ofPoints' is map<Point, u32, 100>, whose keys would be the struct Point; they are integers, enums, utf8<N> or bytes<N>.
// 30 |   ofPoints: map<Point, u32, 100>;
//    |   ^^^^^^^^
//   hint: use one of these as the key; several values make one as bytes<N>, or as utf8<N> with a separator.
//
// SHM2067-keys-of-maps.shm.ts:31:3 - error SHM2067: Field 'ofLists' is map<array<u32, 2>, u32, 100>, whose keys would be an array; they are integers, enums, utf8<N> or bytes<N>.
// 31 |   ofLists: map<array<u32, 2>, u32, 100>;
//    |   ^^^^^^^
//   hint: use one of these as the key; several values make one as bytes<N>, or as utf8<N> with a separator.
//
// SHM2067-keys-of-maps.shm.ts:32:3 - error SHM2067: Field 'ofFlags' is map<bool, u32, 100>, whose keys would be bool; they are integers, enums, utf8<N> or bytes<N>.
// 32 |   ofFlags: map<bool, u32, 100>;
//    |   ^^^^^^^
//   hint: use one of these as the key; several values make one as bytes<N>, or as utf8<N> with a separator.
import type { array, bool, f64, map, Region, u32, u64 } from "@shmgen/schema";

export interface Point {
  x: u32;
  y: u32;
}

export interface Floor extends Region<{ type: 1; version: 1 }> {
  ofNumbers: map<u64, u32, 100>;
  ofFloats: map<f64, u32, 100>;
  ofPoints: map<Point, u32, 100>;
  ofLists: map<array<u32, 2>, u32, 100>;
  ofFlags: map<bool, u32, 100>;
}
