// SHM1065-default-not-literal.shm.ts:13:24 - error SHM1065: The default of since is a literal, not 'u8'.
// 13 |   speed: since<u32, 2, u8>;
//    |                        ^^
//   hint: write since<u32, 2, 5>, since<bool, 2, true> or since<utf8<8>, 2, "idle">; beyond 2^53 with n.
//
// SHM1065-default-not-literal.shm.ts:14:22 - error SHM1065: The default of since is a literal, not '1 | 2'.
// 14 |   gear: since<u8, 2, 1 | 2>;
//    |                      ^^^^^
//   hint: write since<u32, 2, 5>, since<bool, 2, true> or since<utf8<8>, 2, "idle">; beyond 2^53 with n.
import type { Region, since, u32, u8 } from "@shmgen/schema";

export interface Car extends Region<{ type: 1; version: 2 }> {
  speed: since<u32, 2, u8>;
  gear: since<u8, 2, 1 | 2>;
}
