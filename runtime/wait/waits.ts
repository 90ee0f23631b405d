/**
 * Waiting without blocking: one worker for all pending waits of each thread that asks for it (futex_waitv), made on first use. Not
 * libuv's pool: with 8 waits pending `fs.stat` took 0.03 ms in the median and 3 ms at most; the pool would have blocked it for a
 * whole slice.
 */
import { Worker, isMainThread } from "node:worker_threads";
import { monotonicMs } from "../monotonic.js";
import { addressOf, wait, wake } from "../os/index.js";
import { unmappedDuringWait, waitThreadEnded, waitThreadNotStarted } from "./refusals.js";
import { CONTROL, type WaitMessage, type WaitSettled, type WaitSetup } from "./wait-protocol.js";

interface Waiting {
  readonly owner: object;
  readonly keepsAlive: boolean;
  readonly resolve: (result: "ok" | "timed-out") => void;
  readonly reject: (error: unknown) => void;
}

/** What to wait for, on whose behalf. */
export interface WaitRequest {
  readonly owner: object;
  readonly address: number;
  readonly expected: number;
  readonly timeoutMs: number;
  /** While such a wait is pending the process stays alive for it, as for a timer. */
  readonly keepsAlive: boolean;
}

/** It takes some 30. A thread that cannot start is not waited for any longer. */
const LOAD_MS = 1000;

class Waits {
  readonly #control = new Int32Array(new SharedArrayBuffer(8));
  readonly #controlAddress = addressOf(this.#control.buffer);
  readonly #pending = new Map<number, Waiting>();
  readonly #worker: Worker;
  #ids = 0;
  /** Pending waits that keep the process alive. */
  #alive = 0;

  constructor() {
    const workerData: WaitSetup = { control: this.#control };
    this.#worker = startWorker(workerData);
    this.#worker.on("message", (message: WaitSettled) => this.#settle(message));
    this.#worker.on("error", (error) => this.#fail(error));
    this.#worker.on("exit", () => this.#fail(undefined));
    this.#worker.unref();
    if (isMainThread) return;
    // A worker may be terminated at any time, which ends this thread, too; see loading.ts for what that does while it loads.
    // A worker that sleeps in the kernel is ended when it comes back, and not before, as it would be in Atomics.wait.
    const loaded = { address: this.#controlAddress + 4 * CONTROL.loaded, expected: 0 };
    while (wait(loaded, LOAD_MS) === "interrupted");
  }

  start({ owner, address, expected, timeoutMs, keepsAlive }: WaitRequest): Promise<"ok" | "timed-out"> {
    const id = (this.#ids += 1);
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { owner, keepsAlive, resolve, reject });
      if (keepsAlive && (this.#alive += 1) === 1) this.#worker.ref();
      this.#post({ kind: "wait", id, address, expected, deadlineMs: monotonicMs() + timeoutMs });
    });
  }

  cancel(owner: object, reason: () => unknown): void {
    const ids = [...this.#pending].filter(([, waiting]) => waiting.owner === owner).map(([id]) => id);
    if (ids.length === 0) return;
    for (const id of ids) this.#take(id)?.reject(reason());
    this.#post({ kind: "cancel", ids });
  }

  #post(message: WaitMessage): void {
    this.#worker.postMessage(message);
    Atomics.add(this.#control, CONTROL.changes, 1);
    wake(this.#controlAddress, 1);
  }

  #settle({ id, result }: WaitSettled): void {
    const waiting = this.#take(id);
    if (result === "gone") waiting?.reject(unmappedDuringWait());
    else waiting?.resolve(result);
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#pending.get(id);
    this.#pending.delete(id);
    if (waiting?.keepsAlive === true && (this.#alive -= 1) === 0) this.#worker.unref();
    return waiting;
  }

  #fail(cause: unknown): void {
    if (waits === this) waits = undefined;
    for (const id of this.#pending.keys()) this.#take(id)?.reject(waitThreadEnded(cause));
  }
}

function startWorker(workerData: WaitSetup): Worker {
  try {
    // The flags of the main program, such as loaders, are none of the worker's business.
    return new Worker(new URL("./wait-worker.js", import.meta.url), { workerData, execArgv: [] });
  } catch (cause) {
    throw waitThreadNotStarted(cause);
  }
}

let waits: Waits | undefined;

/** Starts the thread for waits, if it does not run yet. @throws ShmError ERR_SHM_UNSUPPORTED when it cannot be started */
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
