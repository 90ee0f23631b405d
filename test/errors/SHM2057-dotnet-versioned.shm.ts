// SHM2057-dotnet-versioned.shm.ts:7:18 - error SHM2057: 'Car' has name: "versioned", but the dotnet header goes with .NET's file names.
// 7 | export interface Car extends Region<{ type: 1; version: 2; header: "dotnet"; name: "versioned" }> {
//   |                  ^^^
//   hint: remove name, or write header: "standard".
import type { Region, f32 } from "@shmgen/schema";

export interface Car extends Region<{ type: 1; version: 2; header: "dotnet"; name: "versioned" }> {
  speed: f32;
}
