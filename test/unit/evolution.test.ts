/** The verdict engine: every rule is drawn by a pair of layouts, with the class that docs/EVOLUTION.md states. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format } from "prettier";
import { describe, expect, it } from "vitest";
import {
  type Change,
  compareLayouts,
  CLASSES,
  type RuleCode,
  RULES,
  type Rule,
  sentenceOf,
  type Verdict,
} from "../../schema/dist/evolution/index.js";
import { layoutsOf, type PublishedLayout } from "../../generator/dist/evolution/published-layout.js";
import { compileSchema } from "../support/schemas/generated.js";

const WORDS =
  "i8 u8 i16 u16 i32 u32 i64 u64 u24 i24 u128 f32 f64 bool num timestamp enumOf flags bits signed atomic relaxed array tail union utf8 latin1 utf16 utf32 bytes align at be le " +
  "expect since pad reserved Region Foreign Packed Aligned Sized mutex semaphore ring";

/** The root of a schema text, which leaves the import out. */
async function layoutOf(text: string): Promise<PublishedLayout> {
  const used = WORDS.split(" ").filter((word) => new RegExp(`\\b${word}\\b`).test(text));
  const schema = `import type { ${used.join(", ")} } from "@shmgen/schema";\n${text}`;
  const { model, diagnostics } = await compileSchema({ "car.shm.ts": schema }, []);
  expect(diagnostics, text).toEqual([]);
  const [layout] = model === undefined ? [] : layoutsOf(model);
  if (layout === undefined) throw new Error("the schema has no root");
  return layout;
}

/** A region whose fields are given; of version 2, readable by version 1, when it is the newer one. */
const region = (fields: string, options = "version: 1", more = ""): string =>
  `export interface Car extends Region<{ type: 1; ${options} }> { ${fields} }\n${more}`;
const NEWER = "version: 2; readableFrom: 1";

async function verdictOf(older: string, newer: string): Promise<Verdict> {
  return compareLayouts(await layoutOf(older), await layoutOf(newer));
}

/** Fields of both sides, and what else they declare. */
const fields = (older: string, newer: string, more = "", moreNewer = more): readonly [string, string] => [
  region(older, "version: 1", more),
  region(newer, NEWER, moreNewer),
];

const GEAR = "/** @repr u8 */ export enum Gear { Park, Drive }";
const gear = (members: string): string => `/** @repr u8 */ export enum Gear { ${members} }`;
const WHEEL = "export interface Wheel { rpm: f32; slip: f32 }";
const wheel = (text: string): string => `export interface Wheel { ${text} }`;
const lamps = (text: string): string => `export type Lamps = bits<{ ${text} }, u8>;`;

const either = (members: string): string => `export type E = union<{ ${members} }>;`;
/** A union with a tag: the cases of its first member before and after, and of its second one. */
const cases = (a: string, b: string, c = "9", d = c): [string, string] => {
  const union = (one: string, two: string): string =>
    `k: u8; e: union<{ /** @case ${one} */ a: u32; /** @case ${two} */ b: f32 }, "k">`;
  return [union(a, c), union(b, d)];
};

