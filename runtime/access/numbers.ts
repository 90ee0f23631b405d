/** What number kinds hold, and the checks that a write makes: out of range is refused, never wrapped. */
import { badValue, unsafeInteger } from "./refusals.js";

/** Integers that show as `number`. */
export type SmallKind = "i8" | "u8" | "i16" | "u16" | "i32" | "u32";
/** Integers that show as `bigint`. */
export type BigKind = "i64" | "u64";
export type FloatKind = "f32" | "f64";
export type NumberKind = SmallKind | BigKind | FloatKind;

/** The typed array constructor of each kind. */
export const ARRAYS = {
  i8: Int8Array,
  u8: Uint8Array,
  i16: Int16Array,
  u16: Uint16Array,
  i32: Int32Array,
  u32: Uint32Array,
  i64: BigInt64Array,
  u64: BigUint64Array,
  f32: Float32Array,
  f64: Float64Array,
} as const;

/** Something for each kind. */
function perKind<T>(make: (kind: NumberKind) => T): Readonly<Record<NumberKind, T>> {
  const kinds = Object.keys(ARRAYS) as NumberKind[];
  return Object.fromEntries(kinds.map((kind) => [kind, make(kind)])) as Record<NumberKind, T>;
}

/** Bytes of each kind. */
export const SIZE = perKind((kind) => ARRAYS[kind].BYTES_PER_ELEMENT);

function allowed(kind: NumberKind): string {
  if (kind === "f64") return "numbers (f64)";
  if (kind === "f32") return "numbers up to 3.4028234663852886e38 (f32)";
  const bits = 8 * SIZE[kind] - (kind.startsWith("i") ? 1 : 0);
  const most = bits > 32 ? `2^${bits}` : 2 ** bits;
  const range = `${kind.startsWith("i") ? `-${most}` : 0} to ${typeof most === "number" ? most - 1 : `${most}-1`}`;
  return `${bits > 32 ? "bigints" : "integers"} from ${range} (${kind})`;
}

/** Throws the refusal of a value that the kind does not hold. Generated setters call it after their own comparison. */
export function refuse(kind: NumberKind, field: string, value: unknown): never {
  throw badValue(field, allowed(kind), value);
}

/** Beyond the largest f32 by half a unit in its last place: from here on a number rounds to Infinity. */
const F32_LIMIT = 3.4028235677973366e38;

/** Refuses what is no number, and finite numbers that an f32 would turn into Infinity; NaN and infinities pass. */
export function checkF32(field: string, value: number): number {
  if (typeof value !== "number" || (Number.isFinite(value) && Math.abs(value) >= F32_LIMIT))
    refuse("f32", field, value);
  return value;
}

/** Returns `value` when it is a bigint from 0 to 2^64-1, by the cheapest correct test found. @throws ShmRangeError otherwise. */
export function checkU64(field: string, value: bigint): bigint {
  if (typeof value !== "bigint" || BigInt.asUintN(64, value) !== value) refuse("u64", field, value);
  return value;
}

/** Returns `value` when it is a bigint from -2^63 to 2^63-1. @throws ShmRangeError otherwise. */
export function checkI64(field: string, value: bigint): bigint {
  if (typeof value !== "bigint" || BigInt.asIntN(64, value) !== value) refuse("i64", field, value);
  return value;
}

/** Returns `value` when the kind holds it. @throws ShmRangeError otherwise. */
export function checkNumber(kind: NumberKind, field: string, value: number | bigint): number | bigint {
  if (kind === "f32") return checkF32(field, value as number);
  if (kind === "f64") return typeof value === "number" ? value : refuse(kind, field, value);
  if (kind === "u64") return checkU64(field, value as bigint);
  if (kind === "i64") return checkI64(field, value as bigint);
  const shift = 32 - 8 * SIZE[kind];
  const small = value as number;
  // A bigint would throw a TypeError in the shifts, so it is refused first.
  if (typeof small !== "number") refuse(kind, field, value);
  if (small !== (kind.startsWith("u") ? (small << shift) >>> shift : (small << shift) >> shift))
    refuse(kind, field, value);
  return small;
}

/** A stored 64-bit integer as a number. @throws ShmRangeError beyond 2^53-1. */
export function toSafeNumber(value: bigint, field: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw unsafeInteger(field, value);
  return number;
}

