// SHM1087-array-of-a-field.shm.ts:9:21 - error SHM1087: The length of an array cannot be the field 'count'.
// 9 |   lines: array<u32, count>;
//   |                     ^^^^^
//   hint: write the greatest number that it can have; or in foreign memory, as the last field, tail<u32, "count">, which has as many elements as 'count' says.
import type { Foreign, array, u32 } from "@shmgen/schema";

export interface Log extends Foreign {
  count: u32;
  lines: array<u32, count>;
}