/** One pair of schemas for each rule. */
const CASES: Readonly<Record<RuleCode, readonly [older: string, newer: string]>> = {
  "region-type": [region("a: u32"), region("a: u32").replace("type: 1", "type: 2")],
  "region-header": [region("a: u32"), region("a: u32", 'version: 1; header: "dotnet"')],
  "region-renamed": [region("a: u32"), region("a: u32", NEWER).replace("Car", "Auto")],
  "region-size": fields("a: u32", "a: u32; b: pad<4>"),
  "version-unchanged": [region("a: u32"), region("a: i32")],
  "version-lowered": [region("a: u32", "version: 2"), region("a: u32")],
  "readable-from-excludes": [region("a: u32"), region("a: u32", "version: 2")],
  "readable-from-raised": [
    region("a: u32", "version: 2; readableFrom: 1"),
    region("a: u32", "version: 3; readableFrom: 2"),
  ],
  "readable-from-lowered": [region("a: u32", "version: 2"), region("a: u32", "version: 3; readableFrom: 1")],
  "field-appended": fields("a: u32", "a: u32; b: since<u32, 2, 5>"),
  "field-in-reserved": fields("a: u32; kept: pad<8>; z: u32", "a: u32; b: since<u32, 2, 5>; kept: pad<4>; z: u32"),
  "field-in-hole": fields("a: u8; z: u32", "a: u8; b: since<u8, 2, 5>; z: u32"),
  "field-in-the-middle": fields("a: u32; z: u32", "a: u32; b: since<u32, 2, 5>; z: u32"),
  "field-over-field": fields("a: u32", "b: since<u32, 2, 5>"),
  "field-without-since": fields("a: u32", "a: u32; b: u32"),
  "field-since-untrue": [region("a: u32", "version: 2"), region("a: u32; b: since<u32, 2, 5>", "version: 3")],
  "field-removed": fields("a: u32; b: u32", "a: u32"),
  "field-reserved": fields("a: u32; b: u32", "a: u32; b: reserved<u32>"),
  "reserved-changed": fields("a: u32; b: pad<4>", "a: u32; b: pad<2>; c: pad<2>"),
  "field-renamed": fields("a: u32", "/** @was a */ b: u32"),
  "field-reordered": fields("a: u32; b: u32", "b: u32; a: u32"),
  "field-moved": fields("a: u32; b: u32", "a: u32; k: pad<4>; b: u32"),
  "struct-split": fields(
    "a: One; b: Two",
    "a: Wheel; b: Wheel",
    "export interface One { rpm: f32; kept: pad<4> } export interface Two { rpm: f32; slip: f32 }",
    wheel("rpm: f32; slip: since<f32, 2, 0>"),
  ),
  "type-widened": fields("a: u16", "a: u32"),
  "type-narrowed": fields("a: u32", "a: u16"),
  "type-signedness": fields("a: u32", "a: i32"),
  "type-changed": fields("a: u32", "a: f32"),
  "number-form": fields("a: u64", "a: num<u64>"),
  "timestamp-unit": fields('a: timestamp<"ms">', 'a: timestamp<"ns">'),
  "number-from-enum": fields("a: Gear", "a: u8", GEAR, ""),
  "number-to-enum": fields("a: u8", "a: Gear", "", GEAR),
  "access-strengthened": fields("a: u32", "a: atomic<u32>"),
  "access-weakened": fields("a: atomic<u32>", "a: relaxed<u32>"),
  "byte-order": fields("a: be<u32>", "a: le<u32>"),
  "byte-order-spelled": fields("a: u32", "a: le<u32>"),
  "text-capacity": fields("a: utf8<8>", "a: utf8<16>"),
  "text-encoding": fields("a: utf8<8>", "a: latin1<8>"),
  "bytes-size": fields("a: bytes<8>", "a: bytes<16>"),
  "array-length": fields("a: array<u32, 4>", "a: array<u32, 5>"),
  "tail-added": fields("a: u32", "a: u32; b: tail<u32>"),
  "tail-removed": fields("a: u32; b: tail<u32>", "a: u32"),
  "tail-moved": fields("a: u32; t: tail<u32>", "a: u32; b: since<u32, 2, 0>; t: tail<u32>"),
  "tail-count": [
    'export interface Log extends Foreign { a: u32; b: u32; t: tail<u32, "a"> }',
    'export interface Log extends Foreign { a: u32; b: u32; t: tail<u32, "b"> }',
  ],
  "tail-stride": fields("a: u32; t: tail<u32>", "a: u32; t: tail<u16>"),
  "struct-size": fields(
    "a: array<Wheel, 2>",
    "a: array<Wheel, 2>",
    WHEEL,
    wheel("rpm: f32; slip: f32; wear: since<f32, 2, 0>"),
  ),
  "struct-align": fields("a: u32; b: u32", "a: u32; b: align<u32, 4>; c: since<u64, 2, 0n>"),
  "struct-packing": fields(
    "w: Wheel",
    "w: Wheel",
    WHEEL,
    "export interface Wheel extends Packed { rpm: f32; slip: f32 }",
  ),
  "union-changed": fields("e: E", "e: E", "export interface E { a: u32 }", "export type E = union<{ a: u32 }>;"),
  "union-member-added": fields("e: E", "e: E", either("a: u32"), either("a: u32; b: f32")),
  "union-member-removed": fields("e: E", "e: E", either("a: u32; b: f32"), either("a: u32")),
  "union-tag-changed": fields(
    'k: u8; l: u8; e: union<{ /** @case 1 */ a: u32 }, "k">',
    'k: u8; l: u8; e: union<{ /** @case 1 */ a: u32 }, "l">',
  ),
  "union-tag-named": fields("k: u8; e: union<{ a: u32 }>", 'k: u8; e: union<{ /** @case 1 */ a: u32 }, "k">'),
  "union-case-added": fields(...cases("1", "1, 2")),
  "union-case-removed": fields(...cases("1, 2", "1")),
  "union-case-moved": fields(...cases("1, 2", "1", "3", "2, 3")),
  "participants-added": fields("a: u32", "a: u32; door: since<mutex, 2>"),
  "participants-removed": fields("door: mutex; a: u32", "a: u32"),
  "container-changed": fields("door: mutex", "door: semaphore<2>"),
  "struct-renamed": fields("w: Wheel", "w: Tyre", WHEEL, WHEEL.replace("Wheel", "Tyre")),
  "enum-member-added": fields("g: Gear", "g: Gear", GEAR, gear("Park, Drive, Sport")),
  "enum-member-removed": fields("g: Gear", "g: Gear", GEAR, gear("Park")),
  "enum-member-renamed": fields("g: Gear", "g: Gear", GEAR, gear("Park, Forward")),
  "enum-member-renumbered": fields("g: Gear", "g: Gear", GEAR, gear("Park, Drive = 7")),
  "enum-repr": fields("g: Gear", "g: Gear", GEAR, GEAR.replace("u8", "u16")),
  "flag-added": fields(
    "g: flags<Gear, u8>",
    "g: flags<Gear, u8>",
    gear("Park = 1, Drive = 2"),
    gear("Park = 1, Drive = 2, Sport = 4"),
  ),
  "flag-removed": fields("g: flags<Gear, u8>", "g: flags<Gear, u8>", gear("Park = 1, Drive = 2"), gear("Park = 1")),
  "bits-added": fields("l: Lamps", "l: Lamps", lamps("low: 1"), lamps("low: 1; high: 1")),
  "bits-removed": fields("l: Lamps", "l: Lamps", lamps("low: 1; high: 1"), lamps("low: 1")),
  "bits-moved": fields("l: Lamps", "l: Lamps", lamps("low: 1; high: 1"), lamps("low: 2; high: 1")),
  "expect-narrowed": [
    "export interface Head extends Foreign { magic: expect<u32, 1 | 2> }",
    "export interface Head extends Foreign { magic: expect<u32, 1> }",
  ],
  "expect-widened": [
    "export interface Head extends Foreign { magic: expect<u32, 1> }",
    "export interface Head extends Foreign { magic: expect<u32, 1 | 2> }",
  ],
  "docs-changed": [region("/** One. */ a: u32"), region("/** Two. */ a: u32")],
};

