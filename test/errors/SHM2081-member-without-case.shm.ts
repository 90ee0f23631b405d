// SHM2081-member-without-case.shm.ts:12:7 - error SHM2081: Member 'ratio' of the union 'EventDataUnion' does not say with which value of 'kind' it holds.
// 12 |       ratio: f32;
//    |       ^^^^^
//   hint: write /** @case 1 */ before it; several values as @case 1, 2, members of an enum as @case Kind.Move.
import type { union, u32, f32 } from "@shmgen/schema";

export interface Event {
  kind: u32;
  data: union<
    {
      /** @case 0 */ count: u32;
      ratio: f32;
    },
    "kind"
  >;
}
