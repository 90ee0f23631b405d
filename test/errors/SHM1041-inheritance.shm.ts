// SHM1041-inheritance.shm.ts:10:30 - error SHM1041: 'Car' extends 'Base', but a struct inherits from nothing.
// 10 | export interface Car extends Base {
//    |                              ^^^^
//   hint: make it a field, such as base: Base; extends takes Region<...>, Foreign, Packed, Aligned<N> and Sized<N> only.
import type { f32, u32 } from "@shmgen/schema";

export interface Base {
  id: u32;
}
export interface Car extends Base {
  speed: f32;
}
