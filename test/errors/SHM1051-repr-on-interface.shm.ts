// SHM1051-repr-on-interface.shm.ts:7:5 - error SHM1051: @repr belongs into the JSDoc comment of an enum; on an interface it has no effect.
// 7 | /** @repr u8 */
//   |     ^^^^^^^^
//   hint: move it into the /** comment */ right before the enum; enumOf, flags and bits take their integer between the angle brackets.
import type { f32, u8 } from "@shmgen/schema";

/** @repr u8 */
export interface Car {
  speed: f32;
}
