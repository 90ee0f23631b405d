// SHM1082-case-without-tag.shm.ts:14:9 - error SHM1082: @case belongs into the JSDoc comment of a member of a union with a tag; in a union without a tag it has no effect.
// 14 |     /** @case 0 */ count: u32;
//    |         ^^^^^^^
//   hint: name the tag, union<{...}, "kind">, or drop the @case.
//
// SHM1082-case-without-tag.shm.ts:15:9 - error SHM1082: @case belongs into the JSDoc comment of a member of a union with a tag; in a union without a tag it has no effect.
// 15 |     /** @case 1 */ ratio: f32;
//    |         ^^^^^^^
//   hint: name the tag, union<{...}, "kind">, or drop the @case.
import type { union, u32, f32 } from "@shmgen/schema";

export interface Event {
  data: union<{
    /** @case 0 */ count: u32;
    /** @case 1 */ ratio: f32;
  }>;
}
