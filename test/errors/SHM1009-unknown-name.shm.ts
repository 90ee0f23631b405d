// SHM1009-unknown-name.shm.ts:11:10 - error SHM1009: Nothing named 'Whel' is declared or imported here.
// 11 |   wheel: Whel;
//    |          ^^^^
//   hint: did you mean 'Wheel'?
import type { f32 } from "@shmgen/schema";

export interface Wheel {
  rpm: f32;
}
export interface Car {
  wheel: Whel;
}
