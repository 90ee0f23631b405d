import type {
  Aligned,
  Region,
  align,
  array,
  at,
  atomic,
  be,
  bits,
  bool,
  bytes,
  enumOf,
  f32,
  f64,
  flags,
  i16,
  i32,
  i64,
  i8,
  le,
  num,
  relaxed,
  tail,
  u16,
  u32,
  u64,
  u8,
  utf8,
} from "@shmgen/schema";
import { Alarm, Gear, Packet, Status, Wheel } from "./parts.shm.js";

/** Sparse values: 0, 2, 4 and 1000. */
export type Level = enumOf<{ Off: 0; Low: 2; High: 4; Max: 1000 }, u16>;

export type Wide = bits<{ low: 20; middle: 40; top: 4 }, u64>;

/**
 * Every word of the language.
 *
 * A comment that tries to end itself: *\/ export const injected = 1;
 */
export interface Everything extends Region<{ type: 0x4b; version: 2; readableFrom: 1 }>, Aligned<64> {
  a: i8;
  b: u8;
  c: i16;
  d: u16;
  e: i32;
  f: u32;
  g: i64;
  h: u64;
  i: f32;
  j: f64;
  k: num<u64>;
  l: num<i64>;
  m: bool;
  n: Gear;
  o: Level;
  p: flags<Alarm, u16>;
  q: Status;
  r: Wide;
  atomicI8: atomic<i8>;
  atomicU8: atomic<u8>;
  atomicI16: atomic<i16>;
  atomicU16: atomic<u16>;
  atomicI32: atomic<i32>;
  atomicU32: atomic<u32>;
  atomicI64: atomic<i64>;
  atomicU64: atomic<u64>;
  atomicF32: atomic<f32>;
  atomicF64: atomic<f64>;
  atomicNum: atomic<num<u64>>;
  atomicBool: atomic<bool>;
  atomicGear: atomic<Gear>;
  atomicAlarms: atomic<flags<Alarm, u16>>;
  relaxedU32: relaxed<u32>;
  /** A typed array. */
  numbers: array<f64, 3>;
  bigs: array<u64, 2>;
  octets: array<u8, 4>;
  matrix: array<array<f32, 4>, 4>;
  gears: array<Gear, 3>;
  bools: array<bool, 3>;
  nums: array<num<i64>, 2>;
  masks: array<flags<Alarm, u16>, 2>;
  states: array<Status, 2>;
  texts: array<utf8<8>, 2>;
  blobs: array<bytes<4>, 2>;
  wheels: array<Wheel, 4>;
  grid: array<array<Wheel, 2>, 2>;
  counters: array<atomic<u32>, 4>;
  totals: array<atomic<u64>, 2>;
  switches: array<atomic<bool>, 2>;
  selections: array<atomic<Gear>, 2>;
  levels: array<atomic<f32>, 2>;
  hints: array<relaxed<u16>, 4>;
  network: array<be<u32>, 2>;
  wheel: Wheel;
  packet: Packet;
  packets: array<Packet, 2>;
  name: utf8<32>;
  id: bytes<16>;
  big: be<u32>;
  bigF64: be<f64>;
  bigGear: be<Level>;
  little: le<u16>;
  line: align<atomic<u32>, 64>;
  placed: at<u32, 0x400>;
  class: u8;
  view: u8;
  offset: u32;
  u32: u32;
  samples: tail<Wheel>;
}
