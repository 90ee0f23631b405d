// SHM1034-not-exported.shm.ts:7:11 - error SHM1034: 'Wheel' is not exported.
// 7 | interface Wheel { rpm: f32 }
//   |           ^^^^^
//   hint: write export before 'Wheel': every declaration becomes a symbol of the output.
import type { array, f32 } from "@shmgen/schema";

interface Wheel { rpm: f32 }
export interface Car {
  wheels: array<Wheel, 4>;
}
