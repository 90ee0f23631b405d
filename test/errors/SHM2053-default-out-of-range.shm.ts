// SHM2053-default-out-of-range.shm.ts:39:3 - error SHM2053: Field 'count' cannot have the default 256: it is u8.
// 39 |   count: since<u8, 2, 256>;
//    |   ^^^^^
//   hint: write a literal of the field's type and range: 3 for integers, 0.5 for floats, true for bool, Gear.Park, "text" for texts.
//
// SHM2053-default-out-of-range.shm.ts:40:3 - error SHM2053: Field 'scale' cannot have the default 0.1: it is f32.
// 40 |   scale: since<f32, 2, 0.1>;
//    |   ^^^^^
//   hint: write 0.10000000149011612, the nearest value of an f32; 0.1 needs the precision of an f64.
//
// SHM2053-default-out-of-range.shm.ts:41:3 - error SHM2053: Field 'ready' cannot have the default 1: it is bool.
// 41 |   ready: since<bool, 2, 1>;
//    |   ^^^^^
//   hint: write a literal of the field's type and range: 3 for integers, 0.5 for floats, true for bool, Gear.Park, "text" for texts.
//
// SHM2053-default-out-of-range.shm.ts:42:3 - error SHM2053: Field 'gear' cannot have the default 3: it is Gear.
// 42 |   gear: since<Gear, 2, 3>;
//    |   ^^^^
//   hint: write a literal of the field's type and range: 3 for integers, 0.5 for floats, true for bool, Gear.Park, "text" for texts.
//
// SHM2053-default-out-of-range.shm.ts:43:3 - error SHM2053: Field 'samples' cannot have the default 9007199254740993: it is num<u64>.
// 43 |   samples: since<num<u64>, 2, 9007199254740993n>;
//    |   ^^^^^^^
//   hint: write a literal of the field's type and range: 3 for integers, 0.5 for floats, true for bool, Gear.Park, "text" for texts.
//
// SHM2053-default-out-of-range.shm.ts:44:3 - error SHM2053: Field 'driver' cannot have the default "nobody": it is utf8<4>.
// 44 |   driver: since<utf8<4>, 2, "nobody">;
//    |   ^^^^^^
//   hint: write a literal of the field's type and range: 3 for integers, 0.5 for floats, true for bool, Gear.Park, "text" for texts.
import type { Region, bool, f32, num, since, u64, u8, utf8 } from "@shmgen/schema";

/** @repr u8 */
export enum Gear {
  Park,
  Drive = 5,
}

export interface Car extends Region<{ type: 1; version: 2 }> {
  count: since<u8, 2, 256>;
  scale: since<f32, 2, 0.1>;
  ready: since<bool, 2, 1>;
  gear: since<Gear, 2, 3>;
  samples: since<num<u64>, 2, 9007199254740993n>;
  driver: since<utf8<4>, 2, "nobody">;
}
