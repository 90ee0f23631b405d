// SHM2040-constructor.shm.ts:8:3 - error SHM2040: 'constructor' cannot be the name of a field: every JavaScript object has it already.
// 8 |   constructor: u32;
//   |   ^^^^^^^^^^^
//   hint: write another name, such as constructorValue.
import type { u32 } from "@shmgen/schema";

export interface Car {
  constructor: u32;
}
