// SHM4102-one-name-in-c.shm.ts:13:18 - error SHM4102: In C, 'index_' of 'SHM4102-one-name-in-c.shm.ts' and 'index' of 'SHM4102-one-name-in-c.shm.ts' would both be called 'index_'.
// 13 | export interface index_ {
//    |                  ^^^^^^
//   hint: rename one of the two, or leave out the target c.
//   SHM4102-one-name-in-c.shm.ts:10:18 - 'index' is declared here as well.
//   10 | export interface index {
//      |                  ^^^^^
import type { u8 } from "@shmgen/schema";

export interface index {
  value: u8;
}
export interface index_ {
  value: u8;
}
