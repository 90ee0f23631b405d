// SHM2037-expect-of-array.shm.ts:8:3 - error SHM2037: Field 'versions' is array<u32, 2>, which no literal can be compared with.
// 8 |   versions: expect<array<u32, 2>, 3>;
//   |   ^^^^^^^^
//   hint: put expect<> on a number, bool, enum, flags, text or bytes; to check a field of a nested struct, put it there.
import type { Foreign, array, expect, u32 } from "@shmgen/schema";

export interface Header extends Foreign {
  versions: expect<array<u32, 2>, 3>;
}
