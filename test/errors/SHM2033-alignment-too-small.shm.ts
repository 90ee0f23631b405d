// SHM2033-alignment-too-small.shm.ts:8:3 - error SHM2033: Field 'speed' is aligned to 4, less than the 8 bytes that its type needs.
// 8 |   speed: align<f64, 4>;
//   |   ^^^^^
//   hint: remove the alignment, or write at least 8; a struct whose fields are all aligned to at most 4 is declared with extends Packed<4>.
import type { align, f64 } from "@shmgen/schema";

export interface Car {
  speed: align<f64, 4>;
}
