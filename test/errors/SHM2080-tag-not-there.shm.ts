// SHM2080-tag-not-there.shm.ts:9:3 - error SHM2080: The tag of 'data' is 'kind', which is no integer, enum or bool.
// 9 |   data: union<
//   |   ^^^^
//   hint: name an integer, enum or bool that stands before the union in the same struct; or leave the tag out, and all members are shown.
import type { union, u32, f32 } from "@shmgen/schema";

export interface Event {
  kind: f32;
  data: union<
    {
      /** @case 0 */ count: u32;
      /** @case 1 */ ratio: f32;
    },
    "kind"
  >;
}
