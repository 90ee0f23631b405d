/** Whatever somebody types, the front end answers with diagnostics: it never throws, and never accepts what it did not read. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { explainCode } from "../../generator/dist/diagnostics/codes.js";
import { hasErrors } from "../../generator/dist/diagnostics/diagnostic.js";
import { renderGithub, renderJson, renderText } from "../../generator/dist/diagnostics/render.js";
import { checkIr } from "../../generator/dist/ir/check.js";
import { type TypeIr, SchemaIr, dumpSchemaIr, parseSchemaIr } from "../../generator/dist/ir/ir.js";
import { WORDS, checkSchema } from "../support/schemas/check-schema.js";
import { cpuMs } from "../support/run/figures.js";
import { byDepth } from "../support/run/depth.js";
import { runSeed } from "../support/run/random.js";

const seed = runSeed("front end");

const VALID = `import type { ${WORDS.split(" ").join(", ")} } from "@shmgen/schema";
import type * as shm from "@shmgen/schema";
import type { Tyre as Rubber } from "./other.shm.js";

/** Live state of one car. */
export interface Telemetry extends Region<{ type: 0x54; version: 3; readableFrom: 2; header: "standard"; name: "versioned" }>, Aligned<64> {
  /** Samples. */
  samples: atomic<u64>;
  gear: atomic<Gear>;
  position: array<f64, 3>;
  wheels: array<Wheel, COUNT>;
  status: bits<{ ready: 1; mode: 3 }, u32>;
  warnings: flags<Warning, u8>;
  lever: enumOf<{ Up: 0; Down: 1 }, u8>;
  swapped: be<u32>;
  driver: utf8<32>;
  placed: align<at<num<u64>, 0x400>, 64>;
  rubber: Rubber;
  spare: reserved<atomic<u32>>;
  gap: pad<4>;
  /** @was pace */
  speed: since<align<f64, 8>, 2, 0.5>;
  rest: tail<relaxed<u16>>;
}
export interface Wheel extends Packed, Sized<9> { rpm: shm.f32; slip: f32; on: bool }
type COUNT = 4;
/** @repr u8 */
export enum Gear { Park, Reverse = 1 << 3, Neutral = Reverse | 1 }
export enum Warning { Oil = 1, Fuel = 2 }
export interface Header extends Foreign { version: expect<u32, 3007000 | 1>; name: expect<bytes<4> | utf8<4>, "abcd"> }
`;
const OTHER =
  'import type { u8 } from "@shmgen/schema";\nexport enum Tyre { Soft, Hard }\nexport interface Rim { size: u8 }\n';

const tokens = VALID.match(/[A-Za-z_$][\w$]*|\d\w*|"[^"]*"|\/\*[^]*?\*\/|\s+|[^\s\w]/g) ?? [];
const EXTRA = [
  ..."{ } ( ) [ ] < > ; : , . ? | & = => ! @ # $ ` ' \" \\ / * /** */ // \n \u202e \u0000 😀 -1 0 1e3 1.5 .5 1. 0xff 0b11 0o17 1_0 1e400 0x 1n 99999999999999999999".split(
    " ",
  ),
  ..."class interface enum type const export default import from declare namespace extends implements readonly static get set async".split(
    " ",
  ),
  ..."number string boolean null undefined any unknown never void object symbol bigint typeof keyof infer unique this new".split(
    " ",
  ),
  ..."__proto__ constructor toString hasOwnProperty prototype Object Array Map Date Buffer Promise Record Partial".split(
    " ",
  ),
  ..."Telemetry Wheel Gear Gear.Park Rubber shm shm. COUNT @repr @was".split(" "),
];

type Mutation =
  | { readonly kind: "delete" | "double" | "swap"; readonly at: number }
  | { readonly kind: "insert" | "replace"; readonly at: number; readonly text: string };

const at = fc.nat({ max: tokens.length - 1 });
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: fc.constantFrom("delete" as const, "double" as const, "swap" as const), at }),
  fc.record({
    kind: fc.constantFrom("insert" as const, "replace" as const),
    at,
    text: fc.constantFrom(...EXTRA, ...tokens),
  }),
);

function mutate(mutations: readonly Mutation[]): string {
  const parts = [...tokens];
  for (const one of mutations) {
    const part = parts[one.at] ?? "";
    if (one.kind === "delete") parts[one.at] = "";
    else if (one.kind === "double") parts[one.at] = part + part;
    else if (one.kind === "insert") parts[one.at] = `${one.text} ${part}`;
    else if (one.kind === "replace") parts[one.at] = one.text;
    else {
      parts[one.at] = parts[one.at + 1] ?? "";
      parts[one.at + 1] = part;
    }
  }
  return parts.join("");
}

