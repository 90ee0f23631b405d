/** Numbers at any place of memory, as no struct says them: `memory.read("be u16", 13)`. One row for each kind. */

type Order = "" | "be ";
/** Numbers of one byte have no order of bytes. */
type Kind = "u8" | "i8" | `${Order}${"u16" | "i16" | "u24" | "i24" | "u32" | "i32" | "u48" | "i48"}`;
type BigKind = `${Order}${"u64" | "i64" | "u128"}`;

/** A number as {@link MemoryView.read} takes it: its kind, least significant byte first unless it says `be`. */
export type RawNumber = Kind | BigKind | `${Order}${"f32" | "f64"}`;
/** What such a number is in JavaScript. */
export type RawNumberOf<K extends RawNumber> = K extends BigKind ? bigint : number;

interface Row {
  /** Bytes. */
  readonly size: number;
  readonly get: (view: DataView, offset: number) => number | bigint;
}

/** `little`: least significant byte first. What DataView lacks is put together of a low and a high part. */
function rows(little: boolean): Readonly<Record<string, Row>> {
  // Where the parts begin, for so many bytes of each.
  const [low3, high3] = little ? [0, 2] : [1, 0];
  const [low6, high6] = little ? [0, 4] : [2, 0];
  const [low16, high16] = little ? [0, 8] : [8, 0];
  const u24 = (view: DataView, at: number): number =>
    view.getUint16(at + low3, little) + view.getUint8(at + high3) * 2 ** 16;
  return {
    u16: { size: 2, get: (view, at) => view.getUint16(at, little) },
    i16: { size: 2, get: (view, at) => view.getInt16(at, little) },
    u24: { size: 3, get: u24 },
    i24: { size: 3, get: (view, at) => (u24(view, at) << 8) >> 8 },
    u32: { size: 4, get: (view, at) => view.getUint32(at, little) },
    i32: { size: 4, get: (view, at) => view.getInt32(at, little) },
    u48: {
      size: 6,
      get: (view, at) => view.getUint32(at + low6, little) + view.getUint16(at + high6, little) * 2 ** 32,
    },
    i48: {
      size: 6,
      get: (view, at) => view.getUint32(at + low6, little) + view.getInt16(at + high6, little) * 2 ** 32,
    },
    u64: { size: 8, get: (view, at) => view.getBigUint64(at, little) },
    i64: { size: 8, get: (view, at) => view.getBigInt64(at, little) },
    u128: {
      size: 16,
      get: (view, at) => view.getBigUint64(at + low16, little) | (view.getBigUint64(at + high16, little) << 64n),
    },
    f32: { size: 4, get: (view, at) => view.getFloat32(at, little) },
    f64: { size: 8, get: (view, at) => view.getFloat64(at, little) },
  };
}

const bigEndian = Object.entries(rows(false)).map(([kind, row]) => [`be ${kind}`, row] as const);

/** By kind. Without a prototype, so that nothing but the kinds is found. */
export const RAW_NUMBERS: Readonly<Record<string, Row | undefined>> = Object.assign(
  Object.create(null) as Record<string, Row>,
  { u8: { size: 1, get: (view: DataView, at: number) => view.getUint8(at) } },
  { i8: { size: 1, get: (view: DataView, at: number) => view.getInt8(at) } },
  rows(true),
  Object.fromEntries(bigEndian),
);
