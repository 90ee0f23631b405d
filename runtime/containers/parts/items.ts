/** Elements that come one after the other, as `for await` takes them. */
import { Turns } from "./turns.js";

/** Where they come from. */
export interface ItemSource<T> {
  /** The next one; undefined when none is there. */
  take(): T | undefined;
  /** The loop asks for the next one: what it has had is done. */
  settle?(): void;
  /** Resolves when one is there. */
  wait(signal: AbortSignal | undefined): Promise<void>;
}

export class Items<T> implements AsyncIterableIterator<T> {
  readonly #source: ItemSource<T>;
  readonly #signal: AbortSignal | undefined;
  #isOver = false;
  readonly #turns = new Turns();

  constructor(source: ItemSource<T>, signal: AbortSignal | undefined) {
    this.#source = source;
    this.#signal = signal;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    try {
      if (this.#isOver) return Promise.resolve({ done: true, value: undefined });
      this.#source.settle?.();
      if (this.#signal?.aborted !== true && !this.#turns.isDue) {
        const value = this.#source.take();
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
        if (this.#turns.isOver) await this.#turns.give();
        else await this.#source.wait(this.#signal);
        this.#turns.begun();
        const value = this.#isOver ? undefined : this.#source.take();
        if (value !== undefined) return { done: false, value };
        if (this.#isOver) return { done: true, value: undefined };
      }
    } catch (error) {
      this.#isOver = true;
      throw error;
    }
  }
}
