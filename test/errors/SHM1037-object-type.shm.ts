// SHM1037-object-type.shm.ts:8:11 - error SHM1037: An object type in place has no name, and every struct needs one.
// 8 |   engine: { rpm: f32 };
//   |           ^^^^^^^^^^^^
//   hint: declare it as export interface Name { ... } and write Name here.
import type { f32 } from "@shmgen/schema";

export interface Car {
  engine: { rpm: f32 };
}
