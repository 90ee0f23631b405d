// SHM2027-dotnet-readable-from.shm.ts:7:18 - error SHM2027: 'Car' has readableFrom, but the dotnet header has no room for it.
// 7 | export interface Car extends Region<{ type: 1; version: 2; readableFrom: 1; header: "dotnet" }> {
//   |                  ^^^
//   hint: remove readableFrom, or write header: "standard".
import type { Region, f32 } from "@shmgen/schema";

export interface Car extends Region<{ type: 1; version: 2; readableFrom: 1; header: "dotnet" }> {
  speed: f32;
}
