/**
 * Wait and notify on words of memory of this process: `Atomics.wait`, `Atomics.waitAsync`, `Atomics.notify`, by which threads wake each other.
 * Notifies wake both who blocks and who does not.
 */
import type { FutexPort } from "../access/memory-view.js";
import { onAbort } from "../arguments/wait-options.js";
import { closedRegion, notAWord } from "../wait/refusals.js";
import { mayNotBlock, noAsyncWaits } from "./refusals.js";

type WaitResult = "ok" | "not-equal" | "timed-out";
type WaitAsync = (
  words: Int32Array,
  index: number,
  value: number,
  timeoutMs: number,
) =>
  | { readonly async: false; readonly value: "not-equal" | "timed-out" }
  | { readonly async: true; readonly value: Promise<"ok" | "timed-out"> };

/** The longest that timers know, ms. */
const LONGEST_MS = 2 ** 31 - 1;

/** `Atomics.waitAsync` keeps no process alive, and a wait that is pending has to, as a timer does. One timer for all of a thread. */
let alive = 0;
let timer: ReturnType<typeof setInterval> | undefined;

function keepAlive(): () => void {
  alive += 1;
  timer ??= setInterval(() => undefined, LONGEST_MS);
  return () => {
    alive -= 1;
    if (alive > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

export class LocalFutex implements FutexPort {
  readonly #words: Int32Array;
  readonly #path: string;
  /** Ends one pending wait. */
  readonly #pending = new Set<(reason: unknown) => void>();
  #closed = false;

  /** `size` bytes at `offset`. */
  constructor(buffer: ArrayBufferLike, offset: number, size: number, path: string) {
    this.#words = new Int32Array(buffer, offset, Math.floor(size / 4));
    this.#path = path;
  }

  /** @throws ShmError ERR_SHM_UNSUPPORTED in a thread that may not block, such as that of a page */
  wait(byteOffset: number, expected: number, timeoutMs: number): WaitResult {
    const index = this.#index(byteOffset);
    try {
      return Atomics.wait(this.#words, index, expected | 0, timeoutMs);
    } catch (cause) {
      throw mayNotBlock(this.#path, cause);
    }
  }

  notify(byteOffset: number, count: number): number {
    return Atomics.notify(this.#words, this.#index(byteOffset), count);
  }

  waitAsync(byteOffset: number, expected: number, timeoutMs: number, signal?: AbortSignal): Promise<WaitResult> {
    return this.#sleep(byteOffset, expected, timeoutMs, { signal, keepsAlive: true });
  }

  watch(byteOffset: number, expected: number, timeoutMs: number, signal?: AbortSignal): Promise<WaitResult> {
    return this.#sleep(byteOffset, expected, timeoutMs, { signal, keepsAlive: false });
  }

  async #sleep(
    byteOffset: number,
    expected: number,
    timeoutMs: number,
    { signal, keepsAlive }: { readonly signal: AbortSignal | undefined; readonly keepsAlive: boolean },
  ): Promise<WaitResult> {
    signal?.throwIfAborted();
    const index = this.#index(byteOffset);
    const words = this.#words;
    const { waitAsync } = Atomics as unknown as { readonly waitAsync?: WaitAsync };
    if (waitAsync === undefined) throw noAsyncWaits(this.#path);
    const begun = waitAsync.call(Atomics, words, index, expected | 0, timeoutMs);
    if (!begun.async) return begun.value;
    const endOfLife = keepsAlive ? keepAlive() : undefined;
    let unheard: (() => void) | undefined;
    let end: ((reason: unknown) => void) | undefined;
    try {
      return await new Promise<WaitResult>((resolve, reject) => {
        let isOver = false;
        end = (reason) => {
          isOver = true;
          // As whoever ends it has said.
          // oxlint-disable-next-line prefer-promise-reject-errors
          reject(reason);
        };
        this.#pending.add(end);
        unheard = onAbort(signal, () => end?.(signal?.reason));
        const settle = (result: WaitResult): void => {
          // Nothing takes a sleeper out of the engine's list, so a wake-up may meet one who is gone: it is for the next one.
          if (isOver && result === "ok") Atomics.notify(words, index, 1);
          resolve(result);
        };
        void begun.value.then(settle);
      });
    } finally {
      unheard?.();
      endOfLife?.();
      if (end !== undefined) this.#pending.delete(end);
    }
  }

  close(): void {
    this.#closed = true;
    for (const end of this.#pending) end(closedRegion(this.#path));
  }

  #index(byteOffset: number): number {
    if (this.#closed) throw closedRegion(this.#path);
    const { length } = this.#words;
    if (!Number.isInteger(byteOffset) || byteOffset < 0 || byteOffset % 4 !== 0 || byteOffset >= 4 * length) {
      throw notAWord(byteOffset, 4 * length, this.#path);
    }
    return byteOffset / 4;
  }
}
