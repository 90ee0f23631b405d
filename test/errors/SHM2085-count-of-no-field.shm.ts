// SHM2085-count-of-no-field.shm.ts:9:3 - error SHM2085: The count of the tail 'lines' is 'count', which is no integer.
// 9 |   lines: tail<u32, "count">;
//   |   ^^^^^
//   hint: name an integer of the same struct, such as u32; or leave it out, and the tail goes to the end of the memory.
import type { Foreign, tail, u32, f32 } from "@shmgen/schema";

export interface Log extends Foreign {
  count: f32;
  lines: tail<u32, "count">;
}
