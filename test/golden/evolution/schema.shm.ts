import type {
  Packed,
  Region,
  align,
  array,
  atomic,
  be,
  bits,
  bool,
  bytes,
  f32,
  f64,
  flags,
  num,
  pad,
  reserved,
  since,
  tail,
  u16,
  u32,
  u64,
  u8,
  utf8,
} from "@shmgen/schema";

/** @repr u8 */
export enum Gear {
  Park,
  Drive = 3,
}

export enum Warning {
  Oil = 1,
  Fuel = 2,
}

export interface Wheel {
  rpm: f32;
  /** For the wear that comes with the next version. */
  wear: reserved<f32>;
}

/** Nothing but reserved bytes. */
export interface Spare {
  spare: reserved<atomic<u64>>;
}

export interface Tight extends Packed {
  gear: u8;
  gap: reserved<u32>;
  speed: u16;
}

/** Every word about versions of a layout. */
export interface Car extends Region<{ type: 0x45; version: 4; readableFrom: 2; name: "versioned" }> {
  samples: atomic<u64>;
  /**
   * How fast.
   * @was velocity
   */
  speed: f32;
  gap: pad<3>;
  shared: reserved<atomic<u32>>;
  spares: reserved<array<Wheel, 2>>;
  wide: align<reserved<u8>, 16>;
  limit: since<atomic<u32>, 2, 5>;
  big: since<u64, 2, 18446744073709551615n>;
  total: since<align<num<u64>, 16>, 2, 7>;
  /** Where the lever is. */
  gear: since<Gear, 3, Gear.Drive>;
  warnings: since<flags<Warning, u8>, 3, 3>;
  ready: since<bool, 3, true>;
  scale: since<be<f64>, 3, -0.5>;
  driver: since<utf8<8>, 3, "no*/one">;
  count: since<u32, 4>;
  /** @was amount */
  amounts: since<atomic<u64>, 4>;
  lamps: since<flags<Warning, u8>, 4>;
  wheel: since<Wheel, 4>;
  wheels: since<array<Wheel, 2>, 4>;
  numbers: since<array<f32, 2>, 4>;
  counters: since<array<atomic<u32>, 2>, 4>;
  status: since<bits<{ on: 1; mode: 3 }, u8>, 4>;
  name: since<utf8<4>, 4>;
  id: since<bytes<4>, 4>;
  spare: Spare;
  tight: Tight;
  rest: tail<Wheel>;
}
