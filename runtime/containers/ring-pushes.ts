/** Pushes that wait for room, in the order of their calls: what `pushAsync` waits in. One wait is pending for all. */
import { monotonicMs } from "../monotonic.js";
import type { RingSide } from "./ring-side.js";

interface Pending<W> {
  readonly value: W;
  readonly timeoutMs: number;
  /** By {@link monotonicMs}. */
  readonly deadline: number;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

export class PendingPushes<W> {
  readonly #side: RingSide;
  readonly #push: (value: W) => boolean;
  readonly #pending: Pending<W>[] = [];
  #isRunning = false;

  constructor(side: RingSide, push: (value: W) => boolean) {
    this.#side = side;
    this.#push = push;
  }

  get isEmpty(): boolean {
    return this.#pending.length === 0;
  }

  add(value: W, timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        this.#remove(pending);
        reject(signal?.reason as Error);
      };
      const settled = (): void => signal?.removeEventListener("abort", abort);
      const pending: Pending<W> = {
        value,
        timeoutMs,
        deadline: monotonicMs() + timeoutMs,
        resolve: () => (settled(), resolve()),
        reject: (reason) => (settled(), reject(reason as Error)),
      };
      if (signal?.aborted === true) return abort();
      signal?.addEventListener("abort", abort, { once: true });
      this.#pending.push(pending);
      if (!this.#isRunning) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    try {
      while (!this.isEmpty) {
        this.#pushAll();
        if (this.isEmpty || this.#side.announce()) continue;
        this.#expire();
        const until = this.#pending.reduce((end, { deadline }) => Math.min(end, deadline), Infinity);
        await this.#side.sleepAsync(Math.max(0, until - monotonicMs()));
      }
    } catch (error) {
      for (const { reject } of this.#pending.splice(0)) reject(error);
    } finally {
      this.#isRunning = false;
    }
  }

  #pushAll(): void {
    for (let first = this.#pending[0]; first !== undefined; first = this.#pending[0]) {
      try {
        if (!this.#push(first.value)) return;
        this.#remove(first);
        first.resolve();
      } catch (error) {
        this.#remove(first);
        first.reject(error);
      }
    }
  }

  #expire(): void {
    const now = monotonicMs();
    for (const pending of this.#pending.filter(({ deadline }) => deadline <= now)) {
      this.#remove(pending);
      pending.reject(this.#side.busy(pending.timeoutMs));
    }
  }

  #remove(pending: Pending<W>): void {
    const at = this.#pending.indexOf(pending);
    if (at >= 0) this.#pending.splice(at, 1);
  }
}
