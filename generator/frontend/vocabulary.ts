/** The words of `@shmgen/schema` as the front end knows them, and what people write instead of them. */
import type { ReprName, ScalarName } from "../ir/ir.js";

/** Module specifier of the vocabulary. */
export const VOCABULARY = "@shmgen/schema";

export const SCALARS: ReadonlySet<string> = new Set<ScalarName>([
  "i8",
  "u8",
  "i16",
  "u16",
  "i32",
  "u32",
  "i64",
  "u64",
  "f32",
  "f64",
]);

/** Integers that hold enums and flags; bits may also lie in u64. */
export const REPRS: ReadonlySet<string> = new Set<ReprName>(["u8", "u16", "u32"]);

/** A word: how it is written, how many type arguments it takes, and whether it stands after `extends`. */
export interface Word {
  readonly form: string;
  readonly min: number;
  readonly max: number;
  readonly ofStruct: boolean;
}

const word = (form: string, min: number, max = min, ofStruct = false): Word => ({ form, min, max, ofStruct });

export const WORDS: ReadonlyMap<string, Word> = new Map([
  ...[...SCALARS, "bool"].map((name) => [name, word(name, 0)] as const),
  ["num", word("num<u64> or num<i64>", 1)],
  ["enumOf", word("enumOf<{ A: 0; B: 1 }, u8>", 1, 2)],
  ["flags", word("flags<Enum, u32>", 2)],
  ["bits", word("bits<{ ready: 1; mode: 3 }, u32>", 2)],
  ["atomic", word("atomic<T>", 1)],
  ["relaxed", word("relaxed<T>", 1)],
  ["array", word("array<T, N>", 2)],
  ["tail", word("tail<T>", 1)],
  ["utf8", word("utf8<N>", 1)],
  ["bytes", word("bytes<N>", 1)],
  ["align", word("align<T, N>", 2)],
  ["at", word("at<T, offset>", 2)],
  ["be", word("be<T>", 1)],
  ["le", word("le<T>", 1)],
  ["expect", word("expect<T, V>", 2)],
  ["since", word("since<T, version> or since<T, version, default>", 2, 3)],
  ["reserved", word("reserved<T>", 1)],
  ["pad", word("pad<N>", 1)],
  ["Region", word("Region<{ type: 1; version: 1 }>", 1, 1, true)],
  ["Foreign", word("Foreign", 0, 0, true)],
  ["Packed", word("Packed", 0, 0, true)],
  ["Aligned", word("Aligned<N>", 1, 1, true)],
  ["Sized", word("Sized<N>", 1, 1, true)],
]);

/** Names of other languages and libraries, with the word that is meant. */
const FOREIGN_NAMES: ReadonlyMap<string, string> = new Map([
  ["int", "i32"],
  ["uint", "u32"],
  ["short", "i16"],
  ["long", "i64"],
  ["float", "f32"],
  ["double", "f64"],
  ["char", "u8"],
  ["byte", "u8"],
  ["usize", "u64"],
  ["isize", "i64"],
  ["size_t", "u64"],
  ["Int", "i32"],
  ["Float", "f32"],
  ["Double", "f64"],
  ["text", "utf8"],
  ["str", "utf8"],
  ["Optional", "bool"],
]);

/** The word that is meant by a name such as `uint32_t`, `Int16`, `float64` or `double`. */
export function meantWord(name: string): string | undefined {
  const sized = /^(u|i|f)[a-z]*?(8|16|32|64)(?:_t)?$/i.exec(name);
  const word = sized === null ? FOREIGN_NAMES.get(name) : `${sized[1]?.toLowerCase()}${sized[2]}`;
  return word !== undefined && WORDS.has(word) ? word : undefined;
}

/** Steps from one word to another: letters replaced, added, left out, or two of them swapped. Gives up above `limit`. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let least = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, (before[j - 2] ?? 0) + 1);
      next.push(least);
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? limit + 1;
}

/** The candidate nearest to `name`, if one is near enough to be meant; the first of equals in order of code units. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length > 64) return undefined;
  const limit = name.length < 3 ? 1 : name.length < 6 ? 2 : 3;
  let best: string | undefined;
  let steps = limit + 1;
  for (const candidate of [...candidates].sort()) {
    const found = candidate.toLowerCase() === name.toLowerCase() ? 0 : distance(name, candidate, limit);
    if (found < steps && found < candidate.length) {
      best = candidate;
      steps = found;
    }
  }
  return best;
}
