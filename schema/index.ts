/**
 * The vocabulary of shmgen schemas. A schema is a file `*.shm.ts` that imports these types; it is read, never executed.
 * @packageDocumentation
 */
export type {
  bool,
  f32,
  f64,
  i8,
  i16,
  i32,
  i64,
  Integer,
  Repr,
  SmallInteger,
  u8,
  u16,
  u32,
  u64,
  Word,
} from "./scalars.js";
export type {
  align,
  Aligned,
  array,
  at,
  atomic,
  AtomicElement,
  be,
  bits,
  bytes,
  enumOf,
  expect,
  flags,
  Foreign,
  le,
  num,
  Packed,
  pad,
  Region,
  RegionOptions,
  relaxed,
  reserved,
  since,
  Sized,
  tail,
  utf8,
} from "./markers.js";
export type * from "./containers/words.js";
