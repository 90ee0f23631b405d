/** SHM3xxx: what only offsets and sizes show. */
import { error } from "./code-row.js";

/** The mildest packing that lets a field lie at an offset. */
function packedFor(at: number): string {
  const pack = [4, 2].find((one) => at % one === 0);
  return pack === undefined ? "Packed" : `Packed<${pack}>`;
}

export const layoutCodes = {
  SHM3001: error({
    message: (f: { field: string; at: number; previous: string; end: number; next: number }) =>
      `Field '${f.field}' is put at byte ${f.at}, but '${f.previous}' before it ends at byte ${f.end}.`,
    hint: (f) =>
      `use at<T, ${f.next}> or more, or move '${f.field}' up, so that the fields stand in the order of their bytes; if they really share bytes, make them one field: union<{ ${f.previous}: ...; ${f.field}: ... }>.`,
    why: "Fields of a struct stand in the order of their offsets and never share bytes.",
    wrong: "export interface Head { magic: u32; size: at<u16, 2> }",
    right: "export interface Head { magic: u32; size: at<u16, 4> }",
  }),
  SHM3002: error({
    message: (f: {
      field: string;
      at: number;
      align: number;
      before: number | undefined;
      shared: boolean;
      raised: boolean;
    }) => `Field '${f.field}' is put at byte ${f.at}, which is not a multiple of its alignment ${f.align}.`,
    hint: (f) => {
      const after = f.at - (f.at % f.align) + f.align;
      const nearest =
        f.before === undefined ? `the next aligned offset is ${after}` : `aligned offsets are ${f.before} and ${after}`;
      if (f.raised) return `${nearest}; if it really lies there, drop align<>.`;
      const packed = packedFor(f.at);
      return f.shared
        ? `${nearest}; no aligned access exists at this offset, so if it really lies there, declare it without atomic<> or relaxed<>, let the struct extend ${packed}, and read it plain.`
        : `${nearest}; if the foreign layout really has it there, let the struct extend ${packed}.`;
    },
    why: "A value that straddles its natural boundary can be seen half-written by another process, and C refuses it too.",
    wrong: "export interface Head { tag: u16; size: at<u32, 6> }",
    right: "export interface Head { tag: u16; size: at<u32, 8> }",
  }),
  SHM3003: error({
    message: (f: { struct: string; size: number; needed: number }) =>
      `Struct '${f.struct}' is Sized<${f.size}>, but its fields take ${f.needed} bytes.`,
    hint: (f) => `write Sized<${f.needed}> or more, or take fields out.`,
    why: "Sized<N> is the exact size of a struct; fields that do not fit would lie outside.",
    wrong: "export interface Head extends Sized<4> { magic: u32; size: u32 }",
    right: "export interface Head extends Sized<8> { magic: u32; size: u32 }",
  }),
  SHM3004: error({
    message: (f: { struct: string; size: number; align: number }) =>
      `Struct '${f.struct}' is Sized<${f.size}>, which is not a multiple of its alignment ${f.align}.`,
    hint: (f) =>
      `write Sized<${Math.ceil(f.size / f.align) * f.align}>, or let the struct extend ${packedFor(f.size)}, which is aligned to ${packedFor(f.size) === "Packed" ? 1 : f.size % 4 === 0 ? 4 : 2} at most.`,
    why: "In an array every element has to be aligned, so the size of a struct is a multiple of its alignment.",
    wrong: "export interface Head extends Sized<10> { magic: u32; size: u32 }",
    right: "export interface Head extends Sized<12> { magic: u32; size: u32 }",
  }),
  SHM3005: error({
    message: (f: { struct: string; align: number; max: number; region: string }) =>
      `Region '${f.struct}' needs alignment ${f.align}, but the payload of ${f.region} is aligned to ${f.max} bytes only.`,
    hint: (f) => `lower the largest align<T, N> or Aligned<N> inside '${f.struct}' to ${f.max}.`,
    why: "A region's payload begins at a fixed offset of a page-aligned mapping, which limits the alignment inside.",
    wrong: "export interface Car extends Region<{ type: 1; version: 1 }> { speed: align<f64, 256> }",
    right: "export interface Car extends Region<{ type: 1; version: 1 }> { speed: align<f64, 128> }",
  }),
  SHM3006: error({
    message: (f: { what: string; size: string; max: number }) =>
      `${f.what} would take ${f.size} bytes; the largest struct has ${f.max}.`,
    hint: "check the lengths of its arrays; for data whose amount is known only at run time, end the region with a tail<T>.",
    why: "A struct of more than 1 TiB cannot be mapped by any supported host, so the number is taken for a mistake.",
    wrong: "export interface Log { lines: array<bytes<65536>, 4294967295> }",
    right: "export interface Log extends Region<{ type: 1; version: 1 }> { lines: tail<bytes<65536>> }",
  }),
  SHM3007: error({
    message: (f: { struct: string; size: number; max: number }) =>
      `The description of region '${f.struct}' takes ${f.size} bytes of JSON; a region may carry ${f.max}.`,
    hint: "replace repeated fields by arrays, or split the region.",
    why: "Every region carries its own layout, and readers bound what they are ready to unpack.",
    wrong: "",
    right: "",
  }),
  SHM3008: error({
    message: (f: { field: string; at: number; struct: string; size: number }) =>
      `Tail '${f.field}' is put at byte ${f.at}, but '${f.struct}' is Sized<${f.size}>, and its tail begins where it ends.`,
    hint: (f) => `drop at<T, ${f.at}> or write Sized<${f.at}>.`,
    why: "The tail is what follows the fixed part of a region, so the two numbers say the same thing.",
    wrong: "export interface Log extends Region<{ type: 1; version: 1 }>, Sized<64> { lines: at<tail<u8>, 32> }",
    right: "export interface Log extends Region<{ type: 1; version: 1 }>, Sized<64> { lines: tail<u8> }",
  }),
  SHM3021: error({
    message: (f: { field: string; struct: string; at: number; end: number }) =>
      `The tail '${f.field}' begins at byte ${f.at}, where '${f.struct}' ends, but C would put it at byte ${f.end}.`,
    hint: (f) =>
      `write at<tail<T>, ${f.at}> if it really begins there; if it begins at byte ${f.end}, let the struct extend Packed, and place fields that then move with at<T, offset>.`,
    why: "A tail follows the struct, which is as long as its alignment asks; a flexible array of C follows the last field. Where the two differ, the schema has to say which is meant.",
    wrong: "export interface Log extends Foreign { count: u32; kind: u8; bytes: tail<u8> }",
    right: "export interface Log extends Foreign, Packed { count: u32; kind: u8; bytes: tail<u8> }",
  }),
  SHM3020: error({
    message: (f: { struct: string; field: string; offset: number; align: number; next: number }) =>
      `Field '${f.field}' of the packed root '${f.struct}' is shared, but lies at byte ${f.offset}, which is no multiple of ${f.align}.`,
    hint: (f) =>
      `if the layout is yours, write at<T, ${f.next}> or Packed<${f.align}>; if another program has it there, no aligned access exists at this offset: declare it without atomic<> or relaxed<>, and read it plain.`,
    why: "The root of a region begins aligned, so a shared field in it is aligned where its offset is a multiple of its size, packed or not.",
    wrong: "export interface Page extends Foreign, Packed { tag: u8; count: atomic<u32> }",
    right: "export interface Page extends Foreign, Packed { tag: u8; count: at<atomic<u32>, 4> }",
  }),
  SHM3009: error({
    message: (f: { struct: string; field: string; inner: string }) =>
      `Packed struct '${f.struct}' cannot hold '${f.field}': '${f.inner}' asks for an alignment of its own, which it would lose.`,
    hint: "take Packed away and place the fields with at<T, N>, or drop align<T, N> and Aligned<N> inside the inner struct.",
    why: "A packed struct places its fields anywhere, so an alignment that was asked for could not be kept.",
    wrong:
      "export interface Line extends Aligned<64> { value: u32 }\nexport interface Head extends Packed { tag: u8; line: Line }",
    right: "export interface Line extends Aligned<64> { value: u32 }\nexport interface Head { tag: u8; line: Line }",
  }),
};
