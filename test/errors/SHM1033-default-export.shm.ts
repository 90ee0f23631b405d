// SHM1033-default-export.shm.ts:7:8 - error SHM1033: A schema has no default export.
// 7 | export default interface Car {
//   |        ^^^^^^^
//   hint: export the declaration by its name, without default.
import type { f32 } from "@shmgen/schema";

export default interface Car {
  speed: f32;
}
