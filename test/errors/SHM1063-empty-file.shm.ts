// SHM1063-empty-file.shm.ts:1:1 - warning SHM1063: This file declares nothing.
// 1 | // SHM1063-empty-file.shm.ts:1:1 - warning SHM1063: This file declares nothing.
//   | ^
//   hint: declare a struct, such as export interface Car { speed: f32 }.
