/** `$field` handles of integers: every operation of Atomics on one field. */
import { type AtomicBits, AtomicHandle, type HandleClass, placeOf } from "./atomic-handle.js";
import { bigFlag, type BigFlagsCell, type FlagsCell, type FlagsKind } from "./flags.js";
import type { MemoryView } from "./memory-view.js";
import { rawMemory } from "./memory-view.js";
import { type BigKind, fromSafeNumber, refuse, type SmallKind, toSafeNumber } from "./numbers.js";
import { spoilable } from "./retire.js";
import type { WaitPlace } from "./waiting.js";

type SmallArray = Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array;

/** The greatest value of a kind, as its bits in a signed integer. */
function mostOf({ kind, size }: WaitPlace): number {
  return ((kind.startsWith("i") ? 0x7fffffff : -1) >>> (32 - 8 * size)) | 0;
}

/**
 * Refuses what is not from 0 to `most`, whose bits are all set, or from `least` to -1. A function in a `const` and not in a
 * `let`, nor a private method: to V8 it is a constant then, so that a call costs nothing but the comparison. Bounds are signed
 * integers of 32 bits (-1 stands for 2^32-1), because V8 keeps other numbers as objects.
 */
const checkSmall = (handle: AtomicHandle<number>, value: number, most: number, least: number): number => {
  if (typeof value !== "number" || value !== (value & most) >>> 0) checkNegative(handle, value, least);
  return value;
};

function checkNegative(handle: AtomicHandle<number>, value: number, least: number): void {
  if (typeof value !== "number" || value >= 0 || value < least || value !== (value | 0)) {
    refuse(placeOf(handle).kind, placeOf(handle).field, value);
  }
}

const IntegerHandle = class AtomicInteger extends AtomicHandle<number> implements AtomicBits<number> {
  readonly #array: SmallArray = rawMemory(placeOf(this).view)[placeOf(this).kind as SmallKind];
  #index: number = placeOf(this).offset / placeOf(this).size;
  readonly #most: number = mostOf(placeOf(this));
  readonly #least: number = placeOf(this).kind.startsWith("i") ? ~this.#most : 0;

  static {
    spoilable(this, (own, closed) => {
      own.#index = closed;
    });
  }
  override expectedBits(value: number): number {
    const unused = 32 - 8 * placeOf(this).size;
    return (checkSmall(this, value, this.#most, this.#least) << unused) >>> unused;
  }
  override load(): number {
    return Atomics.load(this.#array, this.#index);
  }
  store(value: number): void {
    Atomics.store(this.#array, this.#index, checkSmall(this, value, this.#most, this.#least));
  }
  add(value: number): number {
    return Atomics.add(this.#array, this.#index, checkSmall(this, value, this.#most, this.#least));
  }
  sub(value: number): number {
    return Atomics.sub(this.#array, this.#index, checkSmall(this, value, this.#most, this.#least));
  }
  and(value: number): number {
    return Atomics.and(this.#array, this.#index, checkSmall(this, value, this.#most, this.#least));
  }
  or(value: number): number {
    return Atomics.or(this.#array, this.#index, checkSmall(this, value, this.#most, this.#least));
  }
  xor(value: number): number {
    return Atomics.xor(this.#array, this.#index, checkSmall(this, value, this.#most, this.#least));
  }
  exchange(value: number): number {
    return Atomics.exchange(this.#array, this.#index, checkSmall(this, value, this.#most, this.#least));
  }
  compareExchange(expected: number, replacement: number): number {
    return Atomics.compareExchange(
      this.#array,
      this.#index,
      checkSmall(this, expected, this.#most, this.#least),
      checkSmall(this, replacement, this.#most, this.#least),
    );
  }
};
/** Handle of an integer of up to 32 bits. */
export type AtomicInteger = AtomicBits<number>;
export const AtomicInteger: HandleClass<SmallKind, AtomicInteger> = IntegerHandle;

/** A constant, as {@link checkSmall}. */
const checkBig = (handle: AtomicHandle<bigint>, value: bigint, signed: boolean): bigint => {
  if (typeof value !== "bigint" || (signed ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value)) !== value) {
    refuse(placeOf(handle).kind, placeOf(handle).field, value);
  }
  return value;
};

const BigIntHandle = class AtomicBigInt extends AtomicHandle<bigint> implements AtomicBits<bigint> {
  readonly #signed: boolean = placeOf(this).kind === "i64";
  readonly #array: BigInt64Array | BigUint64Array = rawMemory(placeOf(this).view)[this.#signed ? "i64" : "u64"];
  #index: number = placeOf(this).offset / 8;

  static {
    spoilable(this, (own, closed) => {
      own.#index = closed;
    });
  }
  override expectedBits(value: bigint): bigint {
    return BigInt.asUintN(64, checkBig(this, value, this.#signed));
  }
  override load(): bigint {
    return Atomics.load(this.#array, this.#index);
  }
  store(value: bigint): void {
    Atomics.store(this.#array, this.#index, checkBig(this, value, this.#signed));
  }
  add(value: bigint): bigint {
    return Atomics.add(this.#array, this.#index, checkBig(this, value, this.#signed));
  }
  sub(value: bigint): bigint {
    return Atomics.sub(this.#array, this.#index, checkBig(this, value, this.#signed));
  }
  and(value: bigint): bigint {
    return Atomics.and(this.#array, this.#index, checkBig(this, value, this.#signed));
  }
  or(value: bigint): bigint {
    return Atomics.or(this.#array, this.#index, checkBig(this, value, this.#signed));
  }
  xor(value: bigint): bigint {
    return Atomics.xor(this.#array, this.#index, checkBig(this, value, this.#signed));
  }
  exchange(value: bigint): bigint {
    return Atomics.exchange(this.#array, this.#index, checkBig(this, value, this.#signed));
  }
  compareExchange(expected: bigint, replacement: bigint): bigint {
    return Atomics.compareExchange(
      this.#array,
      this.#index,
      checkBig(this, expected, this.#signed),
      checkBig(this, replacement, this.#signed),
    );
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

const BigFlagsHandle = class AtomicBigFlags extends BigIntHandle implements BigFlagsCell {
  has(flag: number | bigint): boolean {
    const bits = this.#bits(flag);
    return (this.load() & bits) === bits;
  }
  set(flag: number | bigint): void {
    this.or(this.#bits(flag));
  }
  clear(flag: number | bigint): void {
    this.and(BigInt.asUintN(64, ~this.#bits(flag)));
  }
  #bits(flag: number | bigint): bigint {
    return bigFlag(placeOf(this).field, flag);
  }
};
/** Handle of atomic flags in 64 bits. */
export type AtomicBigFlags = AtomicBits<bigint> & BigFlagsCell;
export const AtomicBigFlags: HandleClass<"u64", AtomicBigFlags> = BigFlagsHandle;

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
