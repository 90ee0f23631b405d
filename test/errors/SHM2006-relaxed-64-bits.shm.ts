// SHM2006-relaxed-64-bits.shm.ts:8:3 - error SHM2006: Field 'samples' is relaxed<u64>, but relaxed holds f32, f64 and integers of up to 32 bits, not u64.
// 8 |   samples: relaxed<u64>;
//   |   ^^^^^^^
//   hint: write atomic<T> where readers need whole values, or T alone.
import type { relaxed, u64 } from "@shmgen/schema";

export interface Car {
  samples: relaxed<u64>;
}
