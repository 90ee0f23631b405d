/** Turns of the event loop, for iterations that find something each time and would let nothing else have its turn. */
import { nextTurn } from "../../host.js";
import { monotonicMs } from "../../monotonic.js";

/** Elements between two looks at the clock. */
const LOOK_EVERY = 32;
/** While elements are there, nothing else of the event loop gets its turn; so it gets one this often. */
const TURN_MS = 5;

export class Turns {
  #sinceLook = 0;
  #turnAt = monotonicMs() + TURN_MS;

  /** Whether the event loop is to have its turn. Asked for each element. */
  get isDue(): boolean {
    if ((this.#sinceLook += 1) < LOOK_EVERY) return false;
    this.#sinceLook = 0;
    return this.isOver;
  }

  /** Whether others have waited long enough. */
  get isOver(): boolean {
    return monotonicMs() >= this.#turnAt;
  }

  /** Lets the event loop have its turn. */
  async give(): Promise<void> {
    await nextTurn();
    this.begun();
  }

  /** The event loop has had its turn otherwise. */
  begun(): void {
    this.#sinceLook = 0;
    this.#turnAt = monotonicMs() + TURN_MS;
  }
}

/** What `next` resolves with, again and again, with turns of the event loop between. */
export async function* inTurns<V>(next: () => Promise<V>): AsyncGenerator<V, never, undefined> {
  const turns = new Turns();
  for (;;) {
    if (turns.isDue) await turns.give();
    yield await next();
  }
}
