// SHM4003-member-of-every-object.shm.ts:8:3 - error SHM4003: "prototype" cannot be a member of 'Part': every object or class has a member of that name.
// 8 |   prototype: u32;
//   |   ^^^^^^^^^
//   hint: choose another name.
import type { u32 } from "@shmgen/schema";

export interface Part {
  prototype: u32;
}