/** Reads the text; whatever it is, the answer must be well formed. */
function expectAnAnswer(text: string): void {
  const {
    ir,
    diagnostics,
    sources,
    text: rendered,
  } = checkSchema({ "car.shm.ts": text, "other.shm.ts": OTHER }, ["car.shm.ts"]);
  // A schema that says "undefined" itself may be quoted; otherwise the word comes from a value that is missing.
  const leaks = text.includes("undefined") ? /\[object|NaN/ : /\bundefined\b|\[object|NaN/;
  for (const { code, message, hint, span } of diagnostics) {
    expect(explainCode(code)).toBeDefined();
    expect(message.length * hint.length).toBeGreaterThan(0);
    expect(`${message}${hint}`).not.toMatch(leaks);
    if (span === undefined) continue;
    const source = (sources.get(span.file) ?? "").replace(/^\ufeff/, "");
    expect(span.start + span.length).toBeLessThanOrEqual(source.length);
    const lines = source.slice(0, span.start).split(/\r\n|[\n\r\u2028\u2029]/);
    expect([span.line, span.column]).toEqual([lines.length, (lines.at(-1)?.length ?? 0) + 1]);
  }
  // eslint-disable-next-line no-control-regex
  expect(rendered).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u202e]/);
  JSON.parse(renderJson(diagnostics));
  expect(renderGithub(diagnostics).split("\n").length).toBe(diagnostics.length + 1);
  // What could be read is a SchemaIr, whatever else is wrong; a clean one survives JSON.
  expect(SchemaIr.safeParse(ir).success).toBe(true);
  if (!hasErrors(diagnostics)) expect(parseSchemaIr(dumpSchemaIr(ir))).toEqual(ir);
}

describe("mutated schemas", () => {
  it("the schema to be mutated says what it says", () => {
    expect(checkSchema({ "car.shm.ts": VALID, "other.shm.ts": OTHER }).codes).toEqual(["SHM1019"]);
  });

  it("draw diagnostics, never exceptions: 1 to 4 tokens changed", () => {
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => expectAnAnswer(mutate(mutations))),
      { seed, numRuns: byDepth(400, 1000, 2000) },
    );
  });

  it("draw diagnostics, never exceptions: random text", () => {
    const piece = fc.oneof(fc.constantFrom(...EXTRA, ...tokens), fc.string({ unit: "binary", maxLength: 8 }));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => expectAnAnswer(pieces.join(" "))),
      { seed, numRuns: byDepth(200, 500, 1000) },
    );
  });

  it.each([
    ["brackets", `export interface Car { x: ${"(".repeat(20_000)}u8${")".repeat(20_000)} }`],
    ["arrays", `export interface Car { x: ${"array<".repeat(20_000)}u8${", 2>".repeat(20_000)} }`],
    [
      "aliases",
      Array.from({ length: 2000 }, (_, i) => `type A${i} = A${i + 1};`).join("\n") + "\nexport interface Car { x: A0 }",
    ],
    [
      "fanned aliases",
      Array.from({ length: 60 }, (_, i) => `type A${i} = A${i + 1} | A${i + 1};`).join("\n") +
        "\ntype A60 = 1;\nexport interface Car { x: array<u8, A0> }",
    ],
    ["an enum's value", `export enum E { A = ${"(".repeat(20_000)}1${")".repeat(20_000)} }`],
    ["a sum", `export enum E { A = ${"1 + ".repeat(20_000)}1 }`],
    ["members", `export enum E { ${Array.from({ length: 20_000 }, (_, i) => `M${i}`).join(", ")} }`],
  ])("deep or long input ends: %s", (_name, text) => {
    const start = cpuMs();
    checkSchema(`import type { u8, array } from "@shmgen/schema";\n${text}`);
    expect(cpuMs() - start).toBeLessThan(10_000);
  });

  it("a chain of 5,000 structs, one inside the next, is checked without exhausting the stack", () => {
    const structs = Array.from(
      { length: 5000 },
      (_, i) => `export interface S${i} { next: ${i < 4999 ? `S${i + 1}` : "u8"} }`,
    );
    const head = 'import type { u8 } from "@shmgen/schema";\n';
    expect(checkSchema(head + structs.join("\n")).codes).toEqual([]);
    expect(checkSchema(head + structs.join("\n").replace("next: u8", "next: S0")).codes).toEqual(["SHM2003"]);
  });
});

