// SHM1028-readonly.shm.ts:8:3 - error SHM1028: 'readonly' has no effect on memory.
// 8 |   readonly speed: f32;
//   |   ^^^^^^^^
//   hint: remove it; openReadOnly() gives a reader whose memory cannot be written at all.
import type { f32 } from "@shmgen/schema";

export interface Car {
  readonly speed: f32;
}
