// SHM1010-number.shm.ts:6:10 - error SHM1010: 'number' does not say how many bytes it takes.
// 6 |   speed: number;
//   |          ^^^^^^
//   hint: write f64 or f32 for measurements, u32, i32, u16, u8 ... for whole numbers.
export interface Car {
  speed: number;
}
