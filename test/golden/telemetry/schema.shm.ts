import type { Region, array, atomic, f32, f64, u8, u64, utf8 } from "@shmgen/schema";

/** Live state of one car, written by the controller, read by dashboards. */
export interface Telemetry extends Region<{ type: 0x54; version: 3 }> {
  /** Samples published since the region was created. */
  samples: atomic<u64>;
  /** What the driver has selected. */
  gear: atomic<Gear>;
  /** Percent of full throttle, 0 to 100. */
  throttle: atomic<u8>;
  /** Metres east, north and up of the pit lane. */
  position: array<f64, 3>;
  /** Front left, front right, rear left, rear right. */
  wheels: array<Wheel, 4>;
  /** Who drives, as shown on the dashboards. */
  driver: utf8<32>;
}

/** One wheel as its sensor sees it. */
export interface Wheel {
  /** Revolutions a minute. */
  rpm: f32;
  /** Slip ratio, 0 when rolling freely. */
  slip: f32;
}

/** @repr u8 */
export enum Gear {
  Park,
  Reverse,
  Neutral,
  Drive,
}
