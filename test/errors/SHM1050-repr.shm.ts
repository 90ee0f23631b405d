// SHM1050-repr.shm.ts:7:5 - error SHM1050: An enum cannot be stored as 'i8'.
// 7 | /** @repr i8 */
//   |     ^^^^^^^^
//   hint: write @repr u8, @repr u16 or @repr u32.
import type { i8 } from "@shmgen/schema";

/** @repr i8 */
export enum Gear { Park, Drive }
export interface Car {
  gear: Gear;
}
