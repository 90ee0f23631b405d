/**
 * A schema with every kind of type in every place that it may have. It is made of the vocabulary, so that a new word is either
 * told about here or fails the test.
 */
import { BITS_REPRS, REPRS, WORDS } from "../../../generator/dist/frontend/vocabulary.js";
import { ODD_NAMES, SCALAR_NAMES } from "../../../schema/dist/scalar-sizes.js";
import { compileSchema } from "./generated.js";

const reprs = [...REPRS];
const unsigned = [...BITS_REPRS];

/** Declarations that the types below refer to. */
const DECLARATIONS = [
  "export interface Wheel { rpm: f32; slip: f64 }",
  "export interface Packet extends Packed { tag: u8; length: be<u32>; wheel: Slim }",
  "export interface Slim extends Packed { rpm: f32; id: bytes<3> }",
  'export interface Tagged { kind: u8; data: union<{ /** @case 0 */ n: f64; /** @case 1, 2 */ wheel: Slim }, "kind"> }',
  "export type Either = union<{ n: u32; f: f32; raw: bytes<7>; list: array<u16, 2>; text: utf8<3>; wheel: Slim }>;",
  "export interface Shared { count: atomic<u64>; hint: relaxed<u16> }",
  ...reprs.map((repr) => `export type Level${repr} = enumOf<{ Zero: 0; One: 1; Two: 2; Three: 3 }, ${repr}>;`),
  ...reprs.map((repr) => `/** @repr ${repr} */\nexport enum Gear${repr} { Park, Reverse, Neutral, Drive }`),
  ...unsigned.map((repr) => `export type Flags${repr} = flags<Gear${repr}, ${repr}>;`),
  "export type Signed = bits<{ level: signed<3> }, u16>;",
  ...unsigned.map((repr) => `export type Bits${repr} = bits<{ low: 2; _1: pad<2>; high: signed<3> }, ${repr}>;`),
].join("\n");

type Use =
  /** Values of their own. */
  | { readonly values: readonly string[] }
  /** The same value, reached in another way. */
  | { readonly access: (of: string) => string }
  /** What holds values, or says where they lie. */
  | { readonly place: readonly ((of: string) => string)[] }
  /** A struct with the given fields; `step` places them. */
  | { readonly struct: string; readonly step?: (of: string, index: number) => string };

const scalar = (name: string): Use => ({ values: [name] });

