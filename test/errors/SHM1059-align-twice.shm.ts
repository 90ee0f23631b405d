// SHM1059-align-twice.shm.ts:8:10 - error SHM1059: A field has align<...> twice.
// 8 |   speed: align<align<u32, 8>, 64>;
//   |          ^^^^^^^^^^^^^^^^^^^^^^^^
//   hint: keep one of them.
import type { align, u32 } from "@shmgen/schema";

export interface Car {
  speed: align<align<u32, 8>, 64>;
}
