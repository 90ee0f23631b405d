// SHM2016-negative-flag.shm.ts:13:3 - error SHM2016: Field 'warnings' keeps flags of 'Warning' in u8, but 'None' is -1.
// 13 |   warnings: flags<Warning, u8>;
//    |   ^^^^^^^^
//   hint: flags are bits, which have no sign: write a value from 0.
//   SHM2016-negative-flag.shm.ts:11:23 - the member
//   11 | export enum Warning { None = -1, Oil = 1 }
//      |                       ^^^^
import type { flags, u8 } from "@shmgen/schema";

/** @repr i8 */
export enum Warning { None = -1, Oil = 1 }
export interface Car {
  warnings: flags<Warning, u8>;
}
