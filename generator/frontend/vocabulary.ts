/** The words of `@shmgen/schema` as the front end knows them, and what people write instead of them. */
import { CONTAINERS, type ContainerKind } from "@shmgen/schema/containers";
import { BITS_REPR_NAMES, ODD_NAMES, REPR_NAMES, SCALAR_NAMES } from "@shmgen/schema/scalar-sizes";
import { nameAdvice } from "../diagnostics/name-advice.js";
import { distance } from "../diagnostics/suggest.js";
import type { TypeIr } from "../ir/ir.js";

/** Module specifier of the vocabulary. */
export const VOCABULARY = "@shmgen/schema";

/** Integers that hold enums. */
export const REPRS: ReadonlySet<string> = new Set(REPR_NAMES);
/** Integers that hold flags and bits. */
export const BITS_REPRS: ReadonlySet<string> = new Set(BITS_REPR_NAMES);

/** What a word is that has no arguments, or whose arguments are a type, a length, or both in this order, behind a type of keys. */
export type Made =
  | { readonly from: "nothing"; readonly type: TypeIr }
  | { readonly from: "length"; readonly type: (length: number) => TypeIr }
  | { readonly from: "type"; readonly type: (of: TypeIr) => TypeIr }
  | { readonly from: "type and length"; readonly type: (of: TypeIr, length: number) => TypeIr }
  | { readonly from: "key, type and length"; readonly type: (key: TypeIr, of: TypeIr, length: number) => TypeIr };

/** A word: how it is written, how many type arguments it takes, and whether it stands after `extends`. */
export interface Word {
  readonly form: string;
  readonly min: number;
  readonly max: number;
  readonly ofStruct: boolean;
  /** The type that the word is; absent where read-type.ts has to look closer at its arguments. */
  readonly made?: Made;
}

const word = (form: string, min: number, max = min, ofStruct = false): Word => ({ form, min, max, ofStruct });
const plain = (name: string, type: TypeIr): [string, Word] => [
  name,
  { ...word(name, 0), made: { from: "nothing", type } },
];
const ofLength = (name: string, type: (length: number) => TypeIr): [string, Word] => [
  name,
  { ...word(`${name}<N>`, 1), made: { from: "length", type } },
];
const ofType = (name: string, type: (of: TypeIr) => TypeIr): [string, Word] => [
  name,
  { ...word(`${name}<T>`, 1), made: { from: "type", type } },
];

/** A container takes its arguments in the order in which its form names them. */
function ofContainer({ word: container, takes, form }: ContainerKind): [string, Word] {
  const made = {
    nothing: { from: "nothing", type: { kind: "container", container } },
    length: { from: "length", type: (length: number) => ({ kind: "container", container, length }) },
    type: { from: "type", type: (of: TypeIr) => ({ kind: "container", container, of }) },
    "type and length": {
      from: "type and length",
      type: (of: TypeIr, length: number) => ({ kind: "container", container, of, length }),
    },
    "key, type and length": {
      from: "key, type and length",
      type: (key: TypeIr, of: TypeIr, length: number) => ({ kind: "container", container, key, of, length }),
    },
  } satisfies Record<ContainerKind["takes"], Made>;
  const count = { nothing: 0, length: 1, type: 1, "type and length": 2, "key, type and length": 3 }[takes];
  return [container, { ...word(form, count), made: made[takes] }];
}

