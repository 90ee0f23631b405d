// SHM2055-since-of-nothing.shm.ts:19:3 - error SHM2055: Field 'spare' is reserved, so since<> means nothing for it.
// 19 |   spare: since<reserved<u32>, 2>;
//    |   ^^^^^
//   hint: drop since<> until the bytes become a field.
//
// SHM2055-since-of-nothing.shm.ts:20:3 - error SHM2055: Field 'rest' is a tail, so since<> means nothing for it.
// 20 |   rest: since<tail<u8>, 2>;
//    |   ^^^^
//   hint: drop since<>; a region that gets a tail is a new layout with a new version.
//
// SHM2055-since-of-nothing.shm.ts:24:3 - error SHM2055: Field 'version' has since<>, but 'Header' is foreign memory, which has no version of ours.
// 24 |   version: since<u32, 2>;
//    |   ^^^^^^^
//   hint: drop since<>, and check the version of that memory with expect<>.
import type { Foreign, Region, reserved, since, tail, u32, u8 } from "@shmgen/schema";

export interface Car extends Region<{ type: 1; version: 2 }> {
  gear: u8;
  spare: since<reserved<u32>, 2>;
  rest: since<tail<u8>, 2>;
}

export interface Header extends Foreign {
  version: since<u32, 2>;
}
