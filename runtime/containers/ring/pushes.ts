/** Pushes that wait for room, in the order of their calls: what `pushAsync` waits in. One wait is pending for all. */
import { monotonicMs } from "../../monotonic.js";
import type { RingSide } from "./side.js";
import { WaitQueue, type Wish } from "../parts/wait-queue.js";

interface Push<W> extends Wish {
  readonly value: W;
}

export class PendingPushes<W> {
  readonly #side: RingSide;
  readonly #push: (value: W) => boolean;
  readonly #pending = new WaitQueue<Push<W>, void>();
  #isRunning = false;

  constructor(side: RingSide, push: (value: W) => boolean) {
    this.#side = side;
    this.#push = push;
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
        this.#pushAll();
        if (this.isEmpty || this.#side.announce()) continue;
        for (const one of this.#pending.expired()) this.#pending.fail(one, this.#side.busy(one.timeoutMs));
        await this.#side.sleepAsync(Math.max(0, this.#pending.until() - monotonicMs()));
      }
    } catch (error) {
      for (const one of this.#pending.those(() => true)) this.#pending.fail(one, error);
    } finally {
      this.#isRunning = false;
    }
  }

  #pushAll(): void {
    for (let first = this.#pending.first; first !== undefined; first = this.#pending.first) {
      try {
        if (!this.#push(first.value)) return;
        this.#pending.settle(first, undefined);
      } catch (error) {
        this.#pending.fail(first, error);
      }
    }
  }
}
