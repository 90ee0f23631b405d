// SHM1038-literal-type.shm.ts:6:12 - error SHM1038: The literal 5 does not say how it is stored.
// 6 |   version: 5;
//   |            ^
//   hint: write the word that stores it; a value that foreign memory must have is expect<u32, 5>.
export interface Car {
  version: 5;
}
