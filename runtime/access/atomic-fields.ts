/** `$field` handles: every operation of Atomics on one field, and sleeping until it changes. */
import type { Codec } from "./codecs.js";
import type { MemoryView } from "./memory-view.js";
import { rawMemory } from "./memory-view.js";
import { type BigKind, checkNumber, fromSafeNumber, refuse, SIZE, type SmallKind, toSafeNumber } from "./numbers.js";
import { type Inspect, inspect, printable } from "./printing.js";
import { readOnlyField } from "./refusals.js";
import { spoilable } from "./retire.js";
import { notifyOn, waitAsyncOn, type WaitPlace, waitOn, type WaitResult } from "./waiting.js";

/** What a reader may do with an atomic field. */
export interface AtomicLoad<T> {
  /** The value, sequentially consistent. */
  load(): T;
  /**
   * Blocks this thread while the field holds `expected`, until a `notify`, a change, or the timeout. `"ok"`: woken, look
   * again. `"not-equal"`: it differed at once. Fields of 8 and 16 bits sleep until they change. @throws ShmRangeError
   */
  wait(expected: T, timeoutMs?: number): WaitResult;
  /** As `wait`, without blocking; except that in a worker the first call waits for a thread to start, some 30 ms. */
  waitAsync(expected: T, timeoutMs?: number): Promise<WaitResult>;
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
type HandleClass<K, H> = new (view: MemoryView, offset: number, kind: K, field: string) => H;

/** Where a handle's field lies; see memoryOf in flyweight.ts for why fields are set by initialisers. */
let placeOf: (handle: AtomicHandle<unknown>) => WaitPlace;

abstract class AtomicHandle<T> {
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
  waitAsync(expected: T, timeoutMs = Infinity): Promise<WaitResult> {
    return waitAsyncOn(this.#place, this.expectedBits(expected), timeoutMs);
  }
  notify(count = Infinity): number {
    return notifyOn(this.#place, count);
  }
  [inspect](_depth: number, options: unknown, show: Inspect): string {
    const value = printable(() => this.load());
    const field = printable(() => this.#place.field);
    return `[atomic ${typeof field === "string" ? field : "field"} = ${show(value, options)}]`;
  }
}

type SmallArray = Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array;

/** A function and not a private method, whose brand check would cost as much as the comparison. */
let checkSmall: (handle: InstanceType<typeof IntegerHandle>, value: number) => number;

const IntegerHandle = class AtomicInteger extends AtomicHandle<number> implements AtomicBits<number> {
  readonly #array: SmallArray = rawMemory(placeOf(this).view)[placeOf(this).kind as SmallKind];
  #index: number = placeOf(this).offset / placeOf(this).size;
  readonly #shift: number = 32 - 8 * placeOf(this).size;
  readonly #signed: boolean = placeOf(this).kind.startsWith("i");

  static {
    spoilable(this, (own, closed) => {
      own.#index = closed;
    });
    checkSmall = (handle, value) => {
      const shift = handle.#shift;
      if (
        typeof value !== "number" ||
        value !== (handle.#signed ? (value << shift) >> shift : (value << shift) >>> shift)
      ) {
        refuse(placeOf(handle).kind, placeOf(handle).field, value);
      }
      return value;
    };
  }
  override expectedBits(value: number): number {
    return (checkSmall(this, value) << this.#shift) >>> this.#shift;
  }
  override load(): number {
    return Atomics.load(this.#array, this.#index);
  }
  store(value: number): void {
    Atomics.store(this.#array, this.#index, checkSmall(this, value));
  }
  add(value: number): number {
    return Atomics.add(this.#array, this.#index, checkSmall(this, value));
  }
  sub(value: number): number {
    return Atomics.sub(this.#array, this.#index, checkSmall(this, value));
  }
  and(value: number): number {
    return Atomics.and(this.#array, this.#index, checkSmall(this, value));
  }
  or(value: number): number {
    return Atomics.or(this.#array, this.#index, checkSmall(this, value));
  }
  xor(value: number): number {
    return Atomics.xor(this.#array, this.#index, checkSmall(this, value));
  }
  exchange(value: number): number {
    return Atomics.exchange(this.#array, this.#index, checkSmall(this, value));
  }
  compareExchange(expected: number, replacement: number): number {
    return Atomics.compareExchange(this.#array, this.#index, checkSmall(this, expected), checkSmall(this, replacement));
  }
};
/** Handle of an integer of up to 32 bits. */
export type AtomicInteger = AtomicBits<number>;
export const AtomicInteger: HandleClass<SmallKind, AtomicInteger> = IntegerHandle;

let checkBig: (handle: InstanceType<typeof BigIntHandle>, value: bigint) => bigint;

const BigIntHandle = class AtomicBigInt extends AtomicHandle<bigint> implements AtomicBits<bigint> {
  readonly #signed: boolean = placeOf(this).kind === "i64";
  readonly #array: BigInt64Array | BigUint64Array = rawMemory(placeOf(this).view)[this.#signed ? "i64" : "u64"];
  #index: number = placeOf(this).offset / 8;

  static {
    spoilable(this, (own, closed) => {
      own.#index = closed;
    });
    checkBig = (handle, value) => {
      if (
        typeof value !== "bigint" ||
        (handle.#signed ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value)) !== value
      ) {
        refuse(placeOf(handle).kind, placeOf(handle).field, value);
      }
      return value;
    };
  }
  override expectedBits(value: bigint): bigint {
    return BigInt.asUintN(64, checkBig(this, value));
  }
  override load(): bigint {
    return Atomics.load(this.#array, this.#index);
  }
  store(value: bigint): void {
    Atomics.store(this.#array, this.#index, checkBig(this, value));
  }
  add(value: bigint): bigint {
    return Atomics.add(this.#array, this.#index, checkBig(this, value));
  }
  sub(value: bigint): bigint {
    return Atomics.sub(this.#array, this.#index, checkBig(this, value));
  }
  and(value: bigint): bigint {
    return Atomics.and(this.#array, this.#index, checkBig(this, value));
  }
  or(value: bigint): bigint {
    return Atomics.or(this.#array, this.#index, checkBig(this, value));
  }
  xor(value: bigint): bigint {
    return Atomics.xor(this.#array, this.#index, checkBig(this, value));
  }
  exchange(value: bigint): bigint {
    return Atomics.exchange(this.#array, this.#index, checkBig(this, value));
  }
  compareExchange(expected: bigint, replacement: bigint): bigint {
    return Atomics.compareExchange(this.#array, this.#index, checkBig(this, expected), checkBig(this, replacement));
  }
};
/** Handle of a 64-bit integer. */
export type AtomicBigInt = AtomicBits<bigint>;
export const AtomicBigInt: HandleClass<BigKind, AtomicBigInt> = BigIntHandle;

const NumHandle = class AtomicNum extends AtomicHandle<number> implements AtomicBits<number> {
  readonly #cell: InstanceType<typeof BigIntHandle>;

  constructor(view: MemoryView, offset: number, kind: BigKind, field: string) {
    super(view, offset, kind, field);
    this.#cell = new BigIntHandle(view, offset, kind, field);
  }
  #in(value: number): bigint {
    return fromSafeNumber(placeOf(this).kind as BigKind, value, placeOf(this).field);
  }
  #out(value: bigint): number {
    return toSafeNumber(value, placeOf(this).field);
  }
  override expectedBits(value: number): bigint {
    return BigInt.asUintN(64, this.#in(value));
  }
  override load(): number {
    return this.#out(this.#cell.load());
  }
  store(value: number): void {
    this.#cell.store(this.#in(value));
  }
  add(value: number): number {
    return this.#out(this.#cell.add(this.#in(value)));
  }
  sub(value: number): number {
    return this.#out(this.#cell.sub(this.#in(value)));
  }
  and(value: number): number {
    return this.#out(this.#cell.and(this.#in(value)));
  }
  or(value: number): number {
    return this.#out(this.#cell.or(this.#in(value)));
  }
  xor(value: number): number {
    return this.#out(this.#cell.xor(this.#in(value)));
  }
  exchange(value: number): number {
    return this.#out(this.#cell.exchange(this.#in(value)));
  }
  compareExchange(expected: number, replacement: number): number {
    return this.#out(this.#cell.compareExchange(this.#in(expected), this.#in(replacement)));
  }
};
/** Handle of `num<u64>` or `num<i64>`: results beyond 2^53-1 throw, after the operation has taken place. */
export type AtomicNum = AtomicBits<number>;
export const AtomicNum: HandleClass<BigKind, AtomicNum> = NumHandle;

/** The unsigned kinds that hold the bits of other values. */
export type BitsKind = "u8" | "u16" | "u32" | "u64";

type ValueClass = new <T>(
  view: MemoryView,
  offset: number,
  kind: BitsKind,
  codec: Codec<T>,
  field: string,
) => AtomicValue<T>;

const ValueHandle = class AtomicValue<T> extends AtomicHandle<T> implements AtomicCell<T> {
  readonly #array: Uint8Array;
  #index: number;
  readonly #codec: Codec<T>;

  static {
    spoilable(this, (own, closed) => {
      own.#index = closed;
    });
  }

  constructor(view: MemoryView, offset: number, kind: BitsKind, codec: Codec<T>, field: string) {
    super(view, offset, kind, field);
    // The compiler has no overload for a union of number and bigint arrays; the codec's bits fit the kind's array.
    this.#array = rawMemory(view)[kind] as Uint8Array;
    this.#index = offset / SIZE[kind];
    this.#codec = codec;
  }
  #in(value: T): number {
    return this.#codec.toBits(value, placeOf(this).field) as number;
  }
  #out(bits: number): T {
    return this.#codec.fromBits(bits, placeOf(this).field);
  }
  override expectedBits(value: T): number | bigint {
    const wanted = this.#in(value);
    const now = Atomics.load(this.#array, this.#index);
    // Other bits may show as the same value: a bool that another program set to 5.
    return this.#out(now) === value ? now : wanted;
  }
  override load(): T {
    return this.#out(Atomics.load(this.#array, this.#index));
  }
  store(value: T): void {
    Atomics.store(this.#array, this.#index, this.#in(value));
  }
  exchange(value: T): T {
    return this.#out(Atomics.exchange(this.#array, this.#index, this.#in(value)));
  }
  compareExchange(expected: T, replacement: T): T {
    const wanted = this.#in(expected);
    const next = this.#in(replacement);
    for (;;) {
      const old = Atomics.load(this.#array, this.#index);
      const value = this.#out(old);
      if (old !== wanted && value !== expected) return value;
      if (Atomics.compareExchange(this.#array, this.#index, old, next) === old) return value;
    }
  }
  /** Replaces the value by `change` of it, again and again until nobody interferes; returns the old value. */
  update(change: (value: T) => T): T {
    for (;;) {
      const old = Atomics.load(this.#array, this.#index);
      const value = this.#out(old);
      // On bits, because a NaN read and written again need not keep them.
      if (Atomics.compareExchange(this.#array, this.#index, old, this.#in(change(value))) === old) return value;
    }
  }
};
/** Handle of a bool or an enum. */
export type AtomicValue<T> = AtomicCell<T>;
export const AtomicValue: ValueClass = ValueHandle;

const FloatHandle = class AtomicFloat extends ValueHandle<number> implements AtomicSum<number> {
  add(value: number): number {
    this.expectedBits(value);
    return this.update((old) => old + value);
  }
  sub(value: number): number {
    this.expectedBits(value);
    return this.update((old) => old - value);
  }
};
/** Handle of an f32 or f64: Atomics on its bits, sums through compareExchange. */
export type AtomicFloat = AtomicSum<number>;
export const AtomicFloat: new (
  view: MemoryView,
  offset: number,
  kind: BitsKind,
  codec: Codec<number>,
  field: string,
) => AtomicFloat = FloatHandle;

/** What a reader may ask of flags. */
export interface FlagsLoad {
  /** True when all bits of `flag` are set. */
  has(flag: number): boolean;
}

/** Flags that can be written. */
export interface FlagsCell extends FlagsLoad {
  set(flag: number): void;
  clear(flag: number): void;
}

type FlagsKind = "u8" | "u16" | "u32";

const FlagsHandle = class AtomicFlags extends IntegerHandle implements FlagsCell {
  has(flag: number): boolean {
    const bits = this.expectedBits(flag);
    return (this.load() & bits) >>> 0 === bits;
  }
  set(flag: number): void {
    this.or(flag);
  }
  clear(flag: number): void {
    this.and((this.expectedBits(flag) ^ (2 ** (8 * placeOf(this).size) - 1)) >>> 0);
  }
};
/** Handle of atomic flags: `set` is one Atomics.or, `clear` one Atomics.and. */
export type AtomicFlags = AtomicBits<number> & FlagsCell;
export const AtomicFlags: HandleClass<FlagsKind, AtomicFlags> = FlagsHandle;

const PlainFlagsHandle = class PlainFlags implements FlagsCell {
  readonly #get: () => number;
  readonly #set: ((value: number) => void) | undefined;
  readonly #kind: FlagsKind;
  readonly #field: string;

  constructor(kind: FlagsKind, field: string, view: MemoryView, get: () => number, set?: (value: number) => void) {
    view.track(this);
    this.#get = get;
    this.#set = set;
    this.#kind = kind;
    this.#field = field;
  }
  #check(flag: number): number {
    return checkNumber(this.#kind, this.#field, flag) as number;
  }
  #write(value: number): void {
    if (this.#set === undefined) throw readOnlyField(this.#field);
    this.#set(value >>> 0);
  }
  has(flag: number): boolean {
    const bits = this.#check(flag);
    return (this.#get() & bits) >>> 0 === bits;
  }
  set(flag: number): void {
    this.#write(this.#get() | this.#check(flag));
  }
  clear(flag: number): void {
    this.#write(this.#get() & ~this.#check(flag));
  }
};
/** Handle of flags that are not atomic, over the getter and setter of their field. */
export type PlainFlags = FlagsCell;
export const PlainFlags: new (
  kind: FlagsKind,
  field: string,
  view: MemoryView,
  get: () => number,
  set?: (value: number) => void,
) => PlainFlags = PlainFlagsHandle;

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
  waitAsync(expected: T, timeoutMs = Infinity): Promise<WaitResult> {
    return this.#cell.waitAsync(expected, timeoutMs);
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
/** A reader's handle of atomic flags. */
export type AtomicFlagsReader = AtomicLoad<number> & FlagsLoad;
export const AtomicFlagsReader: new (view: MemoryView, cell: AtomicFlags, field: string) => AtomicFlagsReader =
  FlagsReaderHandle;
