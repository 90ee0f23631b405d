// SHM1039-typeof.shm.ts:6:10 - error SHM1039: typeof cannot be read in a schema.
// 6 |   speed: typeof speed;
//   |          ^^^^^^^^^^^^
//   hint: write the words of "@shmgen/schema" and the names of your own declarations.
export interface Car {
  speed: typeof speed;
}
