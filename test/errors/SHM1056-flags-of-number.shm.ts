// SHM1056-flags-of-number.shm.ts:8:19 - error SHM1056: flags takes an enum, not 'u32'.
// 8 |   warnings: flags<u32, u32>;
//   |                   ^^^
//   hint: declare export enum Name { A = 1 << 0, B = 1 << 1 } and write flags<Name, u32>.
import type { flags, u32 } from "@shmgen/schema";

export interface Car {
  warnings: flags<u32, u32>;
}
