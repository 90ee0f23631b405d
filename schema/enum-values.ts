/** Values of an enum's members, which JSON has to carry: pure, compiled into both packages. */
import { type ReprName, SCALAR_SIZE } from "./scalar-sizes.js";

/** A whole number: as a number up to 2^53-1, as decimal text beyond, which a number would round. */
export type EnumValue = number | string;

/** Decimal text of a value that is no safe number. */
const BEYOND = /^-?[1-9]\d{15,19}$/;

/** Whether JSON has a value as {@link enumValue} writes it. */
export function isEnumValue(value: unknown): value is EnumValue {
  if (typeof value === "number") return Number.isSafeInteger(value) && !Object.is(value, -0);
  return typeof value === "string" && BEYOND.test(value) && !Number.isSafeInteger(Number(value));
}

/** The value in the one form that it has. */
export function enumValue(value: number | bigint): EnumValue {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number + 0 : String(value);
}

/** The value itself. */
export function exactValue(value: EnumValue): bigint {
  return BigInt(value);
}

/** Least and greatest value of an integer. */
export function rangeOf(repr: ReprName): readonly [least: bigint, most: bigint] {
  const bits = BigInt(8 * SCALAR_SIZE[repr]);
  return repr.startsWith("i") ? [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n] : [0n, (1n << bits) - 1n];
}

/** Whether JavaScript shows what this integer holds as a bigint. */
export function isWide(repr: ReprName): boolean {
  return repr === "u64" || repr === "i64";
}

/** As JavaScript shows it: a bigint of 64 bits. */
export function shownValue(value: EnumValue, repr: ReprName): number | bigint {
  return isWide(repr) ? BigInt(value) : Number(value);
}
