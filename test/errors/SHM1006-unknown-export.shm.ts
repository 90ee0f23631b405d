// SHM1006-unknown-export.shm.ts:5:15 - error SHM1006: 'support/wheel.shm.ts' exports nothing named 'Wheal'.
// 5 | import type { Wheal } from "./support/wheel.shm.js";
//   |               ^^^^^
//   hint: did you mean 'Wheel'?
import type { Wheal } from "./support/wheel.shm.js";
export interface Car {
  wheel: Wheal;
}
