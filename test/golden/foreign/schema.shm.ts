import type {
  array,
  atomic,
  be,
  bits,
  bytes,
  enumOf,
  expect,
  f32,
  f64,
  flags,
  Foreign,
  i24,
  latin1,
  Packed,
  pad,
  signed,
  Sized,
  tail,
  u128,
  u16,
  u24,
  u32,
  u64,
  u8,
  union,
  utf16,
} from "@shmgen/schema";

/** @repr i16 */
export enum Kind {
  Unknown = -1,
  Number,
  Name,
  Nothing,
}

export type Right = enumOf<{ Read: 1n; Write: 2n; All: 0xffff_ffff_ffff_ffffn }, u64>;

export type Value = union<{ whole: u32; part: f32; raw: bytes<12> }>;

/** What another program has, packed as Windows has it. */
export interface Page extends Foreign, Packed<4> {
  magic: expect<bytes<4>, "89 50 4e 47">;
  count: atomic<u32>;
  at: f64;
  rights: flags<Right, u64>;
  owner: Right;
  value: Value;
  title: utf16<9>;
  kind: Kind;
  /** The member that `kind` names. */
  data: union<
    {
      /** @case Kind.Number */
      number: f64;
      /** @case Kind.Name */
      name: latin1<8>;
      /** @case Kind.Nothing */
      empty: array<u16, 2>;
    },
    "kind"
  >;
  small: u24;
  delta: be<i24>;
  address: be<u128>;
  state: bits<{ ready: 1; level: signed<4>; _1: pad<59> }, u64>;
  header: be<bits<{ flow: 20; version: 4 }, u32>>;
  rows: tail<Row, "count">;
}

export interface Row extends Packed<2>, Sized<6> {
  key: u8;
  value: u32;
}
