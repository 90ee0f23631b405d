// SHM2003-recursion.shm.ts:9:3 - error SHM2003: A struct cannot contain itself: Node.next -> Node.
// 9 |   next: Node;
//   |   ^^^^
//   hint: keep the structs in an array<T, N> and store the index of the next one as u32.
import type { u32 } from "@shmgen/schema";

export interface Node {
  value: u32;
  next: Node;
}
