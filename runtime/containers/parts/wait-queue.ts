/** Promises that wait for their turn in the order of their calls, each with a deadline and a signal of its own. */
import { onAbort } from "../../arguments/wait-options.js";
import { monotonicMs } from "../../monotonic.js";

/** What is given with one. */
export interface Wish {
  /** May be Infinity. */
  readonly timeoutMs: number;
  /** Ends the wait; the promise rejects with its reason. */
  readonly signal: AbortSignal | undefined;
}

/** One that waits. */
export type Waiting<W extends Wish, R> = W & {
  /** By {@link monotonicMs}. */
  readonly deadline: number;
  readonly resolve: (result: R) => void;
  readonly reject: (reason: unknown) => void;
  /** The signal is not listened to any more. */
  readonly unheard: () => void;
};

export class WaitQueue<W extends Wish, R> {
  readonly #waiting: Waiting<W, R>[] = [];

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  get first(): Waiting<W, R> | undefined {
    return this.#waiting[0];
  }

  /** Behind all others. `added` is called with it, unless its signal is aborted already, which rejects the promise. */
  add(wish: W, added: (one: Waiting<W, R>) => void): Promise<R> {
    return new Promise((resolve, reject) => {
      const { signal, timeoutMs } = wish;
      if (signal?.aborted === true) {
        reject(signal.reason as Error);
        return;
      }
      const unheard = onAbort(signal, () => this.fail(one, signal?.reason));
      const one = { ...wish, deadline: monotonicMs() + timeoutMs, resolve, reject, unheard };
      this.#waiting.push(one);
      added(one);
    });
  }

  settle(one: Waiting<W, R>, result: R): void {
    this.#remove(one);
    one.resolve(result);
  }

  fail(one: Waiting<W, R>, reason: unknown): void {
    this.#remove(one);
    one.reject(reason);
  }

  has(one: Waiting<W, R>): boolean {
    return this.#waiting.includes(one);
  }

  /** Those of which something is so. */
  those(isSo: (one: Waiting<W, R>) => boolean): Waiting<W, R>[] {
    return this.#waiting.filter(isSo);
  }

  /** Rejects those whose time is over: how many there were. */
  expire(reasonOf: (one: Waiting<W, R>) => unknown): number {
    const now = monotonicMs();
    const expired = this.those(({ deadline }) => deadline <= now);
    for (const one of expired) this.fail(one, reasonOf(one));
    return expired.length;
  }

  failAll(reason: unknown): void {
    for (const one of this.those(() => true)) this.fail(one, reason);
  }

  /** When the first of them, or `most`, is over. By {@link monotonicMs}. */
  until(most = Infinity): number {
    return this.#waiting.reduce((end, { deadline }) => Math.min(end, deadline), most);
  }

  /** How long from now on until the time of the first of them is over, ms: from 0 to Infinity. */
  left(): number {
    return Math.max(0, this.until() - monotonicMs());
  }

  #remove(one: Waiting<W, R>): void {
    one.unheard();
    const at = this.#waiting.indexOf(one);
    if (at >= 0) this.#waiting.splice(at, 1);
  }
}
