// multi-types.shm.ts:253:6 - error SHM1016: 'readonly u8[]' does not say how many elements it has.
// 253 |   a: readonly u8[];
//     |      ^^^^^^^^^^^^^
//   hint: write array<T, N>; the last field of a region may be tail<T>, whose length is chosen at creation.
//
// multi-types.shm.ts:254:6 - error SHM1016: 'Array<number>' does not say how many elements it has.
// 254 |   b: Array<number>;
//     |      ^^^^^^^^^^^^^
//   hint: write array<T, N>; the last field of a region may be tail<T>, whose length is chosen at creation.
//
// multi-types.shm.ts:255:6 - error SHM1015: 'Buffer' does not say how long it is.
// 255 |   c: Buffer;
//     |      ^^^^^^
//   hint: write bytes<N>.
//
// multi-types.shm.ts:256:6 - error SHM1015: 'Float32Array' does not say how long it is.
// 256 |   d: Float32Array;
//     |      ^^^^^^^^^^^^
//   hint: write array<T, N> of the element's word.
//
// multi-types.shm.ts:257:6 - error SHM1025: A Record has no fixed set of keys in memory.
// 257 |   e: Record<string, u8>;
//     |      ^^^^^^^^^^^^^^^^^^
//   hint: declare an interface for the entries and write array<Entry, N>.
//
// multi-types.shm.ts:258:6 - error SHM1025: A Map has no fixed set of keys in memory.
// 258 |   f: Map<string, u8>;
//     |      ^^^^^^^^^^^^^^^
//   hint: declare an interface for the entries and write array<Entry, N>.
//
// multi-types.shm.ts:259:6 - error SHM1039: The utility type 'Partial' cannot be read in a schema.
// 259 |   g: Partial<Inner>;
//     |      ^^^^^^^^^^^^^^
//   hint: write the words of "@shmgen/schema" and the names of your own declarations.
//
// multi-types.shm.ts:260:6 - error SHM1039: keyof cannot be read in a schema.
// 260 |   h: keyof Inner;
//     |      ^^^^^^^^^^^
//   hint: write the words of "@shmgen/schema" and the names of your own declarations.
//
// multi-types.shm.ts:261:6 - error SHM1039: An indexed access cannot be read in a schema.
// 261 |   i: Inner["a"];
//     |      ^^^^^^^^^^
//   hint: write the words of "@shmgen/schema" and the names of your own declarations.
//
// multi-types.shm.ts:262:6 - error SHM1039: A conditional type cannot be read in a schema.
// 262 |   j: u8 extends u16 ? 1 : 2;
//     |      ^^^^^^^^^^^^^^^^^^^^^^
//   hint: write the words of "@shmgen/schema" and the names of your own declarations.
//
// multi-types.shm.ts:263:6 - error SHM1038: The literal `a` does not say how it is stored.
// 263 |   k: `a`;
//     |      ^^^
//   hint: write the word that stores it; a value that foreign memory must have is expect<u32, 5>.
//
// multi-types.shm.ts:264:6 - error SHM1020: A union of literals does not say how it is stored.
// 264 |   l: "a" | 1;
//     |      ^^^^^^^
//   hint: write enumOf<{ a: 0; Name1: 1 }, u8>, or declare an enum.
//
// multi-types.shm.ts:265:6 - error SHM1022: 'null' takes no bytes.
// 265 |   m: null | u8;
//     |      ^^^^
//   hint: remove the field, or add a bool field that says whether a value is there.
//
// multi-types.shm.ts:266:6 - error SHM1014: 'symbol' lives in JavaScript's heap, so it cannot lie in shared memory.
// 266 |   n: symbol;
//     |      ^^^^^^
//   hint: declare an interface with fields of fixed size.
//
// multi-types.shm.ts:267:6 - error SHM1012: 'boolean' is written bool here.
// 267 |   o: true | false;
//     |      ^^^^^^^^^^^^
//   hint: write bool, one byte; or bits<{ ready: 1 }, u8> for several of them in one integer.
//
// multi-types.shm.ts:268:6 - error SHM1021: An intersection is not a layout.
// 268 |   p: Inner & { b: u8 };
//     |      ^^^^^^^^^^^^^^^^^
//   hint: declare an interface with a field for each part.
//
// multi-types.shm.ts:269:6 - error SHM1014: 'symbol' lives in JavaScript's heap, so it cannot lie in shared memory.
// 269 |   q: unique symbol;
//     |      ^^^^^^^^^^^^^
//   hint: declare an interface with fields of fixed size.
//
// multi-types.shm.ts:270:6 - error SHM1039: this cannot be read in a schema.
// 270 |   r: this;
//     |      ^^^^
//   hint: write the words of "@shmgen/schema" and the names of your own declarations.
//
// multi-types.shm.ts:271:6 - error SHM1024: A function cannot lie in shared memory.
// 271 |   s: new () => Inner;
//     |      ^^^^^^^^^^^^^^^
//   hint: remove it; write a function that takes the generated accessor as its argument.
//
// multi-types.shm.ts:272:6 - error SHM1025: A mapped type has no fixed set of keys in memory.
// 272 |   t: { [key in "x" | "y"]: u8 };
//     |      ^^^^^^^^^^^^^^^^^^^^^^^^^^
//   hint: declare an interface for the entries and write array<Entry, N>.
//
// multi-types.shm.ts:276:3 - error SHM1026: 1 is not a name that every target can use.
// 276 |   1: u8;
//     |   ^
//   hint: write a plain identifier: a letter, then letters, digits and underscores.
//
// multi-types.shm.ts:277:3 - error SHM1026: [Symbol.iterator] is not a name that every target can use.
// 277 |   [Symbol.iterator]: u8;
//     |   ^^^^^^^^^^^^^^^^^
//   hint: write a plain identifier: a letter, then letters, digits and underscores.
//
// multi-types.shm.ts:278:3 - error SHM1026: "ok" is not a name that every target can use.
// 278 |   "ok": u8;
//     |   ^^^^
//   hint: write a plain identifier: a letter, then letters, digits and underscores.
//
// multi-types.shm.ts:279:3 - error SHM1024: A call signature cannot lie in shared memory.
// 279 |   (): void;
//     |   ^^^^^^^^^
//   hint: remove it; write a function that takes the generated accessor as its argument.
//
// multi-types.shm.ts:280:3 - error SHM1024: A constructor cannot lie in shared memory.
// 280 |   new (): Inner;
//     |   ^^^^^^^^^^^^^^
//   hint: remove it; write a function that takes the generated accessor as its argument.
//
// multi-types.shm.ts:281:7 - error SHM1027: 'y' is a getter or setter; a schema has fields.
// 281 |   set y(value: u8);
//     |       ^
//   hint: write y: T; getters and setters are generated.
//
// multi-types.shm.ts:282:17 - error SHM1032: A schema is read, never executed, so an initial value means nothing in it.
// 282 |   initial: u8 = 5;
//     |                 ^
//   hint: remove it; a number that several fields share is written type Count = 4.
//
// multi-types.shm.ts:286:16 - error SHM1052: The length of array must be a number literal, not 'number'.
// 286 |   a: array<u8, number>;
//     |                ^^^^^^
//   hint: write the number itself, such as 16 or 0x10, or an alias of one: type Count = 16.
//
// multi-types.shm.ts:287:16 - error SHM1052: The length of array must be a number literal, not '5n'.
// 287 |   b: array<u8, 5n>;
//     |                ^^
//   hint: write the number itself, such as 16 or 0x10, or an alias of one: type Count = 16.
//
// multi-types.shm.ts:288:11 - error SHM1052: The length of utf8 must be a number literal, not "3".
// 288 |   c: utf8<"3">;
//     |           ^^^
//   hint: write the number itself, such as 16 or 0x10, or an alias of one: type Count = 16.
//
// multi-types.shm.ts:289:12 - error SHM1009: Nothing named 'Nope' is declared or imported here.
// 289 |   d: bytes<Nope>;
//     |            ^^^^
//   hint: declare it in this file or import it from another schema file.
//
// multi-types.shm.ts:290:16 - error SHM1053: The length of array is 9007199254740993, which is not a whole number that is stored exactly.
// 290 |   e: array<u8, 9007199254740993>;
//     |                ^^^^^^^^^^^^^^^^
//   hint: write a whole number of at most 9007199254740991.
//
// multi-types.shm.ts:291:6 - error SHM1036: 'atomic' is written atomic<T>; it has 0 type arguments here.
// 291 |   f: atomic;
//     |      ^^^^^^
//   hint: write atomic<T>.
//
// multi-types.shm.ts:292:6 - error SHM1036: 'u8' is written u8; it has 1 type argument here.
// 292 |   g: u8<u8>;
//     |      ^^^^^^
//   hint: write u8.
//
// multi-types.shm.ts:293:6 - error SHM1036: 'Inner' is written Inner; it has 1 type argument here.
// 293 |   h: Inner<u8>;
//     |      ^^^^^^^^^
//   hint: write Inner.
//
// multi-types.shm.ts:294:6 - error SHM1043: 'Region' cannot be used as a type.
// 294 |   i: Region<{ type: 1; version: 1 }>;
//     |      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
//   hint: write it after extends: interface Car extends Region.
//
// multi-types.shm.ts:298:3 - error SHM2004: Field 'a' is atomic<array<u8, 4>>, but an atomic holds 1, 2, 4 or 8 bytes of a number, bool, enum or flags, not an array.
// 298 |   a: atomic<array<u8, 4>>;
//     |   ^
//   hint: drop atomic<>; or write seqlock<T>, which publishes a value of any size as a whole.
//
// multi-types.shm.ts:299:3 - error SHM2004: Field 'b' is atomic<Inner>, but an atomic holds 1, 2, 4 or 8 bytes of a number, bool, enum or flags, not the struct Inner.
// 299 |   b: atomic<Inner>;
//     |   ^
//   hint: drop atomic<>; or write seqlock<T>, which publishes a value of any size as a whole.
//
// multi-types.shm.ts:300:3 - error SHM2004: Field 'c' is atomic<PlacesCBits>, but an atomic holds 1, 2, 4 or 8 bytes of a number, bool, enum or flags, not bit fields.
// 300 |   c: atomic<bits<{ a: 1 }, u8>>;
//     |   ^
//   hint: drop atomic<>; or write seqlock<T>, which publishes a value of any size as a whole.
//
// multi-types.shm.ts:301:14 - error SHM1012: 'boolean' is written bool here.
// 301 |   d: relaxed<boolean>;
//     |              ^^^^^^^
//   hint: write bool, one byte; or bits<{ ready: 1 }, u8> for several of them in one integer.
//
// multi-types.shm.ts:302:3 - error SHM2008: Field 'e' is be<atomic<u32>>, but byte order means nothing for atomic<u32>.
// 302 |   e: be<atomic<u32>>;
//     |   ^
//   hint: put be<> or le<> around each number of two or more bytes, such as array<be<u32>, 4>; never around an atomic.
//
// multi-types.shm.ts:303:3 - error SHM2004: Field 'f' is atomic<be<u32>>, but an atomic holds 1, 2, 4 or 8 bytes of a number, bool, enum or flags, not be<u32>.
// 303 |   f: atomic<be<u32>>;
//     |   ^
//   hint: drop atomic<>; or write seqlock<T>, which publishes a value of any size as a whole.
//
// multi-types.shm.ts:304:3 - error SHM2008: Field 'g' is be<Inner>, but byte order means nothing for the struct Inner.
// 304 |   g: be<Inner>;
//     |   ^
//   hint: put be<> or le<> around each number of two or more bytes, such as array<be<u32>, 4>; never around an atomic.
//
// multi-types.shm.ts:307:42 - error SHM1042: 'Bases' extends Sized twice.
// 307 | export interface Bases extends Sized<4>, Sized<4>, Aligned<"x">, u8, Region, Packed<3>, Regoin<{}> {
//     |                                          ^^^^^^^^
//   hint: keep one of them.
//
// multi-types.shm.ts:307:60 - error SHM1052: The alignment of Aligned must be a number literal, not "x".
// 307 | export interface Bases extends Sized<4>, Sized<4>, Aligned<"x">, u8, Region, Packed<3>, Regoin<{}> {
//     |                                                            ^^^
//   hint: write the number itself, such as 16 or 0x10, or an alias of one: type Count = 16.
//
// multi-types.shm.ts:307:66 - error SHM1043: 'u8' cannot be used as a base.
// 307 | export interface Bases extends Sized<4>, Sized<4>, Aligned<"x">, u8, Region, Packed<3>, Regoin<{}> {
//     |                                                                  ^^
//   hint: extends takes Region<...>, Foreign, Packed, Aligned<N> and Sized<N>.
//
// multi-types.shm.ts:307:70 - error SHM1036: 'Region' is written Region<{ type: 1; version: 1 }>; it has 0 type arguments here.
// 307 | export interface Bases extends Sized<4>, Sized<4>, Aligned<"x">, u8, Region, Packed<3>, Regoin<{}> {
//     |                                                                      ^^^^^^
//   hint: write Region<{ type: 1; version: 1 }>.
//
// multi-types.shm.ts:307:85 - error SHM1080: Packed<3> is no packing; it is 1, 2, 4 or 8.
// 307 | export interface Bases extends Sized<4>, Sized<4>, Aligned<"x">, u8, Region, Packed<3>, Regoin<{}> {
//     |                                                                                     ^
//   hint: write the N of the header's #pragma pack(N).
//
// multi-types.shm.ts:307:89 - error SHM1009: Nothing named 'Regoin' is declared or imported here.
// 307 | export interface Bases extends Sized<4>, Sized<4>, Aligned<"x">, u8, Region, Packed<3>, Regoin<{}> {
//     |                                                                                         ^^^^^^
//   hint: did you mean 'Region'?
//
// multi-types.shm.ts:311:13 - error SHM1037: 'Inner2' is an alias of an object type; a struct is an interface.
// 311 | export type Inner2 = { a: u8 };
//     |             ^^^^^^
//   hint: write export interface Inner2 { ... }.
import type { Aligned, Packed, Region, Sized, array, atomic, be, bits, bytes, relaxed, u16, u32, u8, utf8 } from "@shmgen/schema";

