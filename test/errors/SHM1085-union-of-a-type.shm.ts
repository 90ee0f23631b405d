// SHM1085-union-of-a-type.shm.ts:8:15 - error SHM1085: union takes an object type of names and types, not 'u32'.
// 8 |   data: union<u32>;
//   |               ^^^
//   hint: write union<{ asInt: u32; asFloat: f32 }>; a member may be an interface, such as { move: Move; stop: Stop }.
import type { union, u32 } from "@shmgen/schema";

export interface Event {
  data: union<u32>;
}
