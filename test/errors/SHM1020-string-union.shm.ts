// SHM1020-string-union.shm.ts:6:9 - error SHM1020: A union of literals does not say how it is stored.
// 6 |   gear: "park" | "drive";
//   |         ^^^^^^^^^^^^^^^^
//   hint: write enumOf<{ park: 0; drive: 1 }, u8>, or declare an enum.
export interface Car {
  gear: "park" | "drive";
}
