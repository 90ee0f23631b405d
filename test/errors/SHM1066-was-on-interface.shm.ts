// SHM1066-was-on-interface.shm.ts:22:5 - error SHM1066: @was belongs into the JSDoc comment of a field, once; on an interface it has no effect.
// 22 | /** @was Auto */
//    |     ^^^^^^^^^
//   hint: move it into the /** comment */ right before the field that has been renamed.
//
// SHM1066-was-on-interface.shm.ts:27:6 - error SHM1066: @was belongs into the JSDoc comment of a field, once; a second time it has no effect.
// 27 |    * @was pace
//    |      ^^^^^^^^^
//   hint: move it into the /** comment */ right before the field that has been renamed.
//
// SHM1066-was-on-interface.shm.ts:32:5 - error SHM1066: @was belongs into the JSDoc comment of a field, once; on an enum it has no effect.
// 32 | /** @was Lever */
//    |     ^^^^^^^^^^
//   hint: move it into the /** comment */ right before the field that has been renamed.
//
// SHM1066-was-on-interface.shm.ts:34:7 - error SHM1066: @was belongs into the JSDoc comment of a field, once; on a member it has no effect.
// 34 |   /** @was P */
//    |       ^^^^^^
//   hint: move it into the /** comment */ right before the field that has been renamed.
import type { f32 } from "@shmgen/schema";

/** @was Auto */
export interface Car {
  /**
   * How fast.
   * @was velocity
   * @was pace
   */
  speed: f32;
}

/** @was Lever */
export enum Gear {
  /** @was P */
  Park,
}
