/** Structs with each kind of field, for tests of what others see of accessors. */
import type { MemoryView, Region } from "@shmgen/runtime";
import { importSchema } from "./generated.js";

const SCHEMA = `
import type { Region, array, atomic, be, bits, bool, bytes, enumOf, f32, f64, flags, i64, map, mutex, num, relaxed, seqlock, since, tail, timestamp, u8, u16, u32, u64, utf8 } from "@shmgen/schema";
export type Gear = enumOf<{ Park: 0; Reverse: 1; Neutral: 2; Drive: 3 }, u8>;
/** @repr u16 */
export enum Alarm { None = 0, Oil = 1, Heat = 2 }
export type Status = bits<{ low: 3; high: 50 }, u64>;
export interface Wheel { rpm: f32; total: u64 }
export interface Car extends Region<{ type: 7; version: 1 }> {
  head: atomic<u32>; samples: atomic<u64>; hint: relaxed<u16>; speed: f64; ratio: f32; isOn: bool; signed: i64;
  gear: Gear; sharedGear: atomic<Gear>; gears: array<Gear, 2>; alarms: flags<Alarm, u16>; masks: array<flags<Alarm, u16>, 2>;
  count: num<u64>; counts: array<num<i64>, 2>; at: timestamp<"ms">; seen: atomic<timestamp<"ns", u64>>; network: be<u64>; status: Status;
  name: utf8<16>; names: array<utf8<4>, 2>; id: bytes<4>; ids: array<bytes<2>, 2>; octets: array<u8, 3>;
  position: array<f64, 3>; bigs: array<u64, 2>; switches: array<atomic<bool>, 2>; totals: array<atomic<u64>, 2>;
  wheel: Wheel; wheels: array<Wheel, 2>; grid: array<array<f32, 2>, 2>; trace: tail<Wheel>;
}
export interface Wide extends Region<{ type: 8; version: 1 }> { first: u32; many: array<f64, 20000>; bytes: bytes<4000>; structs: array<Wheel, 500> }
export interface Guarded extends Region<{ type: 9; version: 1 }> { door: mutex; best: seqlock<Wheel>; total: seqlock<u64>; tally: map<Gear, num<u64>, 3>; mood: u8 }
`;

/** Fields as a test knows them, whose types are not those of a schema. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Anything = Record<string, any>;
export interface Class {
  new (view: MemoryView, offset: number): Anything;
  readonly layout: { readonly size: number };
  readonly prototype: object;
  local(): Anything;
  createOrOpen(name: string, options: object): Omit<Region, "data"> & { readonly data: Anything };
  openReadOnly(name: string, options: object): Omit<Region, "data"> & { readonly data: Anything };
}

/** The classes, compiled and imported. */
export function contentsClasses(): Promise<Record<"Car" | "CarReader" | "Wide" | "Guarded" | "Wheel", Class>> {
  return importSchema({ "car.shm.ts": SCHEMA }, "car.shm.ts");
}
