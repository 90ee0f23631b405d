// SHM1084-tag-not-quoted.shm.ts:9:43 - error SHM1084: The tag of a union is the name of a field in quotes, not 'u32'.
// 9 |   data: union<{ count: u32; ratio: f32 }, u32>;
//   |                                           ^^^
//   hint: write union<{...}, "kind">, with an integer, enum or bool of that name before the union in the same struct.
import type { union, u32, f32 } from "@shmgen/schema";

export interface Event {
  kind: u32;
  data: union<{ count: u32; ratio: f32 }, u32>;
}
