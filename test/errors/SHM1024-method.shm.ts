// SHM1024-method.shm.ts:9:3 - error SHM1024: The method 'stop' cannot lie in shared memory.
// 9 |   stop(): void;
//   |   ^^^^
//   hint: remove it; write a function that takes the generated accessor as its argument.
import type { f32 } from "@shmgen/schema";

export interface Car {
  speed: f32;
  stop(): void;
}
