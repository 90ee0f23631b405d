// SHM1008-word-without-import.shm.ts:8:9 - error SHM1008: 'u8' is a word of '@shmgen/schema', but this file does not import it.
// 8 |   gear: u8;
//   |         ^^
//   hint: add u8 to the import: import type { u8 } from "@shmgen/schema".
import type { f32 } from "@shmgen/schema";
export interface Car {
  speed: f32;
  gear: u8;
}
