// SHM2004-atomic-text.shm.ts:8:3 - error SHM2004: Field 'name' is atomic<utf8<32>>, but an atomic holds 1, 2, 4 or 8 bytes of a number, bool, enum or flags, not utf8<32>.
// 8 |   name: atomic<utf8<32>>;
//   |   ^^^^
//   hint: drop atomic<>; or write seqlock<T>, which publishes a value of any size as a whole.
import type { atomic, utf8 } from "@shmgen/schema";

export interface Car {
  name: atomic<utf8<32>>;
}
