// SHM2013-enum-out-of-repr.shm.ts:8:20 - error SHM2013: 'Gear.Park' is 256, but u8 holds 0 to 255.
// 8 | export enum Gear { Park = 256 }
//   |                    ^^^^
//   hint: write @repr u16 in the comment before the enum, or this as the last argument of enumOf; its members fit u16, u32, u64, i16, i32, i64.
import type { u8 } from "@shmgen/schema";

/** @repr u8 */
export enum Gear { Park = 256 }
export interface Car {
  gear: Gear;
}
