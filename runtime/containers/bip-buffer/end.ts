/** What both ends of a buffer have: their place, before their own fields are initialised. */
import { BIP_BUFFER } from "../../../schema/containers/bip-buffer.js";
import { Uncloneable } from "../../access/uncloneable.js";
import type { BytesPlace } from "../parts/laps.js";
import { sidesOf } from "../parts/sides.js";

export const SIDES = sidesOf(BIP_BUFFER.at);
/** Bytes that a wait takes for one element, when it decides how long to rest. */
export const PIECE = 64;

/** Of an end. Fields that are initialised by it are constants to V8. */
export let bytesOf: (end: BipBufferEnd) => BytesPlace;

export class BipBufferEnd extends Uncloneable {
  readonly #place: BytesPlace;

  constructor(place: BytesPlace) {
    super();
    this.#place = place;
  }

  static {
    bytesOf = (end) => end.#place;
  }
}

/** Where a word is, for the counters of an end's buffer. */
export function wordOf(end: BipBufferEnd, word: keyof typeof BIP_BUFFER.at): number {
  const { counters, base } = bytesOf(end);
  return counters.base + base * 4 + BIP_BUFFER.at[word];
}
