// SHM1060-expect-not-literal.shm.ts:8:24 - error SHM1060: expect takes a literal or a union of literals, not 'u32'.
// 8 |   version: expect<u32, u32>;
//   |                        ^^^
//   hint: write expect<u32, 3007000> or expect<u8, 1 | 2>; beyond 2^53 with n, such as 18446744073709551615n.
import type { Foreign, expect, u32 } from "@shmgen/schema";

export interface Header extends Foreign {
  version: expect<u32, u32>;
}
