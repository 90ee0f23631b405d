// SHM1046-name.shm.ts:7:66 - error SHM1046: The option 'name' takes "versioned".
// 7 | export interface Car extends Region<{ type: 1; version: 2; name: "car" }> {
//   |                                                                  ^^^^^
//   hint: drop it, because a region gets its name when it is opened; or write name: "versioned", a file for each version.
import type { Region, f32 } from "@shmgen/schema";

export interface Car extends Region<{ type: 1; version: 2; name: "car" }> {
  speed: f32;
}
