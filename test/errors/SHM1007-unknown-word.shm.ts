// SHM1007-unknown-word.shm.ts:5:15 - error SHM1007: '@shmgen/schema' has no word 'unit32'.
// 5 | import type { unit32 } from "@shmgen/schema";
//   |               ^^^^^^
//   hint: did you mean 'u32'?
import type { unit32 } from "@shmgen/schema";
export interface Car {
  speed: unit32;
}
