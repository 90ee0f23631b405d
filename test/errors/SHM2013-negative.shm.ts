// SHM2013-negative.shm.ts:17:22 - error SHM2013: 'Status.Unknown' is -1, but u32 holds 0 to 4294967295.
// 17 | export enum Status { Unknown = -1, Ready = 0, Busy = 200 }
//    |                      ^^^^^^^
//   hint: write @repr i16 in the comment before the enum, or this as the last argument of enumOf; its members fit i16, i32, i64.
//
// SHM2013-negative.shm.ts:19:33 - error SHM2013: 'Level.High' is 128, but i8 holds -128 to 127.
// 19 | export enum Level { Low = -128, High = 128 }
//    |                                 ^^^^
//   hint: write @repr i16 in the comment before the enum, or this as the last argument of enumOf; its members fit i16, i32, i64.
//
// SHM2013-negative.shm.ts:20:35 - error SHM2013: 'Bit.Last' is -2147483648, but u32 holds 0 to 4294967295.
// 20 | export enum Bit { First = 1 << 0, Last = 1 << 31 }
//    |                                   ^^^^
//   hint: 1 << 31 is negative in JavaScript; write 0x80000000 or 2 ** 31.
import type { Region, u8 } from "@shmgen/schema";

export enum Status { Unknown = -1, Ready = 0, Busy = 200 }
/** @repr i8 */
export enum Level { Low = -128, High = 128 }
export enum Bit { First = 1 << 0, Last = 1 << 31 }
export interface Car extends Region<{ type: 1; version: 1 }> {
  status: Status;
  level: Level;
  bit: Bit;
}
