/** Sleeps of one thread in another one, for systems where no event of a loop can stand for the wake-up of a word. */
import { Worker, isMainThread } from "node:worker_threads";
import { monotonicMs } from "../monotonic.js";
import type { EventWaits, FutexWord, WaitEvents } from "../os/contract.js";
import { addressOf, wait, wake } from "../os/index.js";
import { waitThreadEnded, waitThreadNotStarted } from "./refusals.js";
import { CONTROL, type WaitMessage, type WaitSettled, type WaitSetup } from "./wait-protocol.js";

/** It takes some 30. A thread that cannot start is not waited for any longer. */
const LOAD_MS = 1000;

export class WaitThread implements EventWaits {
  readonly #control = new Int32Array(new SharedArrayBuffer(8));
  readonly #controlAddress = addressOf(this.#control.buffer);
  readonly #worker: Worker;

  /** @throws ShmError ERR_SHM_UNSUPPORTED when it cannot be started */
  constructor(events: WaitEvents) {
    const workerData: WaitSetup = { control: this.#control };
    this.#worker = startWorker(workerData);
    this.#worker.on("message", ({ id, result }: WaitSettled) => events.ended(id, result));
    this.#worker.on("error", (error) => events.lost(waitThreadEnded(error)));
    this.#worker.on("exit", () => events.lost(waitThreadEnded(undefined)));
    this.#worker.unref();
    if (isMainThread) return;
    // A worker may be terminated at any time, which ends this thread, too; see loading.ts for what that does while it loads.
    // A worker that sleeps in the kernel is ended when it comes back, and not before, as it would be in Atomics.wait.
    const loaded = { address: this.#controlAddress + 4 * CONTROL.loaded, expected: 0 };
    while (wait(loaded, LOAD_MS) === "interrupted");
  }

  start(id: number, { address, expected }: FutexWord, timeoutMs: number): void {
    this.#post({ kind: "wait", id, address, expected, deadlineMs: monotonicMs() + timeoutMs });
  }

  cancel(ids: readonly number[]): void {
    this.#post({ kind: "cancel", ids });
  }

  keepAlive(isNeeded: boolean): void {
    if (isNeeded) this.#worker.ref();
    else this.#worker.unref();
  }

  #post(message: WaitMessage): void {
    this.#worker.postMessage(message);
    Atomics.add(this.#control, CONTROL.changes, 1);
    wake(this.#controlAddress, 1);
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
