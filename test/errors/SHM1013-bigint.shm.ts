// SHM1013-bigint.shm.ts:6:13 - error SHM1013: 'bigint' has no fixed size.
// 6 |   distance: bigint;
//   |             ^^^^^^
//   hint: write u64 or i64; they read and write as bigint. num<u64> reads and writes as number.
export interface Car {
  distance: bigint;
}
