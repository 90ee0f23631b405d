// SHM2084-impossible-case.shm.ts:12:24 - error SHM2084: Member 'ratio' of the union 'EventDataUnion' has the case 256, which 'kind' can never be: it is u8.
// 12 |       /** @case 256 */ ratio: f32;
//    |                        ^^^^^
//   hint: write a value that the tag can have, or a larger integer as the tag.
import type { union, u8, u32, f32 } from "@shmgen/schema";

export interface Event {
  kind: u8;
  data: union<
    {
      /** @case 0 */ count: u32;
      /** @case 256 */ ratio: f32;
    },
    "kind"
  >;
}
