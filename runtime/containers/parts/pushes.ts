/**
 * Pushes that wait at a flag for room, in the order of their calls: what `pushAsync` waits in. One wait is pending for all. Of those that wait at a
 * gate there is pending.ts, which says why it is another loop.
 */
import type { FlagWaits } from "./flag-waits.js";
import { type Waiting, WaitQueue, type Wish } from "./wait-queue.js";

interface Push<W> extends Wish {
  readonly value: W;
}

/** How things are pushed. */
export interface PushPort<W> {
  /**
   * Whether there was room. A promise where something else has to be waited for first, for at most `timeoutMs`; it pushes nothing
   * when `isWanted` says no by then.
   */
  push(value: W, wish: { readonly timeoutMs: number; isWanted(): boolean }): boolean | Promise<boolean>;
  /** Whether there is room by now; absent: as the side looks. */
  look?(value: W): number;
}

export class PendingPushes<W> {
  readonly #side: FlagWaits;
  readonly #port: PushPort<W>;
  readonly #pending = new WaitQueue<Push<W>, void>();
  #isRunning = false;

  constructor(side: FlagWaits, port: PushPort<W>) {
    this.#side = side;
    this.#port = port;
  }

  get isEmpty(): boolean {
    return this.#pending.isEmpty;
  }

  add(push: Push<W>): Promise<void> {
    return this.#pending.add(push, () => {
      if (!this.#isRunning) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    try {
      while (!this.isEmpty) {
        await this.#pushAll();
        const { first } = this.#pending;
        if (first === undefined || this.#announce(first)) continue;
        this.#pending.expire(({ timeoutMs }) => this.#side.busy(timeoutMs));
        if (!this.isEmpty) await this.#side.sleepAsync(this.#pending.left());
      }
    } catch (error) {
      this.#pending.failAll(error);
    } finally {
      this.#isRunning = false;
    }
  }

  #announce({ value }: Push<W>): boolean {
    const { look } = this.#port;
    return this.#side.announce(look === undefined ? undefined : () => look(value));
  }

  async #pushAll(): Promise<void> {
    for (let first = this.#pending.first; first !== undefined; first = this.#pending.first) {
      try {
        const pushed = this.#tryPush(first);
        if (!(typeof pushed === "boolean" ? pushed : await pushed)) {
          if (this.#pending.has(first)) return;
          continue;
        }
        this.#pending.settle(first, undefined);
      } catch (error) {
        // What it waited for may have taken too long for others that came later.
        if (this.#pending.expire(() => error) === 0) this.#pending.fail(first, error);
      }
    }
  }

  #tryPush(first: Waiting<Push<W>, void>): boolean | Promise<boolean> {
    const timeoutMs = this.#pending.left();
    return this.#port.push(first.value, { timeoutMs, isWanted: () => this.#pending.has(first) });
  }
}
