// SHM2014-enum-value-twice.shm.ts:8:30 - error SHM2014: 'Gear.Drive' has the value 1 of 'Park'.
// 8 | export enum Gear { Park = 1, Drive = 1 }
//   |                              ^^^^^
//   hint: give each member a value of its own; two names of one value may be in enums that only structs which extend Foreign use.
//   SHM2014-enum-value-twice.shm.ts:8:20 - first used here
//   8 | export enum Gear { Park = 1, Drive = 1 }
//     |                    ^^^^
export enum Gear { Park = 1, Drive = 1 }
export interface Car {
  gear: Gear;
}