/** A number as the 64-bit integer to store. @throws ShmRangeError for fractions, beyond 2^53-1, and negative u64. */
export function fromSafeNumber(kind: BigKind, value: number, field: string): bigint {
  if (!Number.isSafeInteger(value) || (kind === "u64" && value < 0)) {
    throw badValue(field, `integers from ${kind === "u64" ? "0" : "-(2^53-1)"} to 2^53-1 (num<${kind}>)`, value);
  }
  return BigInt(value);
}

const float64 = new Float64Array(1);
const bits64 = new BigUint64Array(float64.buffer);
const float32 = new Float32Array(1);
const bits32 = new Uint32Array(float32.buffer);

/** The bits of an f32, for Atomics, which have no floats. */
export function bitsOfF32(value: number, field: string): number {
  float32[0] = checkF32(field, value);
  return bits32[0] as number;
}

export function f32OfBits(bits: number): number {
  bits32[0] = bits;
  return float32[0] as number;
}

/** The bits of an f64, for Atomics, which have no floats. */
export function bitsOfF64(value: number, field: string): bigint {
  if (typeof value !== "number") refuse("f64", field, value);
  float64[0] = value;
  return bits64[0] as bigint;
}

export function f64OfBits(bits: bigint): number {
  bits64[0] = bits;
  return float64[0] as number;
}

/** `"Int8"`, `"BigUint64"`: DataView's word for each kind. */
const WORD = perKind((kind) => ARRAYS[kind].name.slice(0, -5) as "Int16");
const GETTER = perKind((kind) => `get${WORD[kind]}` as const);
const SETTER = perKind((kind) => `set${WORD[kind]}` as const);

/** Reads a number that may be misaligned, in either byte order. */
export function getData(kind: NumberKind, view: DataView, offset: number, little: boolean): number | bigint {
  return view[GETTER[kind]](offset, little);
}

/** Writes a checked number that may be misaligned, in either byte order. */
export function setData(
  kind: NumberKind,
  view: DataView,
  offset: number,
  value: number | bigint,
  little: boolean,
): void {
  view[SETTER[kind]](offset, value as number, little);
}

/** The typed array of each kind. */
export interface ArrayOf {
  readonly i8: Int8Array;
  readonly u8: Uint8Array;
  readonly i16: Int16Array;
  readonly u16: Uint16Array;
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
  readonly i64: BigInt64Array;
  readonly u64: BigUint64Array;
  readonly f32: Float32Array;
  readonly f64: Float64Array;
}
export type NumberArray = ArrayOf[NumberKind];
/** What one element of each kind is in JavaScript. */
export type NumberOf<K extends NumberKind> = K extends BigKind ? bigint : number;

/** A bit field of a 64-bit container, from bit `shift` on. */
export function getBits64(view: DataView, offset: number, little: boolean, shift: bigint, width: number): bigint {
  return BigInt.asUintN(width, view.getBigUint64(offset, little) >> shift);
}

/** Writes a checked bit field of a 64-bit container and leaves the other bits. */
export function setBits64(
  view: DataView,
  offset: number,
  little: boolean,
  shift: bigint,
  width: number,
  value: number | bigint,
): void {
  const mask = ((1n << BigInt(width)) - 1n) << shift;
  view.setBigUint64(offset, (view.getBigUint64(offset, little) & ~mask) | (BigInt(value) << shift), little);
}

/** Throws the refusal of a value that `width` bits do not hold; bigints above 53 bits. */
export function refuseBits(width: number, field: string, value: unknown, signed = false): never {
  if (signed) {
    const beyond = width > 32 ? `2^${width - 1}` : String(2 ** (width - 1));
    const greatest = width > 32 ? `${beyond}-1` : String(2 ** (width - 1) - 1);
    throw badValue(field, `integers from -${beyond} to ${greatest} (${width} bits with a sign)`, value);
  }
  const most = width > 31 ? `2^${width}-1` : String(2 ** width - 1);
  const unit = width === 1 ? "1 bit" : `${width} bits`;
  throw badValue(field, `${width > 53 ? "bigints" : "integers"} from 0 to ${most} (${unit})`, value);
}
