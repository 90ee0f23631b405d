// multi-imports.shm.ts:100:1 - error SHM1005: An import without names cannot be read in a schema.
// 100 | import "@shmgen/schema";
//     | ^^^^^^^^^^^^^^^^^^^^^^^^
//   hint: write import type { u32 } from "@shmgen/schema", with the names you need; export { Name } passes a type on.
//
// multi-imports.shm.ts:101:8 - error SHM1005: A default import cannot be read in a schema.
// 101 | import words from "@shmgen/schema";
//     |        ^^^^^
//   hint: write import type { u32 } from "@shmgen/schema", with the names you need; export { Name } passes a type on.
//
// multi-imports.shm.ts:103:27 - error SHM1007: '@shmgen/schema' has no word 'int'.
// 103 | import type { u32 as U32, int, default as all } from "@shmgen/schema";
//     |                           ^^^
//   hint: did you mean 'i32'?
//
// multi-imports.shm.ts:103:32 - error SHM1005: A default import cannot be read in a schema.
// 103 | import type { u32 as U32, int, default as all } from "@shmgen/schema";
//     |                                ^^^^^^^
//   hint: write import type { u32 } from "@shmgen/schema", with the names you need; export { Name } passes a type on.
//
// multi-imports.shm.ts:104:15 - error SHM1006: 'support/wheel.shm.ts' declares 'Count' but does not export it.
// 104 | import type { Count, Wheal } from "./support/wheel.shm.js";
//     |               ^^^^^
//   hint: write export before 'Count' there.
//
// multi-imports.shm.ts:104:22 - error SHM1006: 'support/wheel.shm.ts' exports nothing named 'Wheal'.
// 104 | import type { Count, Wheal } from "./support/wheel.shm.js";
//     |                      ^^^^^
//   hint: did you mean 'Wheel'?
//
// multi-imports.shm.ts:106:19 - error SHM1004: 'zod' is not a schema, so nothing can be imported from it here.
// 106 | import { z } from "zod";
//     |                   ^^^^^
//   hint: import from "@shmgen/schema" or from another schema file, such as "./wheel.shm.js".
//
// multi-imports.shm.ts:107:8 - error SHM1005: import ... = ... cannot be read in a schema.
// 107 | import fs = require("node:fs");
//     |        ^^
//   hint: write import type { u32 } from "@shmgen/schema", with the names you need; export { Name } passes a type on.
//
// multi-imports.shm.ts:108:28 - error SHM1003: Cannot find './support/wheel.js': there is no file 'support/wheel.js'.
// 108 | import type { Wheel } from "./support/wheel.js";
//     |                            ^^^^^^^^^^^^^^^^^^^^
//   hint: did you mean './support/wheel.shm.js'?
//
// multi-imports.shm.ts:111:10 - error SHM1006: 'support/wheel.shm.ts' exports nothing named 'Nothing'.
// 111 | export { Nothing } from "./support/wheel.shm.ts";
//     |          ^^^^^^^
//   hint: check the name there.
//
// multi-imports.shm.ts:112:10 - error SHM1009: Nothing named 'Absent' is declared or imported here.
// 112 | export { Absent };
//     |          ^^^^^^
//   hint: did you mean 'event'?
//
// multi-imports.shm.ts:113:8 - error SHM1005: export * as ... cannot be read in a schema.
// 113 | export * as everything from "./support/wheel.shm.ts";
//     |        ^^^^^^^^^^^^^^^
//   hint: write import type { u32 } from "@shmgen/schema", with the names you need; export { Name } passes a type on.
//
// multi-imports.shm.ts:115:42 - error SHM1041: 'Car' extends 'wheel.Wheel', but a struct inherits from nothing.
// 115 | export interface Car extends shm.Packed, wheel.Wheel, shm.Pack, Array<U32> {
//     |                                          ^^^^^^^^^^^
//   hint: make it a field, such as base: wheel.Wheel; extends takes Region<...>, Foreign, Packed, Aligned<N> and Sized<N> only.
//
// multi-imports.shm.ts:115:59 - error SHM1007: '@shmgen/schema' has no word 'Pack'.
// 115 | export interface Car extends shm.Packed, wheel.Wheel, shm.Pack, Array<U32> {
//     |                                                           ^^^^
//   hint: did you mean 'Packed'?
//
// multi-imports.shm.ts:115:65 - error SHM1009: Nothing named 'Array' is declared or imported here.
// 115 | export interface Car extends shm.Packed, wheel.Wheel, shm.Pack, Array<U32> {
//     |                                                                 ^^^^^
//   hint: did you mean 'array'?
//
// multi-imports.shm.ts:118:15 - error SHM1006: 'support/wheel.shm.ts' exports nothing named 'Tire'.
// 118 |   tyre: wheel.Tire;
//     |               ^^^^
//   hint: did you mean 'Tyre'?
//
// multi-imports.shm.ts:119:14 - error SHM1007: '@shmgen/schema' has no word 'float'.
// 119 |   speed: shm.float;
//     |              ^^^^^
//   hint: did you mean 'f32'?
//
// multi-imports.shm.ts:120:8 - error SHM1039: import(...) cannot be read in a schema.
// 120 |   far: import("./support/wheel.shm.js").Wheel;
//     |        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
//   hint: write the words of "@shmgen/schema" and the names of your own declarations.
//
// multi-imports.shm.ts:121:11 - error SHM1039: The name 'wheel.Tyre.Soft' cannot be read in a schema.
// 121 |   member: wheel.Tyre.Soft;
//     |           ^^^^^^^^^^^^^^^
//   hint: write the words of "@shmgen/schema" and the names of your own declarations.
//
// multi-imports.shm.ts:122:10 - error SHM1039: The namespace 'wheel' cannot be read in a schema.
// 122 |   space: wheel;
//     |          ^^^^^
//   hint: write the words of "@shmgen/schema" and the names of your own declarations.
import "@shmgen/schema";
import words from "@shmgen/schema";
import type * as shm from "@shmgen/schema";
import type { u32 as U32, int, default as all } from "@shmgen/schema";
import type { Count, Wheal } from "./support/wheel.shm.js";
import type * as wheel from "./support/wheel.shm";
import { z } from "zod";
import fs = require("node:fs");
import type { Wheel } from "./support/wheel.js";

export { Wheel as Rad } from "./support/wheel.shm.ts";
export { Nothing } from "./support/wheel.shm.ts";
export { Absent };
export * as everything from "./support/wheel.shm.ts";

export interface Car extends shm.Packed, wheel.Wheel, shm.Pack, Array<U32> {
  ok: shm.array<wheel.Wheel, 4>;
  fine: U32;
  tyre: wheel.Tire;
  speed: shm.float;
  far: import("./support/wheel.shm.js").Wheel;
  member: wheel.Tyre.Soft;
  space: wheel;
  pressure: wheel.Pressure;
}
