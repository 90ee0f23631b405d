// SHM1011-string.shm.ts:6:11 - error SHM1011: 'string' has no fixed size.
// 6 |   driver: string;
//   |           ^^^^^^
//   hint: write utf8<N>, text of at most N bytes.
export interface Car {
  driver: string;
}
