// SHM2013-enum-out-of-repr.shm.ts:8:20 - error SHM2013: 'Gear.Park' is 256, but u8 holds 0 to 255.
// 8 | export enum Gear { Park = 256 }
//   |                    ^^^^
//   hint: write u16 after @repr (or as the last argument of enumOf), or a smaller value.
import type { u8 } from "@shmgen/schema";

/** @repr u8 */
export enum Gear { Park = 256 }
export interface Car {
  gear: Gear;
}
