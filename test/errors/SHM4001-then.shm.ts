// SHM4001-then.shm.ts:7:18 - error SHM4001: "then" cannot be the name of a generated class or constant: import() takes a module that exports a function then for a promise.
// 7 | export interface then {
//   |                  ^^^^
//   hint: choose another name.
import type { u8 } from "@shmgen/schema";

export interface then {
  a: u8;
}
