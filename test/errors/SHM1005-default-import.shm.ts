// SHM1005-default-import.shm.ts:5:8 - error SHM1005: A default import cannot be read in a schema.
// 5 | import schema from "@shmgen/schema";
//   |        ^^^^^^
//   hint: write import type { u32 } from "@shmgen/schema", with the names you need; export { Name } passes a type on.
import schema from "@shmgen/schema";
export interface Car {
  speed: schema;
}
