// SHM2036-expect-out-of-range.shm.ts:8:3 - error SHM2036: Field 'version' can never be 256: it is u8.
// 8 |   version: expect<u8, 256>;
//   |   ^^^^^^^
//   hint: write a literal of the field's type and range: 3 for integers, 0.5 for floats, true for bool, "text" for texts.
import type { Foreign, expect, u8 } from "@shmgen/schema";

export interface Header extends Foreign {
  version: expect<u8, 256>;
}
