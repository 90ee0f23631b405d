// SHM1017-tuple.shm.ts:8:13 - error SHM1017: A tuple is not a layout.
// 8 |   position: [f64, f64];
//   |             ^^^^^^^^^^
//   hint: write array<T, N> when the elements are alike, or declare an interface with a field for each.
import type { f64 } from "@shmgen/schema";

export interface Car {
  position: [f64, f64];
}
