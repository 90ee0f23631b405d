// multi-regions.shm.ts:132:18 - error SHM2026: The type of 'A' is 300; with the dotnet header it is 0 to 255.
// 132 | export interface A extends Region<{ type: 300; version: 256; header: "dotnet" }> {
//     |                  ^
//   hint: write a whole number from 0 to 255.
//
// multi-regions.shm.ts:132:18 - error SHM2026: The version of 'A' is 256; with the dotnet header it is 1 to 255.
// 132 | export interface A extends Region<{ type: 300; version: 256; header: "dotnet" }> {
//     |                  ^
//   hint: write a whole number from 1 to 255.
//
// multi-regions.shm.ts:135:18 - error SHM2026: The type of 'B' is -1; with the standard header it is 0 to 4294967295.
// 135 | export interface B extends Region<{ type: -1; version: 4294967296 }> {
//     |                  ^
//   hint: write a whole number from 0 to 4294967295.
//
// multi-regions.shm.ts:135:18 - error SHM2026: The version of 'B' is 4294967296; with the standard header it is 1 to 4294967295.
// 135 | export interface B extends Region<{ type: -1; version: 4294967296 }> {
//     |                  ^
//   hint: write a whole number from 1 to 4294967295.
//
// multi-regions.shm.ts:136:3 - error SHM2020: The tail 'first' is followed by 'second'.
// 136 |   first: tail<u8>;
//     |   ^^^^^
//   hint: move the tail to the end; a region has at most one.
//   multi-regions.shm.ts:137:3 - the field behind it
//   137 |   second: tail<tail<u8>>;
//       |   ^^^^^^
//
// multi-regions.shm.ts:137:3 - error SHM2023: Field 'second' is tail<tail<u8>>: a tail cannot stand inside another word.
// 137 |   second: tail<tail<u8>>;
//     |   ^^^^^^
//   hint: write tail<T> as the type of the last field, with the other words inside, such as tail<atomic<u32>>.
//
// multi-regions.shm.ts:139:18 - error SHM2028: 'C' is readable from version 0, but its version is 2.
// 139 | export interface C extends Region<{ type: 7; version: 2; readableFrom: 0 }> {
//     |                  ^
//   hint: write readableFrom: 1 to 2, or leave it out.
//
// multi-regions.shm.ts:140:3 - error SHM2035: Field 'version' has expect<>, but 'C' is a region, where nobody would check it.
// 140 |   version: expect<u32, 1>;
//     |   ^^^^^^^
//   hint: drop expect<>; regions of ours are validated by their header. Memory of another program is declared with extends Foreign.
//
// multi-regions.shm.ts:144:3 - error SHM2035: Field 'known' has expect<>, but 'Inner' is part of the region 'C', where nobody would check it.
// 144 |   known: expect<u8, 256 | -1 | 0.5 | true | "x">;
//     |   ^^^^^
//   hint: drop expect<>; regions of ours are validated by their header. Memory of another program is declared with extends Foreign.
//
// multi-regions.shm.ts:144:3 - error SHM2036: Field 'known' can never be "x": it is u8.
// 144 |   known: expect<u8, 256 | -1 | 0.5 | true | "x">;
//     |   ^^^^^
//   hint: write a literal of the field's type and range: 3 for integers, 0.5 for floats, true for bool, "text" for texts.
//
// multi-regions.shm.ts:144:3 - error SHM2036: Field 'known' can never be -1: it is u8.
// 144 |   known: expect<u8, 256 | -1 | 0.5 | true | "x">;
//     |   ^^^^^
//   hint: write a literal of the field's type and range: 3 for integers, 0.5 for floats, true for bool, "text" for texts.
//
// multi-regions.shm.ts:144:3 - error SHM2036: Field 'known' can never be 0.5: it is u8.
// 144 |   known: expect<u8, 256 | -1 | 0.5 | true | "x">;
//     |   ^^^^^
//   hint: write a literal of the field's type and range: 3 for integers, 0.5 for floats, true for bool, "text" for texts.
//
// multi-regions.shm.ts:144:3 - error SHM2036: Field 'known' can never be 256: it is u8.
// 144 |   known: expect<u8, 256 | -1 | 0.5 | true | "x">;
//     |   ^^^^^
//   hint: write a literal of the field's type and range: 3 for integers, 0.5 for floats, true for bool, "text" for texts.
//
// multi-regions.shm.ts:144:3 - error SHM2036: Field 'known' can never be true: it is u8.
// 144 |   known: expect<u8, 256 | -1 | 0.5 | true | "x">;
//     |   ^^^^^
//   hint: write a literal of the field's type and range: 3 for integers, 0.5 for floats, true for bool, "text" for texts.
//
// multi-regions.shm.ts:145:3 - error SHM2006: Field 'shared' is relaxed<u64>, but relaxed holds f32, f64 and integers of up to 32 bits, not u64.
// 145 |   shared: relaxed<u64>;
//     |   ^^^^^^
//   hint: write atomic<T> where readers need whole values, or T alone.
//
// multi-regions.shm.ts:147:18 - error SHM2025: The regions 'C' and 'D' both have type 7 (0x7).
// 147 | export interface D extends Region<{ type: 7; version: 2 }>, Packed {
//     |                  ^
//   hint: give each kind of region a type number of its own; versions of one kind share it in different releases, not in one schema.
//   multi-regions.shm.ts:139:18 - 'C' has it first
//   139 | export interface C extends Region<{ type: 7; version: 2; readableFrom: 0 }> {
//       |                  ^
//
// multi-regions.shm.ts:150:3 - error SHM2008: Field 'swapped' is be<u8>, but byte order means nothing for u8, one byte.
// 150 |   swapped: be<u8>;
//     |   ^^^^^^^
//   hint: drop be<> or le<>: one byte has no order.
//
// multi-regions.shm.ts:159:3 - error SHM2036: Field 'name' can never be "toolong": it is utf8<4>.
// 159 |   name: expect<utf8<4>, "toolong" | "ok">;
//     |   ^^^^
//   hint: write a literal of the field's type and range: 3 for integers, 0.5 for floats, true for bool, "text" for texts.
//
// multi-regions.shm.ts:160:3 - error SHM2036: Field 'ratio' can never be 0.1: it is f32.
// 160 |   ratio: expect<f32, 0.5 | 0.1 | 1>;
//     |   ^^^^^
//   hint: write 0.10000000149011612, the nearest value of an f32; 0.1 needs the precision of an f64.
//
// multi-regions.shm.ts:162:3 - error SHM2020: The tail 'rest' is followed by 'big'.
// 162 |   rest: tail<u8>;
//     |   ^^^^
//   hint: move the tail to the end; a region has at most one.
//   multi-regions.shm.ts:163:3 - the field behind it
//   163 |   big: expect<u64, 18446744073709551615n | -1n>;
//       |   ^^^
//
// multi-regions.shm.ts:163:3 - error SHM2036: Field 'big' can never be -1: it is u64.
// 163 |   big: expect<u64, 18446744073709551615n | -1n>;
//     |   ^^^
//   hint: write a literal of the field's type and range: 3 for integers, 0.5 for floats, true for bool, "text" for texts.
//
// multi-regions.shm.ts:164:3 - error SHM2034: Field 'place' is at offset -1.
// 164 |   place: at<u8, -1>;
//     |   ^^^^^
//   hint: write an offset in bytes from the start of the struct, 0 or more.
//
// multi-regions.shm.ts:167:3 - error SHM2003: A struct cannot contain itself: Ping.pong -> Pong.next -> Third.ping -> Ping.
// 167 |   pong: array<Pong, 2>;
//     |   ^^^^
//   hint: keep the structs in an array<T, N> and store the index of the next one as u32.
//   multi-regions.shm.ts:170:3 - through 'Pong'
//   170 |   next: Third;
//       |   ^^^^
//   multi-regions.shm.ts:173:3 - through 'Third'
//   173 |   ping: Ping;
//       |   ^^^^
import type { Foreign, Packed, Region, array, at, atomic, be, expect, f32, f64, relaxed, tail, u16, u32, u64, u8, utf8 } from "@shmgen/schema";

