// SHM2014-region.shm.ts:10:41 - error SHM2014: 'Kind.Default' has the value 1 of 'First'.
// 10 | export enum Kind { None = 0, First = 1, Default = 1 }
//    |                                         ^^^^^^^
//   hint: give each member a value of its own, because 'Ours' is a region of ours; only enums of Foreign structs may have two names of one value.
//   SHM2014-region.shm.ts:10:30 - first used here
//   10 | export enum Kind { None = 0, First = 1, Default = 1 }
//      |                              ^^^^^
import type { Foreign, Region, u8 } from "@shmgen/schema";

export enum Kind { None = 0, First = 1, Default = 1 }
export interface Entry { kind: Kind }
export interface Theirs extends Foreign { entry: Entry }
export interface Ours extends Region<{ type: 1; version: 1 }> {
  entry: Entry;
}
