/** How somebody looks for what another one publishes, before it sleeps. */
import { rest } from "./sleeping.js";

/** Turns of {@link rest} before somebody sleeps: some ten microseconds, which is what sleeping and being woken takes. */
export const LOOK_TURNS = 16_384;
/** Turns of {@link rest} between two looks, at least and at most: 30 ns and 3 us. */
const SHORTEST_REST = 32;
const LONGEST_REST = 4096;
/** For so many turns, 0.4 us, there has to be one element more after a rest, for the next to be longer. */
const TURNS_FOR_ONE = 512;

/** What is looked for, in elements, or in pieces of bytes that take as long as one. */
export interface Looked {
  /** Elements that are there by now. Loads the other side's counter. */
  look(): number;
  /** Its own counter. */
  position(): number;
}

/**
 * Looks for a while, and remembers what that brought. Who looks all the time takes the line of the other side's counter away from it at each of
 * its stores, and both go in step, an element at a time: 42 ns for each. So it rests before it looks, and longer and longer as long as that
 * brings it many elements at once: 28 ns. Who gets one and answers, as in a round trip, rests for the shortest time.
 */
export class Looking {
  readonly #port: Looked;
  readonly #length: number;
  /** Turns, for the next rest. */
  #rest = SHORTEST_REST;
  /** The own counter at the end of the last wait. */
  #waitedAt = 0;

  /** `length`: how many elements can be there. */
  constructor(port: Looked, length: number) {
    this.#port = port;
    this.#length = length;
  }

  /** Whether there was something soon. `look`: instead of that of the port. */
  forAWhile(look = this.#port.look): boolean {
    const since = (this.#port.position() - this.#waitedAt) | 0;
    for (let turns = 0; turns < LOOK_TURNS; turns += this.#rest) {
      rest(this.#rest);
      const found = look();
      if (found === 0) continue;
      this.#rest = this.#nextRest(since, found);
      this.#waitedAt = this.#port.position();
      return true;
    }
    return false;
  }

  /** Longer when it brought many, but not so many that the other side may have to wait before long. */
  #nextRest(since: number, found: number): number {
    const isWorthIt = since > 1 && found * TURNS_FOR_ONE > this.#rest && found <= this.#length / 4;
    return isWorthIt ? Math.min(2 * this.#rest, LONGEST_REST) : Math.max(this.#rest / 2, SHORTEST_REST);
  }
}
