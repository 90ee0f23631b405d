// SHM2075-flags-of-bigints.shm.ts:12:3 - error SHM2075: Field 'warnings' keeps flags of 'Warning' in u32, but u64 holds that enum, so that its members are bigints.
// 12 |   warnings: flags<Warning, u32>;
//    |   ^^^^^^^^
//   hint: write flags<Warning, u64>, or hold the enum in u32.
//   SHM2075-flags-of-bigints.shm.ts:10:13 - the enum
//   10 | export type Warning = enumOf<{ Oil: 1n; Fuel: 2n }, u64>;
//      |             ^^^^^^^
import type { enumOf, flags, u32, u64 } from "@shmgen/schema";

export type Warning = enumOf<{ Oil: 1n; Fuel: 2n }, u64>;
export interface Car {
  warnings: flags<Warning, u32>;
}
