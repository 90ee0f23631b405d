import type { f32, u8 } from "@shmgen/schema";

/** One wheel. */
export interface Wheel {
  rpm: f32;
}

/** How many wheels there are; not exported. */
type Count = 4;

/** @repr u8 */
export enum Tyre {
  Soft,
  Hard,
}

export type Pressure = u8;
