// SHM1027-getter.shm.ts:8:7 - error SHM1027: 'speed' is a getter or setter; a schema has fields.
// 8 |   get speed(): f32;
//   |       ^^^^^
//   hint: write speed: T; getters and setters are generated.
import type { f32 } from "@shmgen/schema";

export interface Car {
  get speed(): f32;
}
