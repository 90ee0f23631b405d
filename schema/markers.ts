import type { bool, f32, f64, i64, Integer, Repr, SmallInteger, u32, u64, Word } from "./scalars.js";

// What an interface extends is carried by a property of its own each, so that several can be combined; none exists at run time.
declare const region: unique symbol;
declare const foreign: unique symbol;
declare const packed: unique symbol;
declare const aligned: unique symbol;
declare const sized: unique symbol;

/** A 64-bit integer that is read and written as a `number`. Values beyond 2^53-1 throw RangeError, on reads too. */
export type num<T extends u64 | i64> = Word<"num", number> & { readonly of?: T };

/**
 * A moment: a 64-bit integer that counts seconds, milliseconds, microseconds or nanoseconds since 1970-01-01T00:00:00Z. Reads as a `number` of
 * milliseconds, as `Date.now()` gives it, with fractions where the unit is finer; writes take a `Date` as well. What no `Date` can be throws RangeError,
 * on reads too. `timestamp<"ns", u64>` is what C programs have of `clock_gettime(CLOCK_REALTIME)`.
 */
export type timestamp<Unit extends "s" | "ms" | "us" | "ns", T extends u64 | i64 = i64> = Word<"timestamp", number> & {
  readonly unit?: Unit;
  readonly of?: T;
};

/**
 * An enum without a TypeScript `enum`: member names with their values, and the integer that holds them. Its values are numbers, in a `u64` or
 * `i64` bigints, as these integers are everywhere: write members beyond 2^53 as `0xffff_ffff_ffff_ffffn`.
 * @example type Gear = enumOf<{ Park: 0; Reverse: 1 }, u8>;
 * @example type Status = enumOf<{ Unknown: -1; Ready: 0 }, i16>;
 */
export type enumOf<Members extends Readonly<Record<string, number | bigint>>, R extends Integer = u32> = Word<
  "enumOf",
  R extends u64 | i64 ? bigint : Members[keyof Members]
> & { readonly repr?: R };

/** A set of bits named by the members of an enum, held by `R`. Reads and writes a `number`; a `bigint` in a `u64`. */
export type flags<E extends number | Word<"enumOf", number | bigint>, R extends Repr | u64> = Word<
  "flags",
  R extends u64 ? bigint : number
> & {
  readonly of?: E;
  readonly repr?: R;
};

/** A bit field of `N` bits with a sign: -2^(N-1) to 2^(N-1)-1. Only in {@link bits}. */
export type signed<N extends number> = Word<"signed", number> & { readonly width?: N };

/**
 * Bit fields of one unit, `R`, from its least significant bit on. One property per bit field: a number is unsigned, {@link signed} has a
 * sign, and {@link pad} is bits that nobody accesses, of any width. `be<bits<...>>` has the bytes of the whole unit in the other order.
 * @example bits<{ ready: 1; level: signed<4>; _1: pad<3> }, u32>
 */
export type bits<
  Fields extends Readonly<Record<string, number | Word<"signed", number> | Word<"pad", never>>>,
  R extends Repr | u64,
> = Word<"bits", { [K in keyof Fields as Fields[K] extends Word<"pad", never> ? never : K]: number }> & {
  readonly repr?: R;
};

/** What {@link atomic} may hold: 1 to 8 bytes. */
export type AtomicElement =
  | Integer
  | bool
  | f32
  | f64
  | Word<"num", number>
  | Word<"timestamp", number>
  | Word<"enumOf", number | bigint>
  | Word<"flags", number | bigint>
  | number;

/** A field that is shared: every access is sequentially consistent and the field is naturally aligned. */
export type atomic<T extends AtomicElement> = Word<"atomic", unknown> & { readonly of?: T };

/**
 * An integer of up to 32 bits, or a float, with plain, aligned access: never torn, but not ordered against other accesses. For
 * statistics that a reader may see late. Of integers the JavaScript memory model promises it ("Unordered"); f32 and f64 it would let an
 * engine tear, but V8, from its interpreter to its last compiler, moves each by one instruction on 64-bit processors, and x86-64
 * and ARM64 keep an aligned one whole (shmgen's tests try it at each stage). C uses relaxed atomics.
 */
export type relaxed<T extends SmallInteger | f32 | f64> = Word<"relaxed", number> & { readonly of?: T };

/** `N` elements in a row; the stride is the element's size. Nests. */
export type array<T, N extends number> = Word<"array", unknown> & { readonly of?: T; readonly length?: N };

/**
 * The rest of the region. Last field of a region or of foreign memory only. In a region its length is chosen when that is created. In foreign memory it
 * goes to the end of what is attached; with `Count`, the name of an integer before it, it has as many elements as that says at each access.
 * @example tail<Row, "rowCount">
 */
export type tail<T, Count extends string = never> = Word<"tail", unknown> & { readonly of?: T; readonly count?: Count };

/**
 * Members over the same bytes: as large as the largest one, aligned as the strictest, a `union` in C. Its accessor has a property for each member, and a
 * write stores the bytes of that member alone. `Tag` names a field before it in the same struct, an integer, enum or bool that says which
 * member holds: then each member has its value in a JSDoc tag, `@case 1`, `@case 2, 3` or `@case Kind.Move`, and `inspect`, `snapshot()` and
 * JSON show that member alone.
 * @example union<{ asInt: u32; asFloat: f32; raw: bytes<16> }>
 */
export type union<Members extends object, Tag extends string = never> = Word<
  "union",
  { [K in keyof Members]: Members[K] }
> & { readonly tag?: Tag };

/** Text of at most `N` bytes in UTF-8, padded with NUL. A longer string throws; code points are never cut. */
export type utf8<N extends number> = Word<"utf8", string> & { readonly length?: N };

