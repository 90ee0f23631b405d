/** `$field` handles: what all of them can do, load and sleep until the field changes. */
import type { AbortOptions, WaitAsyncOptions } from "../arguments/wait-options.js";
import { contentsText, jsonOf } from "./contents.js";
import type { MemoryView } from "./memory-view.js";
import { type BigKind, SIZE, type SmallKind } from "./numbers.js";
import { type Inspect, inspect, printable, tagged } from "./printing.js";
import { spoilable } from "./retire.js";
import { asyncOptions, changesOf, notifyOn, waitAsyncOn, type WaitPlace, waitOn, type WaitResult } from "./waiting.js";

const NO_OPTIONS = {};

/** What a reader may do with an atomic field. */
export interface AtomicLoad<T> {
  /** The value, sequentially consistent. */
  load(): T;
  /**
   * Blocks this thread while the field holds `expected`, until a `notify`, a change, or the timeout. `"ok"`: woken, look
   * again. `"not-equal"`: it differed at once. Fields of 8 and 16 bits sleep until they change. @throws ShmRangeError
   */
  wait(expected: T, timeoutMs?: number): WaitResult;
  /**
   * As `wait`, without blocking; except that in a worker, on a system without io_uring, the first call waits some 30 ms for a thread. A
   * number is short for `{ timeoutMs }`. Rejects with the signal's reason, and with ERR_SHM_CLOSED when the region is closed meanwhile.
   */
  waitAsync(expected: T, options?: number | WaitAsyncOptions): Promise<WaitResult>;
  /**
   * Each new value from the call on, without those that were replaced before the loop came to them: `for await (const value of
   * car.$gear.changes({ signal }))`. A store that is followed by `notify` is seen at once, any other within 100 ms. Ends by `break` and
   * when the region is closed; throws the signal's reason. Each value is one atomic load. @throws ShmRangeError
   */
  changes(options?: AbortOptions): AsyncIterableIterator<T>;
}

/** A handle that writes; operations return the value from before. */
export interface AtomicCell<T> extends AtomicLoad<T> {
  store(value: T): void;
  exchange(value: T): T;
  /** Stores `replacement` if the field holds `expected`, by its bits; returns what it held. */
  compareExchange(expected: T, replacement: T): T;
  /** Wakes `count` waiters, all by default; returns how many woke. */
  notify(count?: number): number;
}

/** Numbers. Integers wrap as in C; operands out of range are refused. */
export interface AtomicSum<T> extends AtomicCell<T> {
  add(value: T): T;
  sub(value: T): T;
}

/** Integers. */
export interface AtomicBits<T> extends AtomicSum<T> {
  and(value: T): T;
  or(value: T): T;
  xor(value: T): T;
}

/** What generated code makes handles with; the classes themselves stay out of the declarations that ship. */
export type HandleClass<K, H> = new (view: MemoryView, offset: number, kind: K, field: string) => H;

/** Where a handle's field lies; see memoryOf in flyweight.ts for why fields are set by initialisers. */
export let placeOf: (handle: AtomicHandle<unknown>) => WaitPlace;

export abstract class AtomicHandle<T> {
  #place: WaitPlace;

  static {
    spoilable<AtomicHandle<unknown>, WaitPlace>(
      this as unknown as { prototype: AtomicHandle<unknown> },
      (own, closed) => {
        own.#place = closed;
      },
    );
    placeOf = (handle) => handle.#place;
  }

  constructor(view: MemoryView, offset: number, kind: SmallKind | BigKind, field: string) {
    const size = SIZE[kind];
    view.checkRange(offset, size, size, field);
    view.track(this);
    this.#place = { view, offset, size, field, kind };
  }
  abstract load(): T;
  /** The unsigned bits that a field with this value has; refuses what it cannot hold. */
  abstract expectedBits(value: T): number | bigint;

  wait(expected: T, timeoutMs = Infinity): WaitResult {
    return waitOn(this.#place, this.expectedBits(expected), timeoutMs);
  }
  waitAsync(expected: T, options: number | WaitAsyncOptions = NO_OPTIONS): Promise<WaitResult> {
    return waitAsyncOn(this.#place, this.expectedBits(expected), asyncOptions(options));
  }
  changes(options: AbortOptions = NO_OPTIONS): AsyncIterableIterator<T> {
    return changesOf(this.#place, () => this.load(), options);
  }
  notify(count = Infinity): number {
    return notifyOn(this.#place, count);
  }
  /** The value, as `JSON.stringify()` has it. */
  toJSON(): unknown {
    return jsonOf(this.load());
  }
  /** Says the value, so that whoever compares deeply sees whether two are equal. */
  get [Symbol.toStringTag](): string {
    return tagged(this.constructor.name, () => contentsText(this.load()));
  }
  [inspect](_depth: number, options: unknown, show: Inspect): string {
    const value = printable(() => this.load());
    const field = printable(() => this.#place.field);
    return `[atomic ${typeof field === "string" ? field : "field"} = ${show(value, options)}]`;
  }
}
