// SHM1083-tag-of-elements.shm.ts:10:5 - error SHM1083: A union whose tag is the field 'kind' cannot stand inside array<...>.
// 10 |     union<
//    |     ^^^^^^
//   hint: put tag and union into an interface, and that into the list; or leave the tag out.
import type { union, array, u32, f32 } from "@shmgen/schema";

export interface Log {
  kind: u32;
  lines: array<
    union<
      {
        /** @case 0 */ count: u32;
        /** @case 1 */ ratio: f32;
      },
      "kind"
    >,
    4
  >;
}
