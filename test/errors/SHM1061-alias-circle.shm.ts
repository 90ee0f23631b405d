// SHM1061-alias-circle.shm.ts:7:13 - error SHM1061: A type alias cannot refer to itself: A -> B -> A.
// 7 | export type A = B;
//   |             ^
//   hint: write the type that it shall stand for.
import type { array } from "@shmgen/schema";

export type A = B;
export type B = array<A, 2>;
export interface Car {
  a: A;
}
