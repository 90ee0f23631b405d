// SHM3005-region-alignment.shm.ts:12:18 - error SHM3005: Region 'Car' needs alignment 256, but the payload of a region with the standard header is aligned to 128 bytes only.
// 12 | export interface Car extends Region<{ type: 1; version: 1 }> {
//    |                  ^^^
//   hint: lower the largest align<T, N> or Aligned<N> inside 'Car' to 128.
//
// SHM3005-region-alignment.shm.ts:15:18 - error SHM3005: Region 'Legacy' needs alignment 64, but the payload of a region with the dotnet header is aligned to 8 bytes only.
// 15 | export interface Legacy extends Region<{ type: 2; version: 1; header: "dotnet" }> {
//    |                  ^^^^^^
//   hint: lower the largest align<T, N> or Aligned<N> inside 'Legacy' to 8.
import type { Aligned, Foreign, Region, align, f64, u8 } from "@shmgen/schema";

export interface Car extends Region<{ type: 1; version: 1 }> {
  speed: align<f64, 256>;
}
export interface Legacy extends Region<{ type: 2; version: 1; header: "dotnet" }> {
  line: Line;
}
export interface Line extends Aligned<64> {
  value: u8;
}
export interface Fine extends Foreign, Aligned<4096> {
  value: u8;
}
