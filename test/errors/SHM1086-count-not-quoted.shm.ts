// SHM1086-count-not-quoted.shm.ts:9:20 - error SHM1086: The count of a tail is the name of a field in quotes, not '16'.
// 9 |   lines: tail<u32, 16>;
//   |                    ^^
//   hint: write tail<T, "count">, with an integer of that name before it; or array<T, N> where N is a number.
import type { Foreign, tail, u32 } from "@shmgen/schema";

export interface Log extends Foreign {
  count: u32;
  lines: tail<u32, 16>;
}
