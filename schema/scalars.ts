/** Carries a schema word through the type system; it never exists at run time. */
declare const word: unique symbol;

/**
 * A type of the schema language. `Name` is its word and `Js` the JavaScript type its accessor shows.
 * Schema files are read, never executed: values of these types are never made.
 */
export interface Word<Name extends string, Js> {
  readonly [word]: { readonly name: Name; readonly js: Js };
}

/** Signed 8-bit integer, 1 byte. Reads and writes a `number`; a write out of -128..127 throws RangeError. */
export type i8 = Word<"i8", number>;
/** Unsigned 8-bit integer, 1 byte. Reads and writes a `number`; a write out of 0..255 throws RangeError. */
export type u8 = Word<"u8", number>;
/** Signed 16-bit integer, 2 bytes, aligned to 2. */
export type i16 = Word<"i16", number>;
/** Unsigned 16-bit integer, 2 bytes, aligned to 2. */
export type u16 = Word<"u16", number>;
/** Signed 32-bit integer, 4 bytes, aligned to 4. */
export type i32 = Word<"i32", number>;
/** Unsigned 32-bit integer, 4 bytes, aligned to 4. */
export type u32 = Word<"u32", number>;
/** Signed 64-bit integer, 8 bytes, aligned to 8. Reads and writes a `bigint`; see {@link num} for a `number`. */
export type i64 = Word<"i64", bigint>;
/** Unsigned 64-bit integer, 8 bytes, aligned to 8. Reads and writes a `bigint`; see {@link num} for a `number`. */
export type u64 = Word<"u64", bigint>;
/** Unsigned 24-bit integer, 3 bytes in a row: alignment 1, never atomic. Reads and writes a `number`. */
export type u24 = Word<"u24", number>;
/** Signed 24-bit integer, 3 bytes in a row: alignment 1, never atomic. Reads and writes a `number`. */
export type i24 = Word<"i24", number>;
/**
 * Unsigned 128-bit integer, 16 bytes in a row: alignment 1, never atomic. Reads and writes a `bigint`. C's `unsigned __int128` is
 * `align<u128, 16>`.
 */
export type u128 = Word<"u128", bigint>;
/** IEEE 754 binary32, 4 bytes, aligned to 4. A finite value that would become infinite throws RangeError. */
export type f32 = Word<"f32", number>;
/** IEEE 754 binary64, 8 bytes, aligned to 8. */
export type f64 = Word<"f64", number>;
/** One byte. Any non-zero byte reads as `true`; `true` is written as 1. */
export type bool = Word<"bool", boolean>;

/** The integer words of up to 32 bits. */
export type SmallInteger = i8 | u8 | i16 | u16 | i32 | u32;
/** All integer words. */
export type Integer = SmallInteger | i64 | u64;
/** The unsigned words that may represent flags or bit fields. */
export type Repr = u8 | u16 | u32;
