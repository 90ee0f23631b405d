/**
 * Flows of one thread that wait at a gate, in the order of their calls: what `pushAsync`, `popAsync` and their like wait in. The first one
 * tries, under the container's lock; one sleep is pending for all of them.
 *
 * Those that wait at a flag are in pushes.ts. Order, deadlines and signals are one for both, in wait-queue.ts; the loops are not. At a gate only a
 * try under the lock says whether a sleep is needed, so there is a second one behind the announcement, and the lock has a time of its own. At a
 * flag that is a look without any lock, the flag is taken back when it finds something, and a try that needs a lock lets go of it itself,
 * because it may have to wake others also when it was in vain.
 */
import type { Gate } from "./gate.js";
import type { OwnerWord } from "./owner-word.js";
import { SLICE_MS, TIMEOUT_MS, type WaitAsyncOptions } from "./sleeping.js";
import { type Waiting, WaitQueue, type Wish } from "./wait-queue.js";

/** What they want, and where they wait for it. */
export interface PendingPort<V, R> {
  /** Where they sleep until a try may succeed. */
  readonly gate: Gate;
  /** The lock that a try needs. */
  readonly lock: OwnerWord;
  /** One try, by who has the lock. Undefined when what it needs is not there. */
  attempt(value: V): R | undefined;
  /** Whether it is worth another try, after one that was not: whether something was found that the dead had. Without the lock. */
  missed?(): boolean;
  /** What has to be done when a try has succeeded, without the lock. */
  done(): void;
  /** The error of who waited in vain. */
  busy(timeoutMs: number): Error;
}

interface Request<V> extends Wish {
  readonly value: V;
}

export class Pending<V, R> {
  readonly #port: PendingPort<V, R>;
  readonly #waiting = new WaitQueue<Request<V>, R>();
  #isRunning = false;

  constructor(port: PendingPort<V, R>) {
    this.#port = port;
  }

  /** Whether nobody waits, so that a later call need not queue up. */
  get isEmpty(): boolean {
    return this.#waiting.isEmpty;
  }

  /** Resolves with what a try gave. Rejects with its error, that of who waited in vain, or the signal's reason. */
  add(value: V, { timeoutMs = TIMEOUT_MS, signal }: WaitAsyncOptions): Promise<R> {
    return this.#waiting.add({ value, timeoutMs, signal }, () => {
      if (!this.#isRunning) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    const { gate, missed } = this.#port;
    try {
      while (!this.#waiting.isEmpty) {
        if ((await this.#serves()) || missed?.() === true) continue;
        const word = gate.announce();
        if (await this.#serves()) continue;
        this.#expire();
        if (!this.#waiting.isEmpty) await gate.sleepAsync(word, Math.min(this.#waiting.left(), SLICE_MS), undefined);
      }
    } catch (error) {
      this.#waiting.failAll(error);
    } finally {
      this.#isRunning = false;
    }
  }

  /** Whether the first one had what it wants, or an error of its own. What it takes is its own in the same turn of the event loop. */
  async #serves(): Promise<boolean> {
    const one = this.#waiting.first;
    if (one === undefined) return true;
    const { lock, done } = this.#port;
    let isServed = false;
    const serve = (): void => {
      isServed = this.#serve(one);
    };
    try {
      // As long as each of them can wait.
      await lock.underAsync(serve, { timeoutMs: this.#waiting.left() });
    } catch (error) {
      if (this.#expire(error) === 0 && (error as { readonly code?: unknown }).code !== "ERR_SHM_BUSY") throw error;
      return true;
    }
    if (isServed) done();
    return isServed;
  }

  #serve(one: Waiting<Request<V>, R>): boolean {
    // It was aborted while it waited for the lock.
    if (!this.#waiting.has(one)) return true;
    try {
      const result = this.#port.attempt(one.value);
      if (result === undefined) return false;
      this.#waiting.settle(one, result);
    } catch (error) {
      this.#waiting.fail(one, error);
    }
    return true;
  }

  /** Rejects those whose time is over. How many there were. */
  #expire(reason?: unknown): number {
    return this.#waiting.expire(({ timeoutMs }) => reason ?? this.#port.busy(timeoutMs));
  }
}
