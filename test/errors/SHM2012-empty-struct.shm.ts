// SHM2012-empty-struct.shm.ts:5:18 - error SHM2012: The struct 'Car' has no fields.
// 5 | export interface Car {}
//   |                  ^^^
//   hint: add at least one.
export interface Car {}
