// SHM1015-typed-array.shm.ts:6:12 - error SHM1015: 'Uint8Array' does not say how long it is.
// 6 |   picture: Uint8Array;
//   |            ^^^^^^^^^^
//   hint: write bytes<N>.
export interface Car {
  picture: Uint8Array;
}
