// SHM1053-bigint-enum.shm.ts:7:43 - error SHM1053: The value of 'All' of enumOf is 0xffff_ffff_ffff_ffff, which is not a whole number that is stored exactly.
// 7 | export type Mask = enumOf<{ None: 0; All: 0xffff_ffff_ffff_ffff }, u64>;
//   |                                           ^^^^^^^^^^^^^^^^^^^^^
//   hint: write it as a bigint: 0xffff_ffff_ffff_ffffn, in a u64 or i64.
import type { enumOf, u64 } from "@shmgen/schema";

export type Mask = enumOf<{ None: 0; All: 0xffff_ffff_ffff_ffff }, u64>;
export interface Car {
  mask: Mask;
}