export const WORDS: ReadonlyMap<string, Word> = new Map([
  ...SCALAR_NAMES.map((scalar) => plain(scalar, { kind: "scalar", scalar })),
  ...ODD_NAMES.map((integer) => plain(integer, { kind: "odd", integer })),
  plain("bool", { kind: "bool" }),
  ["num", word("num<u64> or num<i64>", 1)],
  ["timestamp", word('timestamp<"ms"> or timestamp<"ns", u64>', 1, 2)],
  ["enumOf", word("enumOf<{ A: 0; B: 1 }, u8>", 1, 2)],
  ["flags", word("flags<Enum, u32>", 2)],
  ["signed", word("signed<N>", 1)],
  ["bits", word("bits<{ ready: 1; mode: 3 }, u32>", 2)],
  ["union", word('union<{ asInt: u32; asFloat: f32 }> or union<{...}, "kind">', 1, 2)],
  ofType("atomic", (of) => ({ kind: "atomic", of })),
  ofType("relaxed", (of) => ({ kind: "relaxed", of })),
  [
    "array",
    {
      ...word("array<T, N>", 2),
      made: { from: "type and length", type: (of, length) => ({ kind: "array", of, length }) },
    },
  ],
  ["tail", word('tail<T> or tail<T, "count">', 1, 2)],
  ofLength("utf8", (size) => ({ kind: "utf8", size })),
  ofLength("latin1", (length) => ({ kind: "latin1", length })),
  ofLength("utf16", (length) => ({ kind: "utf16", length })),
  ofLength("utf32", (length) => ({ kind: "utf32", length })),
  ofLength("bytes", (size) => ({ kind: "bytes", size })),
  ["align", word("align<T, N>", 2)],
  ["at", word("at<T, offset>", 2)],
  ofType("be", (of) => ({ kind: "endian", order: "big", of })),
  ofType("le", (of) => ({ kind: "endian", order: "little", of })),
  ["expect", word("expect<T, V>", 2)],
  ["since", word("since<T, version> or since<T, version, default>", 2, 3)],
  ofType("reserved", (of) => ({ kind: "reserved", of })),
  ofLength("pad", (size) => ({ kind: "reserved", of: { kind: "bytes", size } })),
  ...[...CONTAINERS.values()].map(ofContainer),
  ["Region", word("Region<{ type: 1; version: 1 }>", 1, 1, true)],
  ["Foreign", word("Foreign", 0, 0, true)],
  ["Packed", word("Packed or Packed<4>", 0, 1, true)],
  ["Aligned", word("Aligned<N>", 1, 1, true)],
  ["Sized", word("Sized<N>", 1, 1, true)],
]);

/** Names of other languages and libraries, with the word that is meant. Those that mean several are in diagnostics/name-advice.ts. */
const FOREIGN_NAMES: ReadonlyMap<string, string> = new Map([
  ["int", "i32"],
  ["uint", "u32"],
  ["unsigned", "u32"],
  ["short", "i16"],
  ["ushort", "u16"],
  ["float", "f32"],
  ["double", "f64"],
  ["uchar", "u8"],
  ["byte", "u8"],
  ["sbyte", "i8"],
  ["longlong", "i64"],
  ["usize", "u64"],
  ["isize", "i64"],
  ["size_t", "u64"],
  ["ssize_t", "i64"],
  ["intptr_t", "i64"],
  ["uintptr_t", "u64"],
  // Windows, where LONG has 4 bytes.
  ["word", "u16"],
  ["dword", "u32"],
  ["qword", "u64"],
  ["dword64", "u64"],
  ["handle", "u64"],
  ["LONG", "i32"],
  ["ULONG", "u32"],
  ["LONGLONG", "i64"],
  ["ULONGLONG", "u64"],
  ["text", "utf8"],
  ["str", "utf8"],
  ["ucs2", "utf16"],
  ["ucs4", "utf32"],
  ["ansi", "latin1"],
  ["cp1252", "latin1"],
  ["windows1252", "latin1"],
  ["iso8859_1", "latin1"],
  ["optional", "bool"],
]);

/** The word that is meant by a name such as `uint32_t`, `Int16`, `__u32`, `float64`, `DWORD` or `double`; with its order, `be<u16>`, by `__be16`. */
function meantWord(name: string): string | undefined {
  const ordered = /^_*(be|le)(16|32|64)(?:_t)?$/.exec(name);
  if (ordered !== null) return `${ordered[1]}<u${ordered[2]}>`;
  const sized = /^_*(u|i|s|f)(?!tf)[a-z]*?(8|16|24|32|64|128)(?:_t)?$/i.exec(name);
  const word =
    sized === null
      ? (FOREIGN_NAMES.get(name) ?? FOREIGN_NAMES.get(name.toLowerCase()))
      : `${sized[1]?.toLowerCase().replace("s", "i")}${sized[2]}`;
  return word !== undefined && WORDS.has(word) ? word : undefined;
}

/** The word or name of the file that is meant by a name; undefined also where several words may be, which the message tells. */
export function suggestionFor(name: string, known: readonly string[]): string | undefined {
  const meant = meantWord(name);
  if (meant !== undefined) return meant;
  const same = known.find((one) => !WORDS.has(one) && one.toLowerCase() === name.toLowerCase());
  return same ?? (nameAdvice(name) === undefined ? nearest(name, known) : undefined);
}

/** The candidate nearest to `name`, if one is near enough to be meant; the first of equals in order of code units. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length > 64) return undefined;
  const limit = name.length < 3 ? 1 : name.length < 6 ? 2 : 3;
  let best: string | undefined;
  let steps = limit + 1;
  for (const candidate of [...candidates].sort()) {
    const found = candidate.toLowerCase() === name.toLowerCase() ? 0 : distance(name, candidate);
    if (found < steps && found < candidate.length) {
      best = candidate;
      steps = found;
    }
  }
  return best;
}
