/** `$field` handles of what is kept as bits: bools, enums and floats. */
import { type AtomicCell, AtomicHandle, type AtomicSum, placeOf } from "./atomic-handle.js";
import type { Codec } from "./codecs.js";
import type { MemoryView } from "./memory-view.js";
import { rawMemory } from "./memory-view.js";
import { type BigKind, SIZE, type SmallKind } from "./numbers.js";
import { spoilable } from "./retire.js";

/** The kinds that hold the bits of other values: unsigned ones, and signed ones for enums. */
export type BitsKind = SmallKind | BigKind;

/** The bits of a signed integer as those of an unsigned one. */
function unsigned(bits: number | bigint, size: number): number | bigint {
  if (typeof bits === "bigint") return BigInt.asUintN(64, bits);
  const unused = 32 - 8 * size;
  return (bits << unused) >>> unused;
}

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
    return unsigned(this.#out(now) === value ? now : wanted, placeOf(this).size);
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
