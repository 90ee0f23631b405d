/** What both ends of a ring have: their place, before their own fields are initialised. */
import { RING } from "../../../schema/containers/ring.js";
import { Uncloneable } from "../../access/uncloneable.js";
import type { RingPlace } from "./place.js";

/** Of an end. Fields that are initialised by it are constants to V8, and those that a constructor assigns are not. */
export let placeOf: (end: RingEnd) => RingPlace<unknown, unknown>;

export class RingEnd extends Uncloneable {
  readonly #place: RingPlace<unknown, unknown>;

  constructor(place: RingPlace<unknown, unknown>) {
    super();
    this.#place = place;
  }

  static {
    placeOf = (end) => end.#place;
  }
}

/** Where a word is, for the counters of an end's ring. */
export function wordOf(end: RingEnd, word: keyof typeof RING.at): number {
  const { counters, base } = placeOf(end);
  return counters.base + base * 4 + RING.at[word];
}
