// SHM1046-header.shm.ts:7:68 - error SHM1046: The option 'header' takes "standard" or "dotnet".
// 7 | export interface Car extends Region<{ type: 1; version: 1; header: "java" }> {
//   |                                                                    ^^^^^^
//   hint: write header: followed by "standard" or "dotnet".
import type { Region, f32 } from "@shmgen/schema";

export interface Car extends Region<{ type: 1; version: 1; header: "java" }> {
  speed: f32;
}
