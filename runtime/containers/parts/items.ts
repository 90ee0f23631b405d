/** The elements of a consumer as `for await` takes them. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { monotonicMs } from "../../monotonic.js";
import { iteratedAnew } from "./refusals.js";
import type { Side } from "./side.js";

/** The consumer, as far as an iteration needs it. */
interface Iterated<T> {
  peek(): T | undefined;
  release(): void;
}

/** What an iteration has to know of it besides. */
interface ItemsPort<T> {
  isLatest(items: Items<T>): boolean;
  head(): number;
}

/** Elements between two looks at the clock. */
const LOOK_EVERY = 32;
/** While elements are there, nothing else of the event loop gets its turn; so it gets one this often. */
const TURN_MS = 5;

export class Items<T> implements AsyncIterableIterator<T> {
  readonly #consumer: Iterated<T>;
  readonly #side: Side;
  readonly #signal: AbortSignal | undefined;
  readonly #port: ItemsPort<T>;
  /** The head with which the last element was shown, if the loop has one. */
  #shown: number | undefined;
  #isOver = false;
  #sinceLook = 0;
  #turnAt = monotonicMs() + TURN_MS;

  constructor(consumer: Iterated<T>, side: Side, signal: AbortSignal | undefined, port: ItemsPort<T>) {
    this.#consumer = consumer;
    this.#side = side;
    this.#signal = signal;
    this.#port = port;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    try {
      if (this.#isOver) return Promise.resolve({ done: true, value: undefined });
      this.#release();
      if (this.#signal?.aborted !== true && !this.#needsTurn()) {
        const value = this.#show();
        if (value !== undefined) return Promise.resolve({ done: false, value });
      }
    } catch (error) {
      this.#isOver = true;
      return Promise.reject(error as Error);
    }
    return this.#later();
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.#isOver = true;
    return Promise.resolve({ done: true, value: undefined });
  }

  async #later(): Promise<IteratorResult<T, undefined>> {
    try {
      for (;;) {
        this.#signal?.throwIfAborted();
        if (monotonicMs() >= this.#turnAt) await nextTurn();
        else await this.#side.waitAsync(Infinity, this.#signal);
        this.#sinceLook = 0;
        this.#turnAt = monotonicMs() + TURN_MS;
        const value = this.#isOver ? undefined : this.#show();
        if (value !== undefined) return { done: false, value };
        if (this.#isOver) return { done: true, value: undefined };
      }
    } catch (error) {
      this.#isOver = true;
      throw error;
    }
  }

  #show(): T | undefined {
    const value = this.#consumer.peek();
    if (value !== undefined) this.#shown = this.#port.head();
    return value;
  }

  /** What the loop has had, unless its body has released it. */
  #release(): void {
    if (!this.#port.isLatest(this)) throw iteratedAnew(this.#side.facts);
    if (this.#shown !== undefined && this.#shown === this.#port.head()) this.#consumer.release();
    this.#shown = undefined;
  }

  #needsTurn(): boolean {
    if ((this.#sinceLook += 1) < LOOK_EVERY) return false;
    this.#sinceLook = 0;
    return monotonicMs() >= this.#turnAt;
  }
}