/** What there is to try of each word of the language. */
const USES: Readonly<Record<string, Use>> = {
  ...Object.fromEntries([...SCALAR_NAMES, ...ODD_NAMES, "bool"].map((name) => [name, scalar(name)])),
  num: { values: ["num<u64>", "num<i64>"] },
  timestamp: { values: ['timestamp<"ms">', 'timestamp<"ns", u64>', 'timestamp<"us", i64>'] },
  enumOf: { values: reprs.flatMap((repr) => [`Level${repr}`, `Gear${repr}`]) },
  flags: { values: unsigned.map((repr) => `Flags${repr}`) },
  // Only in bits.
  signed: { values: ["Signed"] },
  bits: { values: unsigned.map((repr) => `Bits${repr}`) },
  utf8: { values: ["utf8<5>"] },
  latin1: { values: ["latin1<5>"] },
  utf16: { values: ["utf16<5>"] },
  utf32: { values: ["utf32<5>"] },
  bytes: { values: ["bytes<5>"] },
  Packed: { values: ["Wheel", "Slim", "Packet", "Shared"] },
  union: { values: ["Either", "Tagged", "union<{ a: atomic<u32>; b: bool }>"] },
  mutex: { values: ["mutex"] },
  event: { values: ["event"] },
  counters: { values: ["counters<2>"] },
  semaphore: { values: ["semaphore<3>"] },
  seqlock: {
    values: ["seqlock<Wheel>", "seqlock<u64>", "seqlock<utf8<5>>", "seqlock<utf16<5>>", "seqlock<be<utf32<5>>>"],
  },
  bipBuffer: { values: ["bipBuffer<64>"] },
  messages: { values: ["messages<128>"] },
  ring: { values: ["ring<Wheel, 4>", "ring<f64, 4>"] },
  queue: { values: ["queue<Wheel, 4>", "queue<f64, 4>"] },
  slotPool: { values: ["slotPool<Wheel, 4>", "slotPool<Shared, 3>", "slotPool<f64, 4>"] },
  workQueue: { values: ["workQueue<Wheel, 4>", "workQueue<f64, 3>"] },
  broadcast: { values: ["broadcast<Wheel, 4>", "broadcast<f64, 4>"] },
  map: {
    values: [
      "map<utf8<5>, Wheel, 3>",
      "map<u64, f64, 4>",
      "map<Levelu8, utf8<5>, 2>",
      "map<Leveli64, u8, 2>",
      "map<u64, utf16<5>, 4>",
      "map<bytes<9>, u8, 1>",
    ],
  },
  atomic: { access: (of) => `atomic<${of}>` },
  relaxed: { access: (of) => `relaxed<${of}>` },
  be: { access: (of) => `be<${of}>` },
  le: { access: (of) => `le<${of}>` },
  array: {
    place: [(of) => of, (of) => `array<${of}, 3>`, (of) => `array<array<${of}, 2>, 3>`],
  },
  align: { place: [(of) => `align<${of}, 64>`, (of) => `align<array<${of}, 3>, 64>`] },
  since: {
    place: [
      (of) => `since<${of}, 2>`,
      (of) => `since<array<${of}, 3>, 2>`,
      (of) => `since<array<array<${of}, 2>, 3>, 2>`,
      ...["1", "true", '"a"'].map((value) => (of: string) => `since<${of}, 2, ${value}>`),
    ],
  },
  tail: { place: [(of) => `tail<${of}>`] },
  expect: { place: ["1", "true", '"a"'].map((value) => (of: string) => `expect<${of}, ${value}>`) },
  // Bytes that no accessor has.
  reserved: { place: [(of) => `reserved<${of}>`, (of) => `reserved<array<${of}, 2>>`] },
  pad: { place: [(of) => (of === "u8" ? "pad<3>" : "")] },
  at: { struct: "", step: (of, index) => `at<${of}, ${index * 256 + 64}>` },
  Region: { struct: "extends Region<{ type: 0; version: 2 }>" },
  Foreign: { struct: "extends Foreign" },
  Aligned: { struct: "extends Aligned<64>" },
  Sized: { struct: "extends Sized<131072>" },
};

/** Why a type may be refused in a place; any other refusal is a fault of the test or of the compiler. */
const REFUSALS =
  /^SHM(1057|1058|1060|1065|1066|200[4-8]|2020|2021|2022|2023|2031|2035|2036|2037|205[0-9]|206[0-37]|300[1-9]|3020)$/;

export interface EveryType {
  readonly schema: string;
  /** Structs with one field for each type and place that is allowed; of tails there is one struct each. */
  readonly structs: readonly string[];
  /** Number of fields per word. */
  readonly counts: Readonly<Record<string, number>>;
}

/** A line of the schema; of those that may be refused, the words whose use it is. */
interface Line {
  readonly text: string;
  readonly words?: readonly string[];
}

/** Leaves out, as often as needed, the lines that the compiler refuses for a reason which is expected. */
async function allowedLines(lines: readonly Line[]): Promise<readonly Line[]> {
  const text = lines.map((line) => line.text).join("\n");
  const { diagnostics } = await compileSchema({ "every.shm.ts": text }, []);
  const refused = new Set(diagnostics.map(({ span }) => (span?.line ?? 0) - 1));
  const strange = diagnostics.filter(
    ({ code, span }) => !REFUSALS.test(code) || lines[(span?.line ?? 0) - 1]?.words === undefined,
  );
  if (strange.length > 0) throw new Error(`a refusal that is not expected: ${JSON.stringify(strange[0])}`);
  return refused.size === 0 ? lines : allowedLines(lines.filter((_, index) => !refused.has(index)));
}

type Wrap = { readonly word: string; readonly place: (of: string) => string };

/** Values, and those that are reached in another way. */
function everyValue(uses: readonly (readonly [string, Use])[]): { words: string[]; text: string }[] {
  const plain = uses.flatMap(([word, use]) =>
    "values" in use ? use.values.map((text) => ({ words: [word], text })) : [],
  );
  const reached = uses.flatMap(([word, use]) =>
    "access" in use ? plain.map(({ words, text }) => ({ words: [...words, word], text: use.access(text) })) : [],
  );
  return [...plain, ...reached];
}

