// SHM3001-at-inside-field.shm.ts:12:3 - error SHM3001: Field 'size' is put at byte 2, but 'magic' before it ends at byte 4.
// 12 |   size: at<u16, 2>;
//    |   ^^^^
//   hint: use at<T, 4> or more, or move 'size' up, so that the fields stand in the order of their bytes; if they really share bytes, make them one field: union<{ magic: ...; size: ... }>.
//   SHM3001-at-inside-field.shm.ts:11:3 - 'magic' stands here.
//   11 |   magic: u32;
//      |   ^^^^^
import type { at, u16, u32 } from "@shmgen/schema";

export interface Head {
  magic: u32;
  size: at<u16, 2>;
}
