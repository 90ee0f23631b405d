// SHM2007-atomic-in-packed.shm.ts:9:3 - error SHM2007: Field 'samples' of the packed struct 'Car' is shared, but packed fields are not aligned.
// 9 |   samples: atomic<u64>;
//   |   ^^^^^^^
//   hint: drop Packed, or move the shared field into a struct that is not packed.
import type { Packed, atomic, u64, u8 } from "@shmgen/schema";

export interface Car extends Packed {
  gear: u8;
  samples: atomic<u64>;
}
