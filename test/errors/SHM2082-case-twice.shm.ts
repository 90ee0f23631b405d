// SHM2082-case-twice.shm.ts:15:25 - error SHM2082: Members 'count' and 'ratio' of the union 'EventDataUnion' both have the case 0.
// 15 |       /** @case 0, 1 */ ratio: f32;
//    |                         ^^^^^
//   hint: give each value of the tag to one member; a struct holds several fields together.
//   SHM2082-case-twice.shm.ts:14:22 - 'count' has it first
//   14 |       /** @case 0 */ count: u32;
//      |                      ^^^^^
import type { union, u32, f32 } from "@shmgen/schema";

export interface Event {
  kind: u32;
  data: union<
    {
      /** @case 0 */ count: u32;
      /** @case 0, 1 */ ratio: f32;
    },
    "kind"
  >;
}
