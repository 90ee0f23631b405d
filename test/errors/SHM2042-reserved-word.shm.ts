// SHM2042-reserved-word.shm.ts:7:18 - error SHM2042: 'symbol' is a reserved word of TypeScript, so no type can have it as its name.
// 7 | export interface symbol {
//   |                  ^^^^^^
//   hint: write another name, beginning with a capital letter.
import type { u32 } from "@shmgen/schema";

export interface symbol {
  width: u32;
}