export interface Types {
  a: readonly u8[];
  b: Array<number>;
  c: Buffer;
  d: Float32Array;
  e: Record<string, u8>;
  f: Map<string, u8>;
  g: Partial<Inner>;
  h: keyof Inner;
  i: Inner["a"];
  j: u8 extends u16 ? 1 : 2;
  k: `a`;
  l: "a" | 1;
  m: null | u8;
  n: symbol;
  o: true | false;
  p: Inner & { b: u8 };
  q: unique symbol;
  r: this;
  s: new () => Inner;
  t: { [key in "x" | "y"]: u8 };
}

export interface Members {
  1: u8;
  [Symbol.iterator]: u8;
  "ok": u8;
  (): void;
  new (): Inner;
  set y(value: u8);
  initial: u8 = 5;
}

export interface Words {
  a: array<u8, number>;
  b: array<u8, 5n>;
  c: utf8<"3">;
  d: bytes<Nope>;
  e: array<u8, 9007199254740993>;
  f: atomic;
  g: u8<u8>;
  h: Inner<u8>;
  i: Region<{ type: 1; version: 1 }>;
}

export interface Places {
  a: atomic<array<u8, 4>>;
  b: atomic<Inner>;
  c: atomic<bits<{ a: 1 }, u8>>;
  d: relaxed<boolean>;
  e: be<atomic<u32>>;
  f: atomic<be<u32>>;
  g: be<Inner>;
}

export interface Bases extends Sized<4>, Sized<4>, Aligned<"x">, u8, Region, Packed<3>, Regoin<{}> {
  a: u8;
}

export type Inner2 = { a: u8 };
export interface Inner {
  a: u8;
}
