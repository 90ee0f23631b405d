// SHM2036-expect-inexact.shm.ts:8:3 - error SHM2036: Field 'scale' can never be 0.1: it is f32.
// 8 |   scale: expect<f32, 0.1>;
//   |   ^^^^^
//   hint: write 0.10000000149011612, the nearest value of an f32; 0.1 needs the precision of an f64.
import type { Foreign, expect, f32 } from "@shmgen/schema";

export interface Header extends Foreign {
  scale: expect<f32, 0.1>;
}
