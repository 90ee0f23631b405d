// SHM1026-quoted-name.shm.ts:8:3 - error SHM1026: "top-speed" is not a name that every target can use.
// 8 |   "top-speed": f32;
//   |   ^^^^^^^^^^^
//   hint: write a plain identifier: a letter, then letters, digits and underscores.
import type { f32 } from "@shmgen/schema";

export interface Car {
  "top-speed": f32;
}
