// SHM2043-dollar.shm.ts:8:3 - error SHM2043: '$speed' cannot be the name of a field in every target.
// 8 |   $speed: f32;
//   |   ^^^^^^
//   hint: names that begin with $ are the generated handles ($speed.add()); drop the $.
import type { f32 } from "@shmgen/schema";

export interface Car {
  $speed: f32;
}