/** Those that may be a field at all. */
async function allowedValues(
  head: readonly Line[],
  values: readonly { readonly words: readonly string[]; readonly text: string }[],
): Promise<typeof values> {
  const fields = values.map(({ words, text }, index) => ({ words, text: `f${index}: ${text};` }));
  const lines = await allowedLines([...head, { text: "export interface Probe {" }, ...fields, { text: "}" }]);
  const kept = new Set(lines.map(({ text }) => text));
  return values.filter((_, index) => kept.has(fields[index]?.text ?? ""));
}

/** Throws when the vocabulary has a word that nothing is told about above, or the other way round. */
export async function everyType(): Promise<EveryType> {
  const untold = [...WORDS.keys()].filter((word) => !(word in USES));
  const unknown = Object.keys(USES).filter((word) => !WORDS.has(word));
  if (untold.length + unknown.length > 0) throw new Error(`tell every-type.ts about ${[...untold, ...unknown].join()}`);
  const uses = Object.entries(USES);
  const head = DECLARATIONS.split("\n").map((text) => ({ text }));
  const imported = { text: `import type { ${[...WORDS.keys()].join(", ")} } from "@shmgen/schema";` };
  const values = await allowedValues([imported, ...head], everyValue(uses));
  const places = uses.flatMap(([word, use]): Wrap[] =>
    "place" in use ? use.place.map((place) => ({ word, place })) : [],
  );
  const lines: Line[] = [];
  let count = 0;
  const add = (name: string, head: string, word: string, wraps: readonly Wrap[]): void => {
    lines.push({ text: `export interface ${name} ${head} {` }, { text: "  first: u8;" });
    for (const { words, text } of values) {
      for (const wrap of wraps) {
        const type = wrap.place(text);
        if (type !== "") lines.push({ text: `  f${(count += 1)}: ${type};`, words: [...words, word, wrap.word] });
      }
    }
    lines.push({ text: "}" });
  };
  const inRow = places.filter(({ word }) => ["array", "align", "reserved", "pad"].includes(word));
  const arrays = places.filter(({ word }) => word === "array");
  add("Plain", "", "array", inRow);
  add("PackedPlain", "extends Packed", "Packed", arrays);
  for (const pack of [2, 4, 8]) add(`Packed${pack}`, `extends Packed<${pack}>`, "Packed", arrays);
  add("PackedRoot", "extends Foreign, Packed<2>", "Packed", arrays);
  for (const [word, use] of uses) {
    if (!("struct" in use)) continue;
    const { struct, step = (of) => of } = use;
    const more = { Region: "since", Foreign: "expect" }[word];
    const wraps = more === undefined ? arrays : places.filter((place) => place.word === more);
    let index = 0;
    const placed = wraps.map((wrap) => ({
      word: wrap.word,
      place: (of: string) => step(wrap.place(of), (index += 1)),
    }));
    add(`Every${word}`, struct, word, placed);
  }
  const tails = places.filter(({ word }) => word === "tail");
  for (const { words, text } of values) {
    for (const { word, place } of tails) {
      const name = `Tail${(count += 1)} extends Region<{ type: ${count}; version: 2 }>`;
      lines.push({ text: `export interface ${name} { first: u8; rest: ${place(text)} }`, words: [...words, word] });
    }
  }
  for (const { words, text } of values) {
    const name = `Counted${(count += 1)} extends Foreign, Packed`;
    lines.push({
      text: `export interface ${name} { count: u64; rest: tail<${text}, "count"> }`,
      words: [...words, "tail"],
    });
  }
  const inner = ["inner: Plain", "inners: array<Plain, 2>", "packed: PackedPlain", "packeds: array<PackedPlain, 2>"];
  const rows = `Rows extends Region<{ type: ${(count += 1)}; version: 2 }>`;
  lines.push({ text: `export interface ${rows} { rest: tail<array<array<Bitsu8, 2>, 2>> }` });
  lines.push({ text: `export interface Nest { ${inner.join("; ")} }` });
  const allowed = await allowedLines([imported, ...head, ...lines]);
  const used = allowed.flatMap((line) => line.words ?? []);
  return {
    schema: `${allowed.map(({ text }) => text).join("\n")}\n`,
    structs: allowed.flatMap(({ text }) => /^export interface (\w+)/.exec(text)?.[1] ?? []),
    counts: Object.fromEntries([...WORDS.keys()].map((word) => [word, used.filter((one) => one === word).length])),
  };
}
