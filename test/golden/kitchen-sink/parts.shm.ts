import type { Packed, be, bits, f32, flags, u16, u32, u8 } from "@shmgen/schema";

/** @repr u8 */
export enum Gear {
  Park,
  Reverse,
  Neutral,
  /** Forward. */
  Drive,
}

/** @repr u16 */
export enum Alarm {
  Oil = 1,
  Heat = 2,
  Door = 4,
}

/** One wheel. */
export interface Wheel {
  rpm: f32;
  slip: f32;
}

/** On the wire: no padding, network byte order. */
export interface Packet extends Packed {
  tag: u8;
  length: be<u16>;
  value: u32;
  alarms: flags<Alarm, u16>;
  wheel: Wheel;
}

export type Status = bits<{ ready: 1; mode: 3; count: 12 }, u32>;
