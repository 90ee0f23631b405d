/**
 * Waiting without blocking: the pending waits of a thread, whose words the platform watches for its loop of events where it can
 * (os/linux/wait-ring.ts), and one more thread where not (wait-thread.ts, futex_waitv). Made on first use. Not libuv's pool: with 8 waits
 * pending `fs.stat` took 0.03 ms in the median and 3 ms at most; the pool would have blocked it for a whole slice.
 */
import type { EventWaits, FutexWord, SleepEnd } from "../os/contract.js";
import { onAbort } from "../arguments/wait-options.js";
import { openEventWaits, wake } from "../os/index.js";
import { unmappedDuringWait } from "./refusals.js";
import { WaitThread } from "./wait-thread.js";

interface Waiting {
  readonly owner: object;
  readonly address: number;
  readonly keepsAlive: boolean;
  /** The signal is not listened to any more. */
  readonly unheard: () => void;
  readonly resolve: (result: "ok" | "timed-out") => void;
  readonly reject: (error: unknown) => void;
}

/** What to wait for, on whose behalf. */
export interface WaitRequest extends FutexWord {
  readonly owner: object;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** While such a wait is pending the process stays alive for it, as for a timer. */
  readonly keepsAlive: boolean;
}

class Waits {
  readonly #pending = new Map<number, Waiting>();
  /** Those that a signal has ended, until the platform says how: a wake-up that had met one of them is somebody else's. */
  readonly #aborted = new Map<number, Pick<Waiting, "owner" | "address">>();
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
    const { owner, address, keepsAlive, timeoutMs, signal } = request;
    const id = (this.#ids += 1);
    return new Promise((resolve, reject) => {
      const unheard = onAbort(signal, () => this.#abort(id, signal?.reason));
      this.#pending.set(id, { owner, address, keepsAlive, unheard, resolve, reject });
      if (keepsAlive && (this.#alive += 1) === 1) this.#sleeps.keepAlive(true);
      this.#sleeps.start(id, request, timeoutMs);
    });
  }

  cancel(owner: object, reason: () => unknown): void {
    // Its memory goes, and whoever sleeps there besides goes with it, or looks by itself.
    for (const [id, aborted] of this.#aborted) if (aborted.owner === owner) this.#aborted.delete(id);
    const ids = [...this.#pending].filter(([, waiting]) => waiting.owner === owner).map(([id]) => id);
    if (ids.length === 0) return;
    for (const id of ids) this.#take(id)?.reject(reason());
    this.#sleeps.cancel(ids);
  }

  #abort(id: number, reason: unknown): void {
    const waiting = this.#take(id);
    if (waiting === undefined) return;
    this.#aborted.set(id, waiting);
    this.#sleeps.cancel([id]);
    waiting.reject(reason);
  }

  #settle(id: number, result: SleepEnd | Error): void {
    const aborted = this.#aborted.get(id);
    this.#aborted.delete(id);
    if (aborted !== undefined && result === "ok") wake(aborted.address, 1);
    const waiting = this.#take(id);
    if (result === "ok" || result === "timed-out") waiting?.resolve(result);
    else waiting?.reject(result === "gone" ? unmappedDuringWait() : result);
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#pending.get(id);
    this.#pending.delete(id);
    waiting?.unheard();
    if (waiting?.keepsAlive === true && (this.#alive -= 1) === 0) this.#sleeps.keepAlive(false);
    return waiting;
  }

  #fail(error: Error): void {
    if (waits === this) waits = undefined;
    this.#aborted.clear();
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
