// SHM2060-container-in-foreign-memory.shm.ts:13:3 - error SHM2060: Field 'lock' of 'Door' is mutex, but 'Car' is foreign memory, whose owner knows nothing of it.
// 13 |   lock: mutex;
//    |   ^^^^
//   hint: keep it in a region of its own, with the standard header.
//
// SHM2060-container-in-foreign-memory.shm.ts:21:3 - error SHM2060: Field 'lock' of 'Bus' is mutex, but 'Bus' has the dotnet header, whose other side knows nothing of it.
// 21 |   lock: mutex;
//    |   ^^^^
//   hint: keep it in a region of its own, with the standard header.
import type { Foreign, mutex, Region, u32 } from "@shmgen/schema";

export interface Door {
  lock: mutex;
}
export interface Car extends Foreign {
  speed: u32;
  door: Door;
}
export interface Bus extends Region<{ type: 1; version: 1; header: "dotnet" }> {
  speed: u32;
  lock: mutex;
}
