// multi-first-day.shm.ts:121:66 - error SHM1046: The option 'name' takes "versioned".
// 121 | export interface Car extends Region<{ type: 1; version: 1; name: "car" }> {
//     |                                                                  ^^^^^
//   hint: drop it, because a region gets its name when it is opened; or write name: "versioned", a file for each version.
//
// multi-first-day.shm.ts:122:3 - error SHM1028: 'readonly' has no effect on memory.
// 122 |   readonly id: string;
//     |   ^^^^^^^^
//   hint: remove it; openReadOnly() gives a reader whose memory cannot be written at all.
//
// multi-first-day.shm.ts:122:16 - error SHM1011: 'string' has no fixed size.
// 122 |   readonly id: string;
//     |                ^^^^^^
//   hint: write utf8<N>, text of at most N bytes.
//
// multi-first-day.shm.ts:123:8 - error SHM1018: Field 'speed' is optional, but memory is always there.
// 123 |   speed?: number;
//     |        ^
//   hint: remove the '?'; add a bool field that says whether the value counts.
//
// multi-first-day.shm.ts:123:11 - error SHM1010: 'number' does not say how many bytes it takes.
// 123 |   speed?: number;
//     |           ^^^^^^
//   hint: write f64 or f32 for measurements, u32, i32, u16, u8 ... for whole numbers.
//
// multi-first-day.shm.ts:124:11 - error SHM1016: 'Wheel[]' does not say how many elements it has.
// 124 |   wheels: Wheel[];
//     |           ^^^^^^^
//   hint: write array<T, N>; the last field of a region may be tail<T>, whose length is chosen at creation.
//
// multi-first-day.shm.ts:125:9 - error SHM1020: A union of literals does not say how it is stored.
// 125 |   gear: "park" | "drive";
//     |         ^^^^^^^^^^^^^^^^
//   hint: write enumOf<{ park: 0; drive: 1 }, u8>, or declare an enum.
//
// multi-first-day.shm.ts:126:14 - error SHM1014: 'Date' lives in JavaScript's heap, so it cannot lie in shared memory.
// 126 |   startedAt: Date;
//     |              ^^^^
//   hint: write num<i64> or f64 and store date.getTime().
//
// multi-first-day.shm.ts:127:13 - error SHM1017: A tuple is not a layout.
// 127 |   position: [number, number, number];
//     |             ^^^^^^^^^^^^^^^^^^^^^^^^
//   hint: write array<T, N> when the elements are alike, or declare an interface with a field for each.
//
// multi-first-day.shm.ts:128:13 - error SHM1024: A function cannot lie in shared memory.
// 128 |   onChange: () => void;
//     |             ^^^^^^^^^^
//   hint: remove it; write a function that takes the generated accessor as its argument.
//
// multi-first-day.shm.ts:129:3 - error SHM1024: The method 'stop' cannot lie in shared memory.
// 129 |   stop(): void;
//     |   ^^^^
//   hint: remove it; write a function that takes the generated accessor as its argument.
//
// multi-first-day.shm.ts:130:12 - error SHM1008: 'atomic' is a word of '@shmgen/schema', but this file does not import it.
// 130 |   samples: atomic<u64>;
//     |            ^^^^^^
//   hint: add atomic to the import: import type { atomic } from "@shmgen/schema".
//
// multi-first-day.shm.ts:130:19 - error SHM1008: 'u64' is a word of '@shmgen/schema', but this file does not import it.
// 130 |   samples: atomic<u64>;
//     |                   ^^^
//   hint: add u64 to the import: import type { u64 } from "@shmgen/schema".
//
// multi-first-day.shm.ts:131:20 - error SHM1022: 'null' takes no bytes.
// 131 |   driver: Driver | null;
//     |                    ^^^^
//   hint: remove the field, or add a bool field that says whether a value is there.
//
// multi-first-day.shm.ts:133:3 - error SHM1025: An index signature has no fixed set of keys in memory.
// 133 |   [key: string]: unknown;
//     |   ^^^^^^^^^^^^^^^^^^^^^^^
//   hint: declare an interface for the entries and write array<Entry, N>.
//
// multi-first-day.shm.ts:136:11 - error SHM1034: 'Wheel' is not exported.
// 136 | interface Wheel {
//     |           ^^^^^
//   hint: write export before 'Wheel': every declaration becomes a symbol of the output.
//
// multi-first-day.shm.ts:137:8 - error SHM1009: Nothing named 'float' is declared or imported here.
// 137 |   rpm: float;
//     |        ^^^^^
//   hint: did you mean 'f32'?
//
// multi-first-day.shm.ts:138:9 - error SHM1009: Nothing named 'uint16_t' is declared or imported here.
// 138 |   slip: uint16_t;
//     |         ^^^^^^^^
//   hint: did you mean 'u16'?
//
// multi-first-day.shm.ts:139:3 - error SHM2029: Field 'owner' contains 'Car', which is a region of its own.
// 139 |   owner: Car;
//     |   ^^^^^
//   hint: move the fields of 'Car' into a struct without Region and nest that one in both.
//   multi-first-day.shm.ts:121:18 - declared here
//   121 | export interface Car extends Region<{ type: 1; version: 1; name: "car" }> {
//       |                  ^^^
//
// multi-first-day.shm.ts:142:7 - error SHM1029: 'Driver' is a class, and a schema has none.
// 142 | class Driver {
//     |       ^^^^^^
//   hint: write export interface Driver { ... }; the accessor class is generated from it.
//
// multi-first-day.shm.ts:146:14 - error SHM1023: 'any' does not say what the bytes mean.
// 146 | type Extra = any;
//     |              ^^^
//   hint: write the word of a number, or bytes<N> for bytes that only you understand.
//
// multi-first-day.shm.ts:148:14 - error SHM1032: A schema is read, never executed, so a variable means nothing in it.
// 148 | export const count: u32 = 4;
//     |              ^^^^^
//   hint: remove it; a number that several fields share is written type Count = 4.
//
// multi-first-day.shm.ts:149:1 - error SHM1033: A schema has no default export.
// 149 | export default Car;
//     | ^^^^^^^^^^^^^^^^^^^
//   hint: export the declaration by its name, without default.
import type { Region, u32 } from "@shmgen/schema";

/** What somebody writes who has not read the manual yet. */
export interface Car extends Region<{ type: 1; version: 1; name: "car" }> {
  readonly id: string;
  speed?: number;
  wheels: Wheel[];
  gear: "park" | "drive";
  startedAt: Date;
  position: [number, number, number];
  onChange: () => void;
  stop(): void;
  samples: atomic<u64>;
  driver: Driver | null;
  extra: Extra;
  [key: string]: unknown;
}

interface Wheel {
  rpm: float;
  slip: uint16_t;
  owner: Car;
}

class Driver {
  name: string;
}

type Extra = any;

export const count: u32 = 4;
export default Car;
