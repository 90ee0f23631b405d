/** The one table of scalars. Pure data, compiled into both packages. */

/** Bytes of each scalar, which is also its alignment. */
export const SCALAR_SIZE = {
  i8: 1,
  u8: 1,
  i16: 2,
  u16: 2,
  i32: 4,
  u32: 4,
  i64: 8,
  u64: 8,
  f32: 4,
  f64: 8,
} as const;

/** Name of a scalar: `"u32"`. */
export type ScalarName = keyof typeof SCALAR_SIZE;

/** All scalars. */
export const SCALAR_NAMES = Object.keys(SCALAR_SIZE) as [ScalarName, ...ScalarName[]];

/** Scalars that flags and bit fields may lie in. */
export const BITS_REPR_NAMES = ["u8", "u16", "u32", "u64"] as const;
/** Scalar that flags and bit fields may lie in. */
export type BitsReprName = (typeof BITS_REPR_NAMES)[number];

/** Scalars that may represent an enum. */
export const REPR_NAMES = [...BITS_REPR_NAMES, "i8", "i16", "i32", "i64"] as const;
/** Scalar that may represent an enum. */
export type ReprName = (typeof REPR_NAMES)[number];

/** Bytes of the integers that no processor has: bytes in a row, so that their alignment is 1. */
export const ODD_SIZE = { u24: 3, i24: 3, u128: 16 } as const;
/** An integer that no processor has. */
export type OddName = keyof typeof ODD_SIZE;
/** All integers that no processor has. */
export const ODD_NAMES = Object.keys(ODD_SIZE) as [OddName, ...OddName[]];

/** Units in which a `timestamp` counts. */
export const TIME_UNITS = ["s", "ms", "us", "ns"] as const;
/** Unit in which a `timestamp` counts. */
export type TimeUnit = (typeof TIME_UNITS)[number];

/** Scalars that `num` shows as a number. */
export const WIDE_NAMES = ["u64", "i64"] as const;
/** Scalar that `num` shows as a number. */
export type WideName = (typeof WIDE_NAMES)[number];
