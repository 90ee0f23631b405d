// SHM1001-syntax.shm.ts:9:3 - error SHM1001: Property or signature expected.
// 9 |   : u32;
//   |   ^
//   hint: mend the syntax; the rest of this file is read once it parses.
import type { f32, u32 } from "@shmgen/schema";

export interface Car {
  speed: f32;
  : u32;
}
