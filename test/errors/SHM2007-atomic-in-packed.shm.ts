// SHM2007-atomic-in-packed.shm.ts:9:3 - error SHM2007: Field 'samples' of the packed struct 'Car' is shared, but packed fields are not aligned; it needs 8 bytes.
// 9 |   samples: atomic<u64>;
//   |   ^^^^^^^
//   hint: if the layout is yours, write Packed<8> or drop Packed; if it is another program's, no aligned access is certain there: declare the field without atomic<> or relaxed<>, and read it plain.
import type { Packed, atomic, u64, u8 } from "@shmgen/schema";

export interface Car extends Packed {
  gear: u8;
  samples: atomic<u64>;
}