const find = (verdict: Verdict, rule: RuleCode): Change | undefined => verdict.changes.find((one) => one.rule === rule);

describe("the verdict engine", () => {
  it("knows at least 30 kinds of change, each with a case here", () => {
    expect(Object.keys(RULES).length).toBeGreaterThanOrEqual(30);
    expect(Object.keys(CASES).sort()).toEqual(Object.keys(RULES).sort());
  });

  it.each(Object.entries(CASES))("%s is found, with its class and a sentence", async (code, [older, newer]) => {
    const rule = code as RuleCode;
    const verdict = await verdictOf(older, newer);
    const change = find(verdict, rule);
    expect(change, JSON.stringify(verdict.changes)).toBeDefined();
    expect(change?.class).toBe(RULES[rule].class);
    expect(change && sentenceOf(change)).toContain(RULES[rule].sees);
    const classes = verdict.changes.map((one) => CLASSES.indexOf(one.class));
    expect(CLASSES.indexOf(verdict.class)).toBe(Math.max(...classes));
  });

  it("finds nothing between a layout and itself, and says so by the class", async () => {
    for (const [older] of Object.values(CASES)) {
      expect(await verdictOf(older, older)).toEqual({ class: "identical", changes: [], partial: [] });
    }
  });

  it("has names of kept bytes for a part of the layout, as its fingerprint has", async () => {
    const swapped = ["a: u32; b: pad<2>; c: pad<2>", "a: u32; c: pad<2>; b: pad<2>"] as const;
    const [older, newer] = fields(...swapped);
    expect((await verdictOf(older, newer)).changes.map(({ rule }) => rule)).toEqual(["reserved-changed"]);
    const [first, second] = swapped.map((one) => region(one, "version: 1")) as [string, string];
    expect((await verdictOf(first, second)).class).toBe("breaking");
  });

  it("names what an older region lacks, and how much of the struct it has", async () => {
    const { partial, class: strength } = await verdictOf(
      ...fields("a: u32", "a: u32; b: since<u32, 2, 5>; c: since<u64, 2, 1n>"),
    );
    expect(strength).toBe("compatible");
    expect(partial.map(({ struct, size, lacking }) => [struct.name, size, [...lacking]])).toEqual([
      ["Car", 4, ["b", "c"]],
    ]);
  });

  it("looks into nested structs, arrays and tails, once for each pair", async () => {
    const more = wheel("rpm: f32; kept: pad<4>");
    const moreNewer = wheel("rpm: f32; slip: since<f32, 2, 1>");
    const { changes, partial } = await verdictOf(
      ...fields("w: array<Wheel, 4>; t: tail<Wheel>", "w: array<Wheel, 4>; t: tail<Wheel>", more, moreNewer),
    );
    expect(changes.filter(({ path }) => path === "Wheel.slip").map(({ rule }) => rule)).toEqual(["field-in-reserved"]);
    expect(partial.map(({ struct }) => struct.name)).toEqual(["Wheel"]);
  });

  it("figure: compares 1,000 fields, description included", async () => {
    const many = (type: string): string => Array.from({ length: 1000 }, (_, n) => `f${n}: ${type}`).join("; ");
    const [older, newer] = await Promise.all([layoutOf(region(many("u32"))), layoutOf(region(many("i32"), NEWER))]);
    const times: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const begun = performance.now();
      expect(compareLayouts(older, newer).changes.length).toBe(1000);
      times.push(performance.now() - begun);
    }
    console.log(`1,000 fields compared in ${times.map((ms) => ms.toFixed(1)).join(", ")} ms`);
  });
});

describe("docs/EVOLUTION.md", () => {
  it("has the table of rules as they are (UPDATE_DOCS=1 writes it)", async () => {
    const path = join(import.meta.dirname, "../../docs/EVOLUTION.md");
    const text = readFileSync(path, "utf8");
    const [begin, end] = ["<!-- rules: begin -->", "<!-- rules: end -->"];
    const rows = Object.entries(RULES as Readonly<Record<string, Rule>>).map(
      ([code, { class: strength, what, sees, advice }]) =>
        `| \`${code}\` | ${strength} | ${what} | ${sees} | ${advice} |`,
    );
    const table = [
      "| rule | class | what changed | what programs see | what to do |",
      "| - | - | - | - | - |",
      ...rows,
    ];
    const made = `${text.slice(0, text.indexOf(begin))}${begin}\n\n${table.join("\n")}\n\n${text.slice(text.indexOf(end))}`;
    const formatted = await format(made, { parser: "markdown", printWidth: 125 });
    if (process.env["UPDATE_DOCS"] === "1") writeFileSync(path, formatted);
    else expect(text).toBe(formatted);
  });
});
