// SHM1081-case-of-nothing.shm.ts:11:11 - error SHM1081: @case names 'count', which is no number and no member of an enum.
// 11 |       /** @case count */ count: u32;
//    |           ^^^^^^^^^^^
//   hint: write @case 1, @case 1, 2, @case true, or @case Kind.Move with an enum that this file declares or imports.
import type { union, u32, f32 } from "@shmgen/schema";

export interface Event {
  kind: u32;
  data: union<
    {
      /** @case count */ count: u32;
      /** @case 1 */ ratio: f32;
    },
    "kind"
  >;
}
