// SHM1022-null.shm.ts:6:11 - error SHM1022: 'null' takes no bytes.
// 6 |   driver: null;
//   |           ^^^^
//   hint: remove the field, or add a bool field that says whether a value is there.
export interface Car {
  driver: null;
}
