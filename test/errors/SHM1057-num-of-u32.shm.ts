// SHM1057-num-of-u32.shm.ts:8:16 - error SHM1057: num takes u64 or i64, not 'u32'.
// 8 |   samples: num<u32>;
//   |                ^^^
//   hint: write num<u64> or num<i64>; smaller integers and floats are numbers already.
import type { num, u32 } from "@shmgen/schema";

export interface Car {
  samples: num<u32>;
}
