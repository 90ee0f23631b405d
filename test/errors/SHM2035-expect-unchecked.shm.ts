// SHM2035-expect-unchecked.shm.ts:8:3 - error SHM2035: Field 'version' has expect<>, but 'Header' is not part of any Foreign struct, or only of one in a union, so nobody would check it.
// 8 |   version: expect<u32, 3>;
//   |   ^^^^^^^
//   hint: drop expect<>; regions of ours are validated by their header. Memory of another program is declared with extends Foreign.
import type { expect, u32 } from "@shmgen/schema";

export interface Header {
  version: expect<u32, 3>;
}
