// SHM1047-string-enum.shm.ts:5:27 - error SHM1047: The enum member 'Park' is a string; memory holds its number.
// 5 | export enum Gear { Park = "park" }
//   |                           ^^^^^^
//   hint: write Park without a value, or with a whole number; its name is known to the generated code anyway.
export enum Gear { Park = "park" }
export interface Car {
  gear: Gear;
}
