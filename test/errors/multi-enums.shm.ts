// multi-enums.shm.ts:132:4 - error SHM1051: @repr belongs into the JSDoc comment of an enum; in another comment it has no effect.
// 132 | // @repr u8
//     |    ^^^^^
//   hint: move it into the /** comment */ right before the enum; enumOf, flags and bits take their integer between the angle brackets.
//
// multi-enums.shm.ts:134:3 - error SHM2013: 'A.High' is -2147483648, but u32 holds 0 to 4294967295.
// 134 |   High = 1 << 31,
//     |   ^^^^
//   hint: 1 << 31 is negative in JavaScript; write 0x80000000 or 2 ** 31.
//
// multi-enums.shm.ts:135:10 - error SHM1047: The enum member 'Text' is a string; memory holds its number.
// 135 |   Text = "x",
//     |          ^^^
//   hint: write Text without a value, or with a whole number; its name is known to the generated code anyway.
//
// multi-enums.shm.ts:137:10 - error SHM1049: The value of 'Half' is 1.5, not a whole number that is stored exactly.
// 137 |   Half = 1.5,
//     |          ^^^
//   hint: write a whole number between 0 and 4294967295.
//
// multi-enums.shm.ts:138:10 - error SHM1048: The value of 'Call' cannot be computed without running the file.
// 138 |   Call = Math.max(1),
//     |          ^^^^^^^^^^^
//   hint: write a number, an expression of numbers such as 1 << 3, or members declared before it.
//
// multi-enums.shm.ts:139:11 - error SHM1048: The value of 'Later' cannot be computed without running the file.
// 139 |   Later = Last,
//     |           ^^^^
//   hint: write a number, an expression of numbers such as 1 << 3, or members declared before it.
//
// multi-enums.shm.ts:141:10 - error SHM1049: The value of 'Huge' is 1152921504606847000, not a whole number that is stored exactly.
// 141 |   Huge = 2 ** 60,
//     |          ^^^^^^^
//   hint: write a whole number between 0 and 4294967295.
//
// multi-enums.shm.ts:142:3 - error SHM1026: "q-r" is not a name that every target can use.
// 142 |   "q-r" = 3,
//     |   ^^^^^
//   hint: write a plain identifier: a letter, then letters, digits and underscores.
//
// multi-enums.shm.ts:148:4 - error SHM1050: An enum cannot be stored as 'i32'.
// 148 |  * @repr i32
//     |    ^^^^^^^^^
//   hint: write @repr u8, @repr u16 or @repr u32.
//
// multi-enums.shm.ts:150:8 - error SHM1031: A schema cannot have the modifier 'declare'.
// 150 | export declare const enum B {
//     |        ^^^^^^^
//   hint: declare interfaces, enums and type aliases at the top of the file, each with export.
//
// multi-enums.shm.ts:150:16 - error SHM1030: 'B' is a const enum, which leaves nothing behind to generate from or import.
// 150 | export declare const enum B {
//     |                ^^^^^
//   hint: write export enum B, without const.
//
// multi-enums.shm.ts:151:3 - error SHM2013: 'B.A' is -1, but u32 holds 0 to 4294967295.
// 151 |   A = -1,
//     |   ^
//   hint: enums are unsigned; shift the values so that the least is 0.
//
// multi-enums.shm.ts:152:3 - error SHM2002: 'B' has the member 'A' twice.
// 152 |   A = 70000,
//     |   ^
//   hint: rename one of them.
//   multi-enums.shm.ts:151:3 - first declared here
//   151 |   A = -1,
//       |   ^
//
// multi-enums.shm.ts:153:3 - error SHM2014: 'B.C' has the value 70000 of 'A'.
// 153 |   C = 70000,
//     |   ^
//   hint: give each member a value of its own.
//   multi-enums.shm.ts:152:3 - first used here
//   152 |   A = 70000,
//       |   ^
//
// multi-enums.shm.ts:156:32 - error SHM2013: 'C.B' is -1, but u8 holds 0 to 255.
// 156 | export type C = enumOf<{ A: 0; B: -1; C: 300; D: 5; A: 6; E: 0 }, u8>;
//     |                                ^
//   hint: enums are unsigned; shift the values so that the least is 0.
//
// multi-enums.shm.ts:156:39 - error SHM2013: 'C.C' is 300, but u8 holds 0 to 255.
// 156 | export type C = enumOf<{ A: 0; B: -1; C: 300; D: 5; A: 6; E: 0 }, u8>;
//     |                                       ^
//   hint: write u16 after @repr (or as the last argument of enumOf), or a smaller value.
//
// multi-enums.shm.ts:156:53 - error SHM2002: 'C' has the member 'A' twice.
// 156 | export type C = enumOf<{ A: 0; B: -1; C: 300; D: 5; A: 6; E: 0 }, u8>;
//     |                                                     ^
//   hint: rename one of them.
//   multi-enums.shm.ts:156:26 - first declared here
//   156 | export type C = enumOf<{ A: 0; B: -1; C: 300; D: 5; A: 6; E: 0 }, u8>;
//       |                          ^
//
// multi-enums.shm.ts:156:59 - error SHM2014: 'C.E' has the value 0 of 'A'.
// 156 | export type C = enumOf<{ A: 0; B: -1; C: 300; D: 5; A: 6; E: 0 }, u8>;
//     |                                                           ^
//   hint: give each member a value of its own.
//   multi-enums.shm.ts:156:26 - first used here
//   156 | export type C = enumOf<{ A: 0; B: -1; C: 300; D: 5; A: 6; E: 0 }, u8>;
//       |                          ^
//
// multi-enums.shm.ts:159:15 - error SHM1055: flags cannot be stored as 'u64'.
// 159 |   d: flags<C, u64>;
//     |               ^^^
//   hint: write one of u8, u16, u32 as its last argument.
//
// multi-enums.shm.ts:160:3 - error SHM2016: Field 'e' keeps flags of 'D' in u8, but 'Big' is 256.
// 160 |   e: flags<D, u8>;
//     |   ^
//   hint: write a larger integer, such as flags<Name, u32>, or a smaller value.
//   multi-enums.shm.ts:166:3 - the member
//   166 |   Big = 256,
//       |   ^^^
//
// multi-enums.shm.ts:161:16 - error SHM1060: expect takes a literal or a union of literals, not 'D.None'.
// 161 |   f: expect<D, D.None>;
//     |                ^^^^^^
//   hint: write expect<u32, 3007000> or expect<u8, 1 | 2>; beyond 2^53 with n, such as 18446744073709551615n.
//
// multi-enums.shm.ts:162:6 - error SHM1038: The literal D.Big does not say how it is stored.
// 162 |   g: D.Big;
//     |      ^^^^^
//   hint: write the word that stores it; a value that foreign memory must have is expect<u32, 5>.
//
// multi-enums.shm.ts:169:6 - error SHM1034: 'E' is not exported.
// 169 | enum E {
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
