// SHM1021-intersection.shm.ts:11:9 - error SHM1021: An intersection is not a layout.
// 11 |   both: Id & Id;
//    |         ^^^^^^^
//   hint: declare an interface with a field for each part.
import type { u32 } from "@shmgen/schema";

export interface Id {
  id: u32;
}
export interface Car {
  both: Id & Id;
}
