// SHM1055-enum-repr.shm.ts:8:39 - error SHM1055: enumOf cannot be stored as 'f32'.
// 8 |   gear: enumOf<{ Park: 0; Drive: 1 }, f32>;
//   |                                       ^^^
//   hint: write one of u8, u16, u32, u64, i8, i16, i32, i64 as its last argument.
import type { enumOf, f32 } from "@shmgen/schema";

export interface Car {
  gear: enumOf<{ Park: 0; Drive: 1 }, f32>;
}
