// SHM1040-no-type.shm.ts:6:3 - error SHM1040: Field 'speed' has no type.
// 6 |   speed;
//   |   ^^^^^
//   hint: write speed: u32, or whatever it holds.
export interface Car {
  speed;
}
