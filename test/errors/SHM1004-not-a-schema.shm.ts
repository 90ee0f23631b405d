// SHM1004-not-a-schema.shm.ts:7:28 - error SHM1004: './parts.js' is not a schema, so nothing can be imported from it here.
// 7 | import type { Wheel } from "./parts.js";
//   |                            ^^^^^^^^^^^^
//   hint: import from "@shmgen/schema" or from another schema file, such as "./wheel.shm.js".
import type { f32 } from "@shmgen/schema";

import type { Wheel } from "./parts.js";
export interface Car {
  speed: f32;
}
