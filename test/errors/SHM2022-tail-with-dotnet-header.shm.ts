// SHM2022-tail-with-dotnet-header.shm.ts:9:3 - error SHM2022: Field 'lines' is a tail, but the dotnet header of 'Log' has no room for its length.
// 9 |   lines: tail<u8>;
//   |   ^^^^^
//   hint: write array<T, N>, or header: "standard".
import type { Region, tail, u32, u8 } from "@shmgen/schema";

export interface Log extends Region<{ type: 1; version: 1; header: "dotnet" }> {
  count: u32;
  lines: tail<u8>;
}
