/**
 * Slots that nobody has: a list in shared memory, last in first out, and behind it those that were never used. Everything here is done by who
 * has the container's lock, and can be made anew of what the slots say of themselves. So its words are plain: the lock orders them, no
 * recoverer reads them, and who has taken the lock from somebody who died within makes all of them anew. Indices are checked before they
 * are used: whoever may write memory may have written anything.
 */

/** Where it lies, by indices of 32-bit words. */
export interface FreeListPlace {
  readonly words: Uint32Array;
  readonly fresh: number;
  readonly free: number;
  /** The words `state` and `next` of the first entry, and how far the next entry is. */
  readonly state: number;
  readonly next: number;
  readonly stride: number;
  readonly length: number;
}

export class FreeList {
  readonly #place: FreeListPlace;

  constructor(place: FreeListPlace) {
    this.#place = place;
  }

  /** Whether there may be one, for who has not the lock. */
  get mayHaveOne(): boolean {
    const { words, free, fresh, length } = this.#place;
    return Atomics.load(words, free) !== 0 || Atomics.load(words, fresh) < length;
  }

  /** Takes one out of the list: its index; -1 when there is none, -2 when the list is damaged. */
  take(): number {
    const { words, fresh, free, state, next, stride, length } = this.#place;
    const listed = words[free]! - 1; // Step list.first
    const index = listed >= 0 ? listed : words[fresh]!;
    if (index >= length) return listed >= 0 ? -2 : -1;
    if (Atomics.load(words, state + index * stride) !== 0) return -2;
    if (listed >= 0)
      words[free] = words[next + index * stride]!; // Step list.unlink
    else words[fresh] = index + 1; // Step list.fresh
    return index;
  }

  /** Puts one into the list, whose state says already that it is free. */
  give(index: number): void {
    const { words, free, next, stride } = this.#place;
    words[next + index * stride] = words[free]!; // Step list.link
    words[free] = index + 1; // Step list.give
  }

  /** Makes it anew: of all that are free now. */
  rebuild(): void {
    const { words, fresh, free, state, next, stride, length } = this.#place;
    let first = 0;
    for (let index = length - 1; index >= 0; index -= 1) {
      if (Atomics.load(words, state + index * stride) !== 0) continue; // Step rebuild.look
      words[next + index * stride] = first; // Step rebuild.link
      first = index + 1;
    }
    words[fresh] = length; // Step rebuild.fresh
    words[free] = first; // Step rebuild.list
  }
}

/** Two words of a container whose lists follow from its states, indices: see {@link mendLists}. */
export interface LossWords {
  readonly losses: number;
  readonly repaired: number;
}

/** By who has the lock: has lists made anew if a death may have left them incomplete. */
export function mendLists(words: Uint32Array, { losses, repaired }: LossWords, rebuild: () => void): void {
  const seen = Atomics.load(words, losses); // Step mend.losses
  if (seen === words[repaired]) return;
  rebuild();
  // What was read first: a slot may have been freed meanwhile that was looked at before. Who dies here raises the losses once more.
  words[repaired] = seen; // Step mend.done
}
