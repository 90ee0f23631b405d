/**
 * Waiting without blocking: the pending waits of a thread, whose words the platform watches for its loop of events where it can
 * (os/linux/wait-ring.ts), and one more thread where not (wait-thread.ts, futex_waitv). Made on first use. Not libuv's pool: with 8 waits
 * pending `fs.stat` took 0.03 ms in the median and 3 ms at most; the pool would have blocked it for a whole slice.
 */
import type { EventWaits, FutexWord, SleepEnd } from "../os/contract.js";
import { openEventWaits } from "../os/index.js";
import { unmappedDuringWait } from "./refusals.js";
import { WaitThread } from "./wait-thread.js";

interface Waiting {
  readonly owner: object;
  readonly keepsAlive: boolean;
  readonly resolve: (result: "ok" | "timed-out") => void;
  readonly reject: (error: unknown) => void;
}

/** What to wait for, on whose behalf. */
export interface WaitRequest extends FutexWord {
  readonly owner: object;
  readonly timeoutMs: number;
  /** While such a wait is pending the process stays alive for it, as for a timer. */
  readonly keepsAlive: boolean;
}

class Waits {
  readonly #pending = new Map<number, Waiting>();
  readonly #sleeps: EventWaits;
  #ids = 0;
  /** Pending waits that keep the process alive. */
  #alive = 0;

  constructor() {
    const events = {
      ended: (id: number, result: SleepEnd | Error) => this.#settle(id, result),
      lost: (error: Error) => this.#fail(error),
    };
    this.#sleeps = openEventWaits(events) ?? new WaitThread(events);
  }

  start(request: WaitRequest): Promise<"ok" | "timed-out"> {
    const { owner, keepsAlive, timeoutMs } = request;
    const id = (this.#ids += 1);
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { owner, keepsAlive, resolve, reject });
      if (keepsAlive && (this.#alive += 1) === 1) this.#sleeps.keepAlive(true);
      this.#sleeps.start(id, request, timeoutMs);
    });
  }

  cancel(owner: object, reason: () => unknown): void {
    const ids = [...this.#pending].filter(([, waiting]) => waiting.owner === owner).map(([id]) => id);
    if (ids.length === 0) return;
    for (const id of ids) this.#take(id)?.reject(reason());
    this.#sleeps.cancel(ids);
  }

  #settle(id: number, result: SleepEnd | Error): void {
    const waiting = this.#take(id);
    if (result === "ok" || result === "timed-out") waiting?.resolve(result);
    else waiting?.reject(result === "gone" ? unmappedDuringWait() : result);
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#pending.get(id);
    this.#pending.delete(id);
    if (waiting?.keepsAlive === true && (this.#alive -= 1) === 0) this.#sleeps.keepAlive(false);
    return waiting;
  }

  #fail(error: Error): void {
    if (waits === this) waits = undefined;
    for (const id of this.#pending.keys()) this.#take(id)?.reject(error);
  }
}

let waits: Waits | undefined;

/** Makes what pending waits need, if it is not there yet. @throws ShmError ERR_SHM_UNSUPPORTED when that is a thread that cannot be started */
export function readyToWait(): void {
  waits ??= new Waits();
}

/** Resolves when the word was woken or has changed, or at the timeout. Rejects when its owner cancels. */
export function waitInBackground(request: WaitRequest): Promise<"ok" | "timed-out"> {
  return (waits ??= new Waits()).start(request);
}

/** Rejects the pending waits of one owner; afterwards its memory may go. */
export function cancelWaits(owner: object, reason: () => unknown): void {
  waits?.cancel(owner, reason);
}
