/** Wait and notify on the words of one mapping. */
import type { FutexPort } from "../access/memory-view.js";
import type { AddressRange, WaitResult } from "../os/contract.js";
import { wait, wake } from "../os/index.js";
import { monotonicMs } from "../monotonic.js";
import { remaining } from "./clock.js";
import { closedRegion, notAWord } from "./refusals.js";
import { type WaitRequest, cancelWaits, readyToWait, waitInBackground } from "./waits.js";

/** A thread that sleeps in the kernel cannot be terminated, so it looks up now and then. */
const SLICE_MS = 100;

/** A wait that does not block. */
interface Sleep extends Pick<WaitRequest, "timeoutMs" | "signal" | "keepsAlive"> {
  readonly byteOffset: number;
  readonly expected: number;
}

export class RegionFutex implements FutexPort {
  readonly #range: AddressRange;
  readonly #buffer: ArrayBufferLike;
  readonly #path: string;
  readonly #base: number;
  #closed = false;

  /** `base` is where `range` begins in the buffer, bytes. */
  constructor(range: AddressRange, buffer: ArrayBufferLike, path: string, base = 0) {
    this.#range = range;
    this.#buffer = buffer;
    this.#path = path;
    this.#base = base;
  }

  wait(byteOffset: number, expected: number, timeoutMs: number): WaitResult {
    const word = { address: this.#address(byteOffset), expected: expected >>> 0 };
    const deadline = { timeoutMs, at: monotonicMs() + timeoutMs };
    for (let first = true; ; first = false) {
      const left = remaining(deadline);
      const result = wait(word, Math.min(left, SLICE_MS));
      if (result === "ok") return "ok";
      // After the first slice the word was as expected, so that it has changed is what we waited for.
      if (result === "not-equal") return first ? "not-equal" : "ok";
      if (result === "gone") throw this.#refuseClosed();
      if (left <= SLICE_MS && remaining(deadline) === 0) return "timed-out";
    }
  }

  notify(byteOffset: number, count: number): number {
    return wake(this.#address(byteOffset), count);
  }

  waitAsync(byteOffset: number, expected: number, timeoutMs: number, signal?: AbortSignal): Promise<WaitResult> {
    return this.#sleep({ byteOffset, expected, timeoutMs, signal, keepsAlive: true });
  }

  watch(byteOffset: number, expected: number, timeoutMs: number, signal?: AbortSignal): Promise<WaitResult> {
    return this.#sleep({ byteOffset, expected, timeoutMs, signal, keepsAlive: false });
  }

  prepare(): void {
    readyToWait();
  }

  async #sleep({ byteOffset, expected, timeoutMs, signal, keepsAlive }: Sleep): Promise<WaitResult> {
    signal?.throwIfAborted();
    const address = this.#address(byteOffset);
    if (Atomics.load(new Uint32Array(this.#buffer, this.#base + byteOffset, 1), 0) !== expected >>> 0)
      return "not-equal";
    if (timeoutMs <= 0) return "timed-out";
    return waitInBackground({ owner: this, address, expected: expected >>> 0, timeoutMs, signal, keepsAlive });
  }

  /** Rejects what is pending. Before the memory goes. */
  close(): void {
    this.#closed = true;
    cancelWaits(this, () => this.#refuseClosed());
  }

  #address(byteOffset: number): number {
    if (this.#closed) throw this.#refuseClosed();
    if (!Number.isInteger(byteOffset) || byteOffset < 0 || byteOffset % 4 !== 0 || byteOffset > this.#range.size - 4) {
      throw notAWord(byteOffset, this.#range.size, this.#path);
    }
    return this.#range.address + byteOffset;
  }

  #refuseClosed(): Error {
    return closedRegion(this.#path);
  }
}
