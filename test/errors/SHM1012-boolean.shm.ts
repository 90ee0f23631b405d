// SHM1012-boolean.shm.ts:6:12 - error SHM1012: 'boolean' is written bool here.
// 6 |   running: boolean;
//   |            ^^^^^^^
//   hint: write bool, one byte; or bits<{ ready: 1 }, u8> for several of them in one integer.
export interface Car {
  running: boolean;
}