export interface A extends Region<{ type: 300; version: 256; header: "dotnet" }> {
  a: f32;
}
export interface B extends Region<{ type: -1; version: 4294967296 }> {
  first: tail<u8>;
  second: tail<tail<u8>>;
}
export interface C extends Region<{ type: 7; version: 2; readableFrom: 0 }> {
  version: expect<u32, 1>;
  inner: Inner;
}
export interface Inner {
  known: expect<u8, 256 | -1 | 0.5 | true | "x">;
  shared: relaxed<u64>;
}
export interface D extends Region<{ type: 7; version: 2 }>, Packed {
  deep: array<Shared, 2>;
  own: atomic<u8>;
  swapped: be<u8>;
}
export interface Shared {
  inner: SharedInner;
}
export interface SharedInner {
  count: atomic<u64>;
}
export interface E extends Foreign {
  name: expect<utf8<4>, "toolong" | "ok">;
  ratio: expect<f32, 0.5 | 0.1 | 1>;
  order: expect<be<u16>, 0x3007>;
  rest: tail<u8>;
  big: expect<u64, 18446744073709551615n | -1n>;
  place: at<u8, -1>;
}
export interface Ping {
  pong: array<Pong, 2>;
}
export interface Pong {
  next: Third;
}
export interface Third {
  ping: Ping;
}
