// SHM1023-unknown.shm.ts:6:12 - error SHM1023: 'unknown' does not say what the bytes mean.
// 6 |   payload: unknown;
//   |            ^^^^^^^
//   hint: write the word of a number, or bytes<N> for bytes that only you understand.
export interface Car {
  payload: unknown;
}
