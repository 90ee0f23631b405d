// SHM1048-computed-enum.shm.ts:5:27 - error SHM1048: The value of 'Park' cannot be computed without running the file.
// 5 | export enum Gear { Park = Math.PI }
//   |                           ^^^^^^^
//   hint: write a number, an expression of numbers such as 1 << 3, or members declared before it.
export enum Gear { Park = Math.PI }
export interface Car {
  gear: Gear;
}