/**
 * Text of at most `N` code units of UTF-16, `2 * N` bytes aligned to 2, padded with NUL: what Windows, Java and JavaScript have. A `wchar_t` of C is 2
 * bytes on Windows, so that `wchar_t name[32]` is `utf16<32>` there, and 4 bytes on Linux and macOS: {@link utf32}. A longer string throws; characters
 * are never cut. Lone surrogates throw on writes and read as U+FFFD. Big-endian: `be<utf16<N>>`.
 */
export type utf16<N extends number> = Word<"utf16", string> & { readonly length?: N };

/**
 * Text of at most `N` code points in UTF-32, `4 * N` bytes aligned to 4, padded with NUL: what `wchar_t name[N]` is on Linux and macOS; on Windows that
 * is {@link utf16}. A longer string throws. Numbers that are no characters read as U+FFFD. Big-endian: `be<utf32<N>>`.
 */
export type utf32<N extends number> = Word<"utf32", string> & { readonly length?: N };

/**
 * Text of at most `N` bytes in windows-1252, padded with NUL: what programs mean by Latin-1 and by the ANSI code page of western Windows. It is ISO 8859-1 but for
 * 0x80 to 0x9f, where it has the euro sign, quotation marks and dashes; all bytes round-trip. A longer string throws, and so does a character that it does
 * not have.
 */
export type latin1<N extends number> = Word<"latin1", string> & { readonly length?: N };

/** `N` raw bytes. */
export type bytes<N extends number> = Word<"bytes", Uint8Array> & { readonly length?: N };

/** `T` with its alignment raised to `N` bytes, a power of two. */
export type align<T, N extends number> = Word<"align", unknown> & { readonly of?: T; readonly align?: N };

/** `T` at byte offset `N` of its struct, for layouts that somebody else defined. */
export type at<T, N extends number> = Word<"at", unknown> & { readonly of?: T; readonly offset?: N };

/** `T`, a number or text of wide units, with its most significant byte first. Never atomic. */
export type be<T> = Word<"be", unknown> & { readonly of?: T };

/** `T`, a number or text of wide units, with its least significant byte first, whatever the host's order. Never atomic. */
export type le<T> = Word<"le", unknown> & { readonly of?: T };

/**
 * `T` whose value is checked when a {@link Foreign} region is attached: a literal, or a union of literals. Text is compared by its bytes in the encoding of `T`; all bytes of
 * `bytes<N>` with hexadecimal digits, with or without spaces between bytes.
 * @example expect<bytes<8>, "89 50 4e 47 0d 0a 1a 0a">
 */
export type expect<T, V extends number | bigint | boolean | string> = Word<"expect", unknown> & {
  readonly of?: T;
  readonly value?: V;
};

/**
 * The bytes and the alignment of `T`, kept free: for a field that comes later, or in the place of one that was removed. Zero in a
 * new region; C has a member of bytes, JavaScript nothing.
 */
export type reserved<T> = Word<"reserved", never> & { readonly of?: T };

/** `N` bytes kept free: `reserved<bytes<N>>`. In {@link bits}: N bits. */
export type pad<N extends number> = Word<"pad", never> & { readonly length?: N };

/**
 * `T`, which the region has since its version `V`. In an older region newer code reads `Default`, or `undefined` without one.
 * @example since<atomic<u32>, 2, 5>
 */
export type since<T, V extends number, Default extends number | bigint | boolean | string = never> = Word<
  "since",
  unknown
> & { readonly of?: T; readonly version?: V; readonly default?: Default };

/** What a region of ours declares. */
export interface RegionOptions {
  /** Tells kinds of regions apart, 0 to 2^32-1 (0 to 255 with the dotnet header). Unique in a project. */
  readonly type: number;
  /** Version of the layout, 1 to 2^32-1 (1 to 255 with the dotnet header). Raised whenever the layout changes. */
  readonly version: number;
  /** Oldest version of the code that can still read regions of this version. Default: `version`. */
  readonly readableFrom?: number;
  /** `"standard"` (default): 128 bytes, self-describing. `"dotnet"`: the 8 bytes of .NET's shared memory manager. */
  readonly header?: "standard" | "dotnet";
  /**
   * `"versioned"`: the file is named after the version as well, so that processes of different versions meet in different
   * regions of the same logical name instead of refusing each other's. Not with the dotnet header.
   */
  readonly name?: "versioned";
  /**
   * How many threads, of all processes, can use its containers at a time, 1 to 65,534; 64 bytes each. Default: 63. Only where it has
   * containers with owners, which is every one but event.
   */
  readonly participants?: number;
}

/** `interface X extends Region<{ type: 1; version: 1 }>`: X is the root of a region that shmgen creates and validates. */
export interface Region<Options extends RegionOptions> {
  readonly [region]?: Options;
}

/** `interface X extends Foreign`: memory that another program owns; attached only, never initialised, locked or removed. */
export interface Foreign {
  readonly [foreign]?: true;
}

/**
 * `interface X extends Packed<4>`: no field is aligned to more than `N` bytes, 1, 2, 4 or 8, as by `#pragma pack(4)`; `Packed` alone has
 * no padding at all. Atomics of up to `N` bytes are aligned; in the root of a region, also larger ones that lie at a multiple of their size.
 */
export interface Packed<N extends 1 | 2 | 4 | 8 = 1> {
  readonly [packed]?: N;
}

/** `interface X extends Aligned<64>`: the struct's alignment is raised to `N` bytes, a power of two. */
export interface Aligned<N extends number> {
  readonly [aligned]?: N;
}

/** `interface X extends Sized<136>`: the struct is exactly `N` bytes long; what the fields leave free is padding. */
export interface Sized<N extends number> {
  readonly [sized]?: N;
}