describe("a SchemaIr from JSON", () => {
  const nasty = fc.oneof(
    fc.constantFrom(
      "__proto__",
      "constructor",
      "*/",
      "a.shm.ts#A",
      "a.shm.ts#E",
      "a.shm.ts",
      "A",
      "E",
      "x",
      "class",
      "",
      "\n",
    ),
    fc.string({ unit: "binary", maxLength: 6 }),
  );
  const number = fc.oneof(fc.integer({ min: -2, max: 300 }), fc.maxSafeInteger());
  const { type } = fc.letrec<{ type: TypeIr }>((tie) => ({
    type: fc.oneof(
      { maxDepth: 5 },
      fc.record({ kind: fc.constant("scalar" as const), scalar: fc.constantFrom("u8", "u32", "u64", "f32", "i64") }),
      fc.record({ kind: fc.constant("num" as const), of: fc.constantFrom("u64", "i64") }),
      fc.record({ kind: fc.constant("enum" as const), enum: nasty }),
      fc.record({ kind: fc.constant("flags" as const), enum: nasty, repr: fc.constantFrom("u8", "u16", "u32") }),
      fc.record({ kind: fc.constant("bits" as const), bits: nasty }),
      fc.record({ kind: fc.constant("struct" as const), struct: nasty }),
      fc.record({ kind: fc.constantFrom("utf8" as const, "bytes" as const), size: number }),
      fc.record({ kind: fc.constant("array" as const), of: tie("type"), length: number }),
      fc.record({
        kind: fc.constantFrom("tail" as const, "atomic" as const, "relaxed" as const, "reserved" as const),
        of: tie("type"),
      }),
      fc.record({ kind: fc.constant("endian" as const), order: fc.constantFrom("big", "little"), of: tie("type") }),
    ) as fc.Arbitrary<TypeIr>,
  }));
  const optional = { requiredKeys: [] as [] };
  const expected = fc.oneof(
    fc.record({ kind: fc.constant("integer"), value: number.map(String) }),
    fc.record({ kind: fc.constant("float"), value: fc.double({ noNaN: true, noDefaultInfinity: true }) }),
    fc.record({ kind: fc.constant("text"), value: nasty }),
  );
  const field = fc
    .tuple(
      fc.record({ name: nasty, type }),
      fc.record(
        {
          docs: nasty,
          align: number,
          at: number,
          expect: fc.array(expected, { maxLength: 2 }),
          since: fc.record({ version: number, default: expected }, { requiredKeys: ["version"] }),
          was: nasty,
        },
        optional,
      ),
    )
    .map(([all, some]) => Object.assign(all, some));
  const role = fc.oneof(
    fc.constant({ kind: "plain" }),
    fc.constant({ kind: "foreign" }),
    fc.record(
      {
        kind: fc.constant("region"),
        typeId: number,
        version: number,
        readableFrom: number,
        header: fc.constantFrom("standard", "dotnet"),
        naming: fc.constant("versioned"),
      },
      { requiredKeys: ["kind", "typeId", "version", "readableFrom", "header"] },
    ),
  );
  const struct = fc
    .tuple(
      fc.record({
        id: nasty,
        name: nasty,
        file: nasty,
        role,
        packed: fc.boolean(),
        fields: fc.array(field, { maxLength: 4 }),
      }),
      fc.record({ docs: nasty, align: number, size: number }, optional),
    )
    .map(([all, some]) => Object.assign(all, some));
  const member = fc.record({ name: nasty, value: number });
  const ir = fc.record({
    irVersion: fc.constant(1),
    structs: fc.array(struct, { maxLength: 4 }),
    enums: fc.array(
      fc.record({
        id: nasty,
        name: nasty,
        file: nasty,
        repr: fc.constantFrom("u8", "u32"),
        members: fc.array(member, { maxLength: 3 }),
      }),
      { maxLength: 2 },
    ),
    bits: fc.array(
      fc.record({
        id: nasty,
        name: nasty,
        file: nasty,
        repr: fc.constantFrom("u8", "u64"),
        fields: fc.array(fc.record({ name: nasty, width: number }), { maxLength: 3 }),
      }),
      { maxLength: 2 },
    ),
  });

  it("is judged without exceptions, however hostile its names, comments and numbers", () => {
    fc.assert(
      fc.property(ir, (value) => {
        const parsed = SchemaIr.parse(JSON.parse(JSON.stringify(value)));
        const before = JSON.stringify(parsed);
        const diagnostics = checkIr(parsed);
        expect(JSON.stringify(parsed)).toBe(before);
        // eslint-disable-next-line no-control-regex
        expect(renderText(diagnostics)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u202e]/);
        // A name that a target cannot have is never let through.
        const isClean = !hasErrors(diagnostics);
        const names = [...parsed.structs, ...parsed.enums, ...parsed.bits].map(({ name }) => name);
        if (isClean) for (const name of names) expect(name).toMatch(/^[A-Za-z_]\w*$/);
      }),
      { seed, numRuns: byDepth(400, 1000, 2000) },
    );
  });
});
