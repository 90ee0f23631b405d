// SHM1003-missing-import.shm.ts:7:28 - error SHM1003: Cannot find './no-such-file.shm.js': there is no file 'no-such-file.shm.ts'.
// 7 | import type { Wheel } from "./no-such-file.shm.js";
//   |                            ^^^^^^^^^^^^^^^^^^^^^^^
//   hint: imports are relative to the file that contains them.
import type { array } from "@shmgen/schema";

import type { Wheel } from "./no-such-file.shm.js";
export interface Car {
  wheels: array<Wheel, 4>;
}
