// SHM1050-repr.shm.ts:7:5 - error SHM1050: An enum cannot be stored as 'f32'.
// 7 | /** @repr f32 */
//   |     ^^^^^^^^^
//   hint: write @repr u8, or one of u16, u32, u64, i8, i16, i32, i64.
import type { f32 } from "@shmgen/schema";

/** @repr f32 */
export enum Gear { Park, Drive }
export interface Car {
  gear: Gear;
}
