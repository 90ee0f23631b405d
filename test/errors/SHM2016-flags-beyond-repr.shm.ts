// SHM2016-flags-beyond-repr.shm.ts:12:3 - error SHM2016: Field 'warnings' keeps flags of 'Warning' in u8, but 'Fuel' is 256.
// 12 |   warnings: flags<Warning, u8>;
//    |   ^^^^^^^^
//   hint: write flags<Warning, u16>, or a smaller value.
//   SHM2016-flags-beyond-repr.shm.ts:10:32 - the member
//   10 | export enum Warning { Oil = 1, Fuel = 256 }
//      |                                ^^^^
import type { flags, u8 } from "@shmgen/schema";

export enum Warning { Oil = 1, Fuel = 256 }
export interface Car {
  warnings: flags<Warning, u8>;
}
