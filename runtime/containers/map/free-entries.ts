/**
 * Entries of a map that nobody uses. The words of the list mean what those of parts/free-list.ts do, since entries count from 1; but it is another
 * list. An entry has no state that would say whether it is free: that follows from the chains, so who makes the list anew says which are linked. And
 * there is no mark up to where entries were ever used: whoever is the first to change a map makes the list of all of them.
 *
 * Everything here is done by who has the lock. Its words are atomic all the same, as those of other lists are not: readers without the lock walk
 * through \`next\`, and a plain store could come before the stamp that tells them of it.
 */
import { ENTRY_WORD, type MapPlace, WORD } from "./place.js";

export class FreeEntries {
  readonly #words: Uint32Array;
  readonly #place: MapPlace;
  readonly #first: number;

  constructor(words: Uint32Array, place: MapPlace) {
    this.#words = words;
    this.#place = place;
    this.#first = place.offset / 4 + WORD.free;
  }

  /** Takes one out of the list; 0 when there is none, or what is named there is none. */
  take(): number {
    const words = this.#words;
    const entry = Atomics.load(words, this.#first);
    if (entry < 1 || entry > this.#place.capacity + 1) return 0;
    // Nobody else may be given it, should what it is taken for not come to its end.
    Atomics.store(words, this.#first, Atomics.load(words, this.#next(entry))); // Step put.take
    return entry;
  }

  /** Puts one into the list that is out of its chain, and no reader's any more. */
  give(entry: number): void {
    const words = this.#words;
    Atomics.store(words, this.#next(entry), Atomics.load(words, this.#first)); // Step remove.recycle
    Atomics.store(words, this.#first, entry); // Step remove.free
  }

  /** Makes it anew, of all that no chain has. */
  rebuild(isLinked: Uint8Array): void {
    const words = this.#words;
    let free = 0;
    for (let entry = this.#place.capacity + 1; entry >= 1; entry -= 1) {
      if (isLinked[entry] !== 0) continue;
      Atomics.store(words, this.#next(entry), free); // Step repair.free
      free = entry;
    }
    Atomics.store(words, this.#first, free);
  }

  #next(entry: number): number {
    return (this.#place.entries + entry * this.#place.stride) / 4 + ENTRY_WORD.next;
  }
}
