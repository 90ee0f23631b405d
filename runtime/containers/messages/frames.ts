/**
 * The frames of messages as who has the producers' lock writes them. The steps are those of test/model/messages.ts.
 *
 *   frame      a head and the message where nobody reads; before it, if it does not fit before the end, padding up to there
 *   publish    `write`: one store for both
 */
import { FRAME, MESSAGES } from "../../../schema/containers/messages.js";
import type { ShmErrorFacts } from "../../errors.js";
import type { Counters } from "../parts/counters.js";
import { advanced, areCounters, type BytesPlace, placeOf, usedOf } from "../parts/laps.js";
import { sidesOf } from "../parts/sides.js";
import { damagedFrames } from "./refusals.js";

export const SIDES = sidesOf(MESSAGES.at);
/** Bytes that a wait takes for one message, when it decides how long to rest. */
export const PIECE = 64;
/** What a message is, by the number in its head. */
export type MessageKind = "bytes" | "text" | "json";
const KINDS: readonly string[] = FRAME.kinds;
const { head: HEAD, padding: PADDING } = FRAME;

/** The number of a kind; -1 for none. */
export function kindNumber(kind: unknown): number {
  const number = KINDS.indexOf(kind as string);
  return number === PADDING ? -1 : number;
}

/** Bytes of a frame for a message of `size`. */
export function frameOf(size: number): number {
  return (size + HEAD + 7) & ~7;
}

/** Bytes of the longest message. */
export function longestOf(length: number): number {
  return length - HEAD;
}

export class Frames {
  readonly facts: ShmErrorFacts;
  readonly #load: Counters["load"];
  readonly #store: Counters["publish"];
  readonly #words: Uint32Array;
  readonly #length: number;
  readonly #first: number;
  readonly #writeAt: number;
  readonly #readAt: number;
  readonly #sleepsAt: number;
  /** As they were loaded last. */
  #write = 0;
  #read = 0;

  constructor({ view, field, counters, words, base, length, first }: BytesPlace) {
    const at = (word: keyof typeof MESSAGES.at): number => counters.base + base * 4 + MESSAGES.at[word];
    this.facts = { path: view.label, field };
    this.#load = counters.load;
    this.#store = counters.publish;
    this.#words = words;
    this.#length = length;
    this.#first = first;
    this.#writeAt = at("write");
    this.#readAt = at("read");
    this.#sleepsAt = at("consumerSleeps");
  }

  /** Loads both places. Under the lock. @throws ShmError ERR_SHM_FORMAT */
  look(): void {
    const write = this.#load(this.#writeAt); // Step put.readWrite.
    const read = this.#load(this.#readAt); // Step put.readRead.
    const capacity = this.#length;
    // Frames are of 8 bytes or a multiple of that.
    if (!areCounters(write, read, capacity) || ((write | read) & 7) !== 0) {
      throw damagedFrames(this.facts, "its places", { write, read, capacity });
    }
    this.#write = write;
    this.#read = read;
  }

  /** Whether a frame fits without going round. After {@link look}. */
  fitsHere(frame: number): boolean {
    const length = this.#length;
    const free = length - usedOf(this.#write, this.#read, length);
    return frame <= Math.min(free, length - placeOf(this.#write, length));
  }

  /** Where a frame can be written, or -1. After {@link look}. */
  find(frame: number): number {
    const length = this.#length;
    const place = placeOf(this.#write, length);
    const free = length - usedOf(this.#write, this.#read, length);
    const toEnd = length - place;
    if (frame <= toEnd) return frame <= free ? place : -1;
    return frame <= free - toEnd ? 0 : -1;
  }

  /**
   * Of a frame for which there is no room: whether the rest of the lap has to be left out, since however much the consumer reads there would
   * be none before it and none behind it.
   */
  needsNextLap(frame: number): boolean {
    const length = this.#length;
    const place = placeOf(this.#write, length);
    return frame > place && frame > length - place && usedOf(this.#write, this.#read, length) <= place;
  }

  /** Leaves the rest of the lap out. Gives what {@link publish} gives. */
  leaveLap(): number {
    const length = this.#length;
    const place = placeOf(this.#write, length);
    this.#pad(place);
    return this.#publish(advanced(this.#write, length - place, length)); // Step put.leaveLap.
  }

  /** Where the message of the frame at `at` lies, bytes in the view. */
  messageAt(at: number): number {
    return this.#first + at + HEAD;
  }

  /**
   * Publishes the frame at `at`, whose message is there, by one store. Gives the word of sleepers, which is loaded after that: when it is
   * not 0 the consumer has to be woken.
   */
  publish(at: number, size: number, kind: number): number {
    const length = this.#length;
    const place = placeOf(this.#write, length);
    const word = (this.#first + at) / 4;
    this.#words[word] = size; // Step put.head.
    this.#words[word + 1] = kind;
    let by = frameOf(size);
    if (at !== place) {
      this.#pad(place);
      by += length - place;
    }
    return this.#publish(advanced(this.#write, by, length)); // Step put.publish.
  }

  #pad(place: number): void {
    const word = (this.#first + place) / 4;
    this.#words[word] = this.#length - place - HEAD; // Step put.padding.
    this.#words[word + 1] = PADDING;
  }

  #publish(write: number): number {
    // Nobody else stores it while we have the lock.
    this.#write = write;
    return this.#store(this.#writeAt, write, this.#sleepsAt); // Step wake.look.
  }

  /** Without the lock: whether it is worth while to try again to push a frame. 0: no; else pieces that are free. */
  wouldFit(frame: number): number {
    const length = this.#length;
    const write = this.#load(this.#writeAt); // Step wait.readWrite.
    const read = this.#load(this.#readAt); // Step wait.readRead.
    const isDamaged = !areCounters(write, read, length);
    // Others are faster than we look, or it is damaged, which a push says.
    if (isDamaged) return 1;
    const place = placeOf(write, length);
    const used = usedOf(write, read, length);
    const toEnd = length - place;
    const fits = frame <= toEnd ? frame <= length - used : frame <= length - used - toEnd;
    const mayLeave = frame > place && frame > toEnd && used <= place;
    return fits || mayLeave ? 1 + Math.floor((length - used) / PIECE) : 0;
  }
}
