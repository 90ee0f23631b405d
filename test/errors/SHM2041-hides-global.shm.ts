// SHM2041-hides-global.shm.ts:7:18 - error SHM2041: A type named 'Map' would hide the global 'Map' in the generated code.
// 7 | export interface Map {
//   |                  ^^^
//   hint: write another name, such as MapData.
import type { u32 } from "@shmgen/schema";

export interface Map {
  width: u32;
}
