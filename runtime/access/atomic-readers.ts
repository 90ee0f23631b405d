/** `$field` handles over memory that is only read. */
import type { AbortOptions, WaitAsyncOptions } from "../arguments/wait-options.js";
import type { AtomicLoad } from "./atomic-handle.js";
import type { AtomicBigFlags, AtomicFlags } from "./atomic-integers.js";
import type { BigFlagsLoad, FlagsLoad } from "./flags.js";
import { contentsText, jsonOf } from "./contents.js";
import type { MemoryView } from "./memory-view.js";
import { type Inspect, inspect, printable, tagged } from "./printing.js";
import { readOnlyField } from "./refusals.js";
import type { WaitResult } from "./waiting.js";

const WRITES = ["store", "add", "sub", "and", "or", "xor", "exchange", "compareExchange", "notify", "set", "clear"];

const ReaderHandle = class AtomicReader<T> implements AtomicLoad<T> {
  readonly #cell: AtomicLoad<T>;
  readonly #field: string;

  constructor(view: MemoryView, cell: AtomicLoad<T>, field: string) {
    view.track(this);
    this.#cell = cell;
    this.#field = field;
  }
  load(): T {
    return this.#cell.load();
  }
  wait(expected: T, timeoutMs = Infinity): WaitResult {
    return this.#cell.wait(expected, timeoutMs);
  }
  waitAsync(expected: T, options?: number | WaitAsyncOptions): Promise<WaitResult> {
    return this.#cell.waitAsync(expected, options);
  }
  changes(options?: AbortOptions): AsyncIterableIterator<T> {
    return this.#cell.changes(options);
  }
  /** The value, as `JSON.stringify()` has it. */
  toJSON(): unknown {
    return jsonOf(this.load());
  }
  get [Symbol.toStringTag](): string {
    return tagged(this.constructor.name, () => contentsText(this.load()));
  }
  [inspect](_depth: number, options: unknown, show: Inspect): string {
    // The cell itself would come with its writing operations.
    return show(
      printable(() => this.load()),
      options,
    );
  }
  static {
    for (const name of WRITES) {
      const value = function (this: InstanceType<typeof ReaderHandle<unknown>>): never {
        throw readOnlyField(this.#field);
      };
      Object.defineProperty(this.prototype, name, { value, configurable: true, writable: true });
    }
  }
};
/** A reader's handle: the loads and waits of a writer's one; every write throws ERR_SHM_READ_ONLY. */
export type AtomicReader<T> = AtomicLoad<T>;
export const AtomicReader: new <T>(view: MemoryView, cell: AtomicLoad<T>, field: string) => AtomicReader<T> =
  ReaderHandle;

const FlagsReaderHandle = class AtomicFlagsReader extends ReaderHandle<number> implements FlagsLoad {
  readonly #flags: AtomicFlags;

  constructor(view: MemoryView, cell: AtomicFlags, field: string) {
    super(view, cell, field);
    this.#flags = cell;
  }
  has(flag: number): boolean {
    return this.#flags.has(flag);
  }
};
const BigFlagsReaderHandle = class AtomicBigFlagsReader extends ReaderHandle<bigint> implements BigFlagsLoad {
  readonly #flags: AtomicBigFlags;

  constructor(view: MemoryView, cell: AtomicBigFlags, field: string) {
    super(view, cell, field);
    this.#flags = cell;
  }
  has(flag: number | bigint): boolean {
    return this.#flags.has(flag);
  }
};
/** A reader's handle of atomic flags in 64 bits. */
export type AtomicBigFlagsReader = AtomicLoad<bigint> & BigFlagsLoad;
export const AtomicBigFlagsReader: new (view: MemoryView, cell: AtomicBigFlags, field: string) => AtomicBigFlagsReader =
  BigFlagsReaderHandle;

/** A reader's handle of atomic flags. */
export type AtomicFlagsReader = AtomicLoad<number> & FlagsLoad;
export const AtomicFlagsReader: new (view: MemoryView, cell: AtomicFlags, field: string) => AtomicFlagsReader =
  FlagsReaderHandle;
