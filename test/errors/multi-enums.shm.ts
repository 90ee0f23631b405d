// multi-enums.shm.ts:117:4 - error SHM1051: @repr belongs into the JSDoc comment of an enum; in another comment it has no effect.
// 117 | // @repr u8
//     |    ^^^^^
//   hint: move it into the /** comment */ right before the enum; enumOf, flags and bits take their integer between the angle brackets.
//
// multi-enums.shm.ts:119:3 - error SHM2013: 'A.High' is -2147483648, but u32 holds 0 to 4294967295.
// 119 |   High = 1 << 31,
//     |   ^^^^
//   hint: 1 << 31 is negative in JavaScript; write 0x80000000 or 2 ** 31.
//
// multi-enums.shm.ts:120:10 - error SHM1047: The enum member 'Text' is a string; memory holds its number.
// 120 |   Text = "x",
//     |          ^^^
//   hint: write Text without a value, or with a whole number; its name is known to the generated code anyway.
//
// multi-enums.shm.ts:122:10 - error SHM1049: The value of 'Half' is 1.5, not a whole number that is stored exactly.
// 122 |   Half = 1.5,
//     |          ^^^
//   hint: write a whole number of at most 9007199254740991; greater ones are bigints of enumOf<{ A: 0xffff_ffff_ffff_ffffn }, u64>.
//
// multi-enums.shm.ts:123:10 - error SHM1048: The value of 'Call' cannot be computed without running the file.
// 123 |   Call = Math.max(1),
//     |          ^^^^^^^^^^^
//   hint: write a number, an expression of numbers such as 1 << 3, or members declared before it.
//
// multi-enums.shm.ts:124:11 - error SHM1048: The value of 'Later' cannot be computed without running the file.
// 124 |   Later = Last,
//     |           ^^^^
//   hint: write a number, an expression of numbers such as 1 << 3, or members declared before it.
//
// multi-enums.shm.ts:126:10 - error SHM1049: The value of 'Huge' is 1152921504606847000, not a whole number that is stored exactly.
// 126 |   Huge = 2 ** 60,
//     |          ^^^^^^^
//   hint: write a whole number of at most 9007199254740991; greater ones are bigints of enumOf<{ A: 0xffff_ffff_ffff_ffffn }, u64>.
//
// multi-enums.shm.ts:127:3 - error SHM1026: "q-r" is not a name that every target can use.
// 127 |   "q-r" = 3,
//     |   ^^^^^
//   hint: write a plain identifier: a letter, then letters, digits and underscores.
//
// multi-enums.shm.ts:135:8 - error SHM1031: A schema cannot have the modifier 'declare'.
// 135 | export declare const enum B {
//     |        ^^^^^^^
//   hint: declare interfaces, enums and type aliases at the top of the file, each with export.
//
// multi-enums.shm.ts:135:16 - error SHM1030: 'B' is a const enum, which leaves nothing behind to generate from or import.
// 135 | export declare const enum B {
//     |                ^^^^^
//   hint: write export enum B, without const.
//
// multi-enums.shm.ts:137:3 - error SHM2002: 'B' has the member 'A' twice.
// 137 |   A = 70000,
//     |   ^
//   hint: rename one of them.
//   multi-enums.shm.ts:136:3 - first declared here
//   136 |   A = -1,
//       |   ^
//
// multi-enums.shm.ts:138:3 - error SHM2014: 'B.C' has the value 70000 of 'A'.
// 138 |   C = 70000,
//     |   ^
//   hint: give each member a value of its own; two names of one value may be in enums that only structs which extend Foreign use.
//   multi-enums.shm.ts:137:3 - first used here
//   137 |   A = 70000,
//       |   ^
//
// multi-enums.shm.ts:141:32 - error SHM2013: 'C.B' is -1, but u8 holds 0 to 255.
// 141 | export type C = enumOf<{ A: 0; B: -1; C: 300; D: 5; A: 6; E: 0 }, u8>;
//     |                                ^
//   hint: write @repr i16 in the comment before the enum, or this as the last argument of enumOf; its members fit i16, i32, i64.
//
// multi-enums.shm.ts:141:39 - error SHM2013: 'C.C' is 300, but u8 holds 0 to 255.
// 141 | export type C = enumOf<{ A: 0; B: -1; C: 300; D: 5; A: 6; E: 0 }, u8>;
//     |                                       ^
//   hint: write @repr i16 in the comment before the enum, or this as the last argument of enumOf; its members fit i16, i32, i64.
//
// multi-enums.shm.ts:141:53 - error SHM2002: 'C' has the member 'A' twice.
// 141 | export type C = enumOf<{ A: 0; B: -1; C: 300; D: 5; A: 6; E: 0 }, u8>;
//     |                                                     ^
//   hint: rename one of them.
//   multi-enums.shm.ts:141:26 - first declared here
//   141 | export type C = enumOf<{ A: 0; B: -1; C: 300; D: 5; A: 6; E: 0 }, u8>;
//       |                          ^
//
// multi-enums.shm.ts:141:59 - error SHM2014: 'C.E' has the value 0 of 'A'.
// 141 | export type C = enumOf<{ A: 0; B: -1; C: 300; D: 5; A: 6; E: 0 }, u8>;
//     |                                                           ^
//   hint: give each member a value of its own; two names of one value may be in enums that only structs which extend Foreign use.
//   multi-enums.shm.ts:141:26 - first used here
//   141 | export type C = enumOf<{ A: 0; B: -1; C: 300; D: 5; A: 6; E: 0 }, u8>;
//       |                          ^
//
// multi-enums.shm.ts:145:3 - error SHM2016: Field 'e' keeps flags of 'D' in u8, but 'Big' is 256.
// 145 |   e: flags<D, u8>;
//     |   ^
//   hint: write flags<D, u16>, or a smaller value.
//   multi-enums.shm.ts:151:3 - the member
//   151 |   Big = 256,
//       |   ^^^
//
// multi-enums.shm.ts:146:16 - error SHM1060: expect takes a literal or a union of literals, not 'D.None'.
// 146 |   f: expect<D, D.None>;
//     |                ^^^^^^
//   hint: write expect<u32, 3007000> or expect<u8, 1 | 2>; beyond 2^53 with n, such as 18446744073709551615n.
//
// multi-enums.shm.ts:147:6 - error SHM1038: The literal D.Big does not say how it is stored.
// 147 |   g: D.Big;
//     |      ^^^^^
//   hint: write the word that stores it; a value that foreign memory must have is expect<u32, 5>.
//
// multi-enums.shm.ts:154:6 - error SHM1034: 'E' is not exported.
// 154 | enum E {
//     |      ^
//   hint: write export before 'E': every declaration becomes a symbol of the output.
import type { enumOf, expect, flags, u16, u64, u8 } from "@shmgen/schema";

// @repr u8
export enum A {
  High = 1 << 31,
  Text = "x",
  AfterText,
  Half = 1.5,
  Call = Math.max(1),
  Later = Last,
  Last = 2,
  Huge = 2 ** 60,
  "q-r" = 3,
  Fine = Last | 4,
  Poisoned = Text | Fine,
}

/**
 * @repr i32
 */
export declare const enum B {
  A = -1,
  A = 70000,
  C = 70000,
}

export type C = enumOf<{ A: 0; B: -1; C: 300; D: 5; A: 6; E: 0 }, u8>;
export interface User {
  c: C;
  d: flags<C, u64>;
  e: flags<D, u8>;
  f: expect<D, D.None>;
  g: D.Big;
}
/** @repr u16 */
export enum D {
  Big = 256,
  Bigger = 512,
}
enum E {
  A,
}
