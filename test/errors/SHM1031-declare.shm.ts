// SHM1031-declare.shm.ts:5:8 - error SHM1031: A schema cannot have the modifier 'declare'.
// 5 | export declare enum Gear { Park, Drive }
//   |        ^^^^^^^
//   hint: declare interfaces, enums and type aliases at the top of the file, each with export.
export declare enum Gear { Park, Drive }
export interface Car {
  gear: Gear;
}
