// SHM2068-long-keys.shm.ts:13:3 - error SHM2068: Field 'byUrl' has keys of utf8<4096>; texts and bytes that are keys have 1 to 1024 bytes.
// 13 |   byUrl: map<utf8<4096>, u32, 100>;
//    |   ^^^^^
//   hint: write a number from 1 to 1024, or use a hash of what is longer as the key.
//
// SHM2068-long-keys.shm.ts:15:3 - error SHM2068: Field 'byNothing' has keys of utf8<0>; texts and bytes that are keys have 1 to 1024 bytes.
// 15 |   byNothing: map<utf8<0>, u32, 100>;
//    |   ^^^^^^^^^
//   hint: write a number from 1 to 1024, or use a hash of what is longer as the key.
import type { bytes, map, Region, u32, utf8 } from "@shmgen/schema";

export interface Floor extends Region<{ type: 1; version: 1 }> {
  byUrl: map<utf8<4096>, u32, 100>;
  byHash: map<bytes<1024>, u32, 100>;
  byNothing: map<utf8<0>, u32, 100>;
}
