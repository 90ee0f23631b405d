// SHM1014-date.shm.ts:6:14 - error SHM1014: 'Date' lives in JavaScript's heap, so it cannot lie in shared memory.
// 6 |   startedAt: Date;
//   |              ^^^^
//   hint: write num<i64> or f64 and store date.getTime().
export interface Car {
  startedAt: Date;
}
