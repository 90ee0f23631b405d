// multi-no-cascade.shm.ts:41:22 - error SHM1006: 'support/wheel.shm.ts' exports nothing named 'Wheal'.
// 41 | import type { Wheel, Wheal } from "./support/wheel.shm.js";
//    |                      ^^^^^
//   hint: did you mean 'Wheel'?
//
// multi-no-cascade.shm.ts:42:27 - error SHM1003: Cannot find './gone.shm.js': there is no file 'gone.shm.ts'.
// 42 | import type { Gone } from "./gone.shm.js";
//    |                           ^^^^^^^^^^^^^^^
//   hint: imports are relative to the file that contains them.
//
// multi-no-cascade.shm.ts:45:45 - error SHM1053: The type of Region is 1.5, which is not a whole number that is stored exactly.
// 45 | export interface Car extends Region<{ type: 1.5; version: 1 }> {
//    |                                             ^^^
//   hint: write a whole number of at most 9007199254740991.
//
// multi-no-cascade.shm.ts:56:21 - error SHM1010: 'number' does not say how many bytes it takes.
// 56 | export type Speed = number;
//    |                     ^^^^^^
//   hint: write f64 or f32 for measurements, u32, i32, u16, u8 ... for whole numbers.
//
// multi-no-cascade.shm.ts:59:9 - error SHM1047: The enum member 'Off' is a string; memory holds its number.
// 59 |   Off = "off",
//    |         ^^^^^
//   hint: write Off without a value, or with a whole number; its name is known to the generated code anyway.
//
// multi-no-cascade.shm.ts:63:9 - error SHM1009: Nothing named 'Missing' is declared or imported here.
// 63 |   only: Missing;
//    |         ^^^^^^^
//   hint: declare it in this file or import it from another schema file.
//
// multi-no-cascade.shm.ts:67:25 - error SHM1053: The length of array is 2.5, which is not a whole number that is stored exactly.
// 67 |   header: array<Header, 2.5>;
//    |                         ^^^
//   hint: write a whole number of at most 9007199254740991.
//
// multi-no-cascade.shm.ts:74:36 - error SHM1052: The width of 'ready' of bits must be a number literal, not 'u16'.
// 74 | export type Status = bits<{ ready: u16; ok: 1 }, u8>;
//    |                                    ^^^
//   hint: write the number itself, such as 16 or 0x10, or an alias of one: type Count = 16.
import type { Foreign, Region, array, atomic, bits, bool, expect, flags, tail, u16, u32, u8 } from "@shmgen/schema";
import type { Wheel, Wheal } from "./support/wheel.shm.js";
import type { Gone } from "./gone.shm.js";

/** Each mistake is told once, at its root; what depends on it stays silent. */
export interface Car extends Region<{ type: 1.5; version: 1 }> {
  speed: Speed;
  topSpeed: Speed;
  wheels: array<Wheel, 4>;
  spare: Wheal;
  gone: Gone;
  mode: atomic<Mode>;
  modes: flags<Mode, u8>;
  rest: tail<u8>;
}

export type Speed = number;

export enum Mode {
  Off = "off",
}

export interface Only {
  only: Missing;
}

export interface Outer extends Foreign {
  header: array<Header, 2.5>;
}

export interface Header {
  version: expect<u32, 3>;
}

export type Status = bits<{ ready: u16; ok: 1 }, u8>;
export interface Last {
  status: Status;
  ok: bool;
}
