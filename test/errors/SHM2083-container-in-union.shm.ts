// SHM2083-container-in-union.shm.ts:8:29 - error SHM2083: Member 'door' of the union 'EventDataUnion' is a container.
// 8 |   data: union<{ count: u32; door: mutex }>;
//   |                             ^^^^
//   hint: put it behind the union, or into a struct of its own.
import type { union, mutex, u32 } from "@shmgen/schema";

export interface Event {
  data: union<{ count: u32; door: mutex }>;
}
