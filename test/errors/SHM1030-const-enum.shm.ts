// SHM1030-const-enum.shm.ts:5:8 - error SHM1030: 'Gear' is a const enum, which leaves nothing behind to generate from or import.
// 5 | export const enum Gear { Park, Drive }
//   |        ^^^^^
//   hint: write export enum Gear, without const.
export const enum Gear { Park, Drive }
export interface Car {
  gear: Gear;
}
