/** Between the bits that memory holds and the value that a field shows. */
import { fromMoment, type TimeUnit, toMoment } from "./moments.js";
import { type Enumerators, firstNames } from "./enum-names.js";
import {
  type BigKind,
  bitsOfF32,
  bitsOfF64,
  checkNumber,
  f32OfBits,
  f64OfBits,
  fromSafeNumber,
  type NumberKind,
  type NumberOf,
  toSafeNumber,
} from "./numbers.js";
import { badValue } from "./refusals.js";

/** `toBits` refuses what the field does not hold; `fromBits` shows any bits that somebody else may have written. */
export interface Codec<T> {
  toBits(value: T, field: string): number | bigint;
  fromBits(bits: number | bigint, field: string): T;
}

/** Throws the refusal of a value that is no member. Generated setters call it after their own comparison. */
export function refuseEnum(enumerators: Enumerators, field: string, value: unknown): never {
  const members = Object.entries(enumerators).map(([name, number]) => `${name} (${number})`);
  const shown = members.length > 8 ? [...members.slice(0, 8), `${members.length - 8} more`] : members;
  throw badValue(field, `one of ${shown.join(", ")}`, value);
}

/** Returns `value` when it is a member. @throws ShmRangeError otherwise. */
export function checkEnum<T extends number | bigint>(enumerators: Enumerators, field: string, value: T): T {
  if (!firstNames(enumerators).has(value)) refuseEnum(enumerators, field, value);
  return value;
}

/** Returns 1 or 0. @throws ShmRangeError for what is no boolean. */
export function checkBool(field: string, value: boolean): number {
  if (typeof value !== "boolean") throw badValue(field, "true or false", value);
  return value ? 1 : 0;
}

const asBool: Codec<boolean> = {
  toBits: (value, field) => checkBool(field, value),
  fromBits: (bits) => bits !== 0,
};

const numberCodecs = new Map<NumberKind, Codec<number | bigint>>();

function asNumber<K extends NumberKind>(kind: K): Codec<NumberOf<K>> {
  let codec = numberCodecs.get(kind);
  if (codec === undefined) {
    codec = { toBits: (value, field) => checkNumber(kind, field, value), fromBits: (bits) => bits };
    numberCodecs.set(kind, codec);
  }
  return codec as Codec<NumberOf<K>>;
}

/** `bool`, numbers, `num<..>`, `timestamp<..>`, enums, and floats as their bits. Flags are numbers. */
export const codec = {
  bool: asBool,
  number: asNumber,
  num: (kind: BigKind): Codec<number> => ({
    toBits: (value, field) => fromSafeNumber(kind, value, field),
    fromBits: (bits, field) => toSafeNumber(bits as bigint, field),
  }),
  moment: (unit: TimeUnit, kind: BigKind): Codec<number> => ({
    toBits: (value, field) => fromMoment(unit, kind, value, field),
    // Atomics move the bits of both kinds as unsigned ones.
    fromBits: (bits, field) =>
      toMoment(unit, kind === "i64" ? BigInt.asIntN(64, bits as bigint) : (bits as bigint), field),
  }),
  enumeration: <T extends number | bigint>(enumerators: Readonly<Record<string, T>>): Codec<T> => ({
    toBits: (value, field) => checkEnum(enumerators, field, value),
    fromBits: (bits) => bits as T,
  }),
  f32: { toBits: bitsOfF32, fromBits: (bits) => f32OfBits(bits as number) } satisfies Codec<number> as Codec<number>,
  f64: { toBits: bitsOfF64, fromBits: (bits) => f64OfBits(bits as bigint) } satisfies Codec<number> as Codec<number>,
};
