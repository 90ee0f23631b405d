// SHM1049-fractional-enum.shm.ts:5:27 - error SHM1049: The value of 'Park' is 0.5, not a whole number that is stored exactly.
// 5 | export enum Gear { Park = 0.5 }
//   |                           ^^^
//   hint: write a whole number between 0 and 4294967295.
export enum Gear { Park = 0.5 }
export interface Car {
  gear: Gear;
}
