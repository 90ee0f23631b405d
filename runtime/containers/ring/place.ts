/** A ring in memory, as its sides need it. */
import { RING } from "../../../schema/containers/ring.js";
import type { Counters } from "../parts/counters.js";
import { type SidePlace, sidesOf } from "../parts/sides.js";
import type { Slots } from "../parts/slots.js";

export interface RingPlace<T, W> extends SidePlace {
  readonly counters: Counters;
  readonly length: number;
  readonly slots: Slots<T, W>;
}

export const SIDES = sidesOf(RING.at);
