// SHM1049-fractional-enum.shm.ts:5:27 - error SHM1049: The value of 'Park' is 0.5, not a whole number that is stored exactly.
// 5 | export enum Gear { Park = 0.5 }
//   |                           ^^^
//   hint: write a whole number of at most 9007199254740991; greater ones are bigints of enumOf<{ A: 0xffff_ffff_ffff_ffffn }, u64>.
export enum Gear { Park = 0.5 }
export interface Car {
  gear: Gear;
}
