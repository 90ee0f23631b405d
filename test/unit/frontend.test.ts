import { describe, expect, it } from "vitest";
import { listCodes, codes } from "../../generator/dist/diagnostics/codes.js";
import { readSchema } from "../../generator/dist/frontend/read-schema.js";
import { type FieldIr, type TypeIr, SchemaIr, dumpSchemaIr, parseSchemaIr } from "../../generator/dist/ir/ir.js";
import { checkSchema, withImport } from "../support/schemas/check-schema.js";
import { cpuMs } from "../support/run/figures.js";

/** The only field of a struct that has `type`, next to `declarations`. */
function fieldOf(type: string, declarations = "", base = ""): FieldIr {
  const { ir, text } = checkSchema(withImport(`${declarations}\nexport interface Car${base} { it: ${type} }\n`));
  expect(text).toBe("");
  const field = ir.structs.find(({ name }) => name === "Car")?.fields[0];
  if (field === undefined) throw new Error("no field");
  return field;
}

const u32: TypeIr = { kind: "scalar", scalar: "u32" };
const FOREIGN = " extends Foreign";
const GEAR = "/** @repr u8 */ export enum Gear { Park, Drive }";

describe("every word of the schema language is read", () => {
  it.each(["i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64", "f32", "f64"] as const)("%s", (scalar) => {
    expect(fieldOf(scalar).type).toEqual({ kind: "scalar", scalar });
  });

  const types: [string, TypeIr, string?][] = [
    ["bool", { kind: "bool" }],
    ["num<u64>", { kind: "num", of: "u64" }],
    ["num<i64>", { kind: "num", of: "i64" }],
    ["atomic<num<u64>>", { kind: "atomic", of: { kind: "num", of: "u64" } }],
    ["Gear", { kind: "enum", enum: "car.shm.ts#Gear" }, GEAR],
    ["atomic<Gear>", { kind: "atomic", of: { kind: "enum", enum: "car.shm.ts#Gear" } }, GEAR],
    ["flags<Gear, u16>", { kind: "flags", enum: "car.shm.ts#Gear", repr: "u16" }, GEAR],
    ["relaxed<u32>", { kind: "relaxed", of: u32 }],
    ["array<u32, 0x10>", { kind: "array", of: u32, length: 16 }],
    ["array<u32, 1_000>", { kind: "array", of: u32, length: 1000 }],
    ["array<u32, N>", { kind: "array", of: u32, length: 4 }, "type N = M; type M = (4);"],
    ["array<array<u32, 2>, 3>", { kind: "array", of: { kind: "array", of: u32, length: 2 }, length: 3 }],
    ["utf8<32>", { kind: "utf8", size: 32 }],
    ["utf16<32>", { kind: "utf16", length: 32 }],
    ["utf32<N>", { kind: "utf32", length: 4 }, "type N = 4;"],
    ["latin1<32>", { kind: "latin1", length: 32 }],
    ["be<utf16<32>>", { kind: "endian", order: "big", of: { kind: "utf16", length: 32 } }],
    ["bytes<8>", { kind: "bytes", size: 8 }],
    ["Wheel", { kind: "struct", struct: "car.shm.ts#Wheel" }, "export interface Wheel { rpm: f32 }"],
    ["be<u32>", { kind: "endian", order: "big", of: u32 }],
    ["le<u32>", { kind: "endian", order: "little", of: u32 }],
    ["reserved<u32>", { kind: "reserved", of: u32 }],
    [
      "reserved<array<atomic<u32>, 2>>",
      { kind: "reserved", of: { kind: "array", of: { kind: "atomic", of: u32 }, length: 2 } },
    ],
    ["pad<12>", { kind: "reserved", of: { kind: "bytes", size: 12 } }],
    ["reserved<bytes<12>>", { kind: "reserved", of: { kind: "bytes", size: 12 } }],
    ["(u32)", u32],
    [
      "Alias",
      { kind: "array", of: u32, length: 2 },
      "type Alias = Other; type Other = array<Word, 2>; type Word = u32;",
    ],
  ];
  it.each(types)("%s", (text, type, declarations) => {
    expect(fieldOf(text, declarations).type).toEqual(type);
  });

  it("align, at and expect go to the field, in any order and behind aliases", () => {
    const whole = { type: u32, align: 64, at: 128, expect: [{ kind: "integer", value: "7" }] };
    for (const text of [
      "align<at<expect<u32, 7>, 128>, 64>",
      "expect<align<at<u32, 0x80>, 64>, 7>",
      "at<expect<align<u32, 64>, 7>, 128>",
      "at<Aligned7, 128>",
    ]) {
      expect(
        fieldOf(text, "type Aligned7 = align<expect<u32, Seven>, 64>; type Seven = 7;", FOREIGN),
        text,
      ).toMatchObject(whole);
    }
  });

  it("expect takes literals of every kind, unions and members of enums", () => {
    const values = (text: string): unknown =>
      fieldOf(text, `${GEAR} type Versions = 1 | (2 | Three); type Three = 0x3;`, FOREIGN).expect;
    expect(values("expect<u32, Versions | 1>")).toEqual(["1", "2", "3"].map((value) => ({ kind: "integer", value })));
    expect(values("expect<i64, -9223372036854775808n>")).toEqual([{ kind: "integer", value: "-9223372036854775808" }]);
    expect(values("expect<be<f64>, 1 | -0.5>")).toEqual([1, -0.5].map((value) => ({ kind: "float", value })));
    expect(values("expect<bool, true>")).toEqual([{ kind: "bool", value: true }]);
    expect(values('expect<utf8<4>, "RIFF">')).toEqual([{ kind: "text", value: "RIFF" }]);
    expect(values('expect<bytes<4>, "89 50 4E47" | "89504e47">')).toEqual([{ kind: "text", value: "89504e47" }]);
    expect(values("expect<Gear, Gear.Drive>")).toEqual([{ kind: "integer", value: "1" }]);
    expect(values("expect<atomic<u32>, 1>")).toEqual([{ kind: "integer", value: "1" }]);
  });

  it("since goes to the field, with or without a default", () => {
    const since = (text: string): unknown => {
      const region = " extends Region<{ type: 1; version: 9 }>";
      return fieldOf(text, `${GEAR} type Two = 2; type Five = 5; type Late = since<u32, Two, 7>;`, region).since;
    };
    expect(since("since<atomic<u32>, 2>")).toEqual({ version: 2 });
    expect(since("since<atomic<u32>, Two, Five>")).toEqual({ version: 2, default: { kind: "integer", value: "5" } });
    expect(since("align<Late, 64>")).toEqual({ version: 2, default: { kind: "integer", value: "7" } });
    expect(since("since<align<u64, 16>, 9, 18446744073709551615n>")).toEqual({
      version: 9,
      default: { kind: "integer", value: "18446744073709551615" },
    });
    expect(since("since<Gear, 3, Gear.Drive>")).toEqual({ version: 3, default: { kind: "integer", value: "1" } });
    expect(since("since<be<f64>, 3, -0.5>")).toEqual({ version: 3, default: { kind: "float", value: -0.5 } });
    expect(since("since<bool, 3, false>")).toEqual({ version: 3, default: { kind: "bool", value: false } });
    expect(since('since<utf8<4>, 3, "">')).toEqual({ version: 3, default: { kind: "text", value: "" } });
    const field = fieldOf("since<at<align<u32, 64>, 128>, 2>", "", " extends Region<{ type: 1; version: 2 }>");
    expect(field).toMatchObject({ type: u32, align: 64, at: 128 });
  });

  it.each([
    ["atomic<since<u32, 2>>", "SHM1058"],
    ["reserved<align<u32, 64>>", "SHM1058"],
    ["since<since<u32, 2>, 3>", "SHM1059"],
    ["since<u32>", "SHM1036"],
    ["since<u32, 1.5>", "SHM1053"],
    ["since<f64, 2, 1e400>", "SHM1065"],
    ["expect<f64, 1e400>", "SHM1060"],
    ["expect<u8, 1 | -1e400>", "SHM1060"],
    ["pad<0>", "SHM2017"],
    ["since<u32, 4294967296>", "SHM2051"],
    ["since<i8, 2, -129>", "SHM2053"],
    ["since<Gear, 2, 7>", "SHM2053"],
    ["since<flags<Gear, u8>, 2, 256>", "SHM2053"],
    ["since<utf8<4>, 2, 4>", "SHM2053"],
    ["since<bits<{ on: 1 }, u8>, 2, 1>", "SHM2054"],
  ])("%s is refused with %s", (type, code) => {
    const car = `${GEAR}\nexport interface Car extends Region<{ type: 1; version: 5 }> { first: u8; it: ${type} }`;
    expect(checkSchema(withImport(car)).codes).toEqual([code]);
  });

  it("a field of a plain struct may be there since any version, and one of a region since its own at most", () => {
    const codes = (version: number): readonly string[] =>
      checkSchema(
        withImport(`
        export interface Car extends Region<{ type: 1; version: ${version} }> { wheel: Wheel; gear: since<u8, 3> }
        export interface Wheel { rpm: f32; slip: since<f32, 9, 0.5> }`),
      ).codes;
    expect([codes(2), codes(3), codes(4)]).toEqual([["SHM2052"], [], []]);
  });
});

describe("every kind of declaration is read", () => {
  it("tail, Region with all its options, Foreign, Packed, Aligned and Sized", () => {
    const { ir, text } = checkSchema(
      withImport(`
        export interface A extends Region<{ type: 0x54; version: 3 }> { rest: tail<u8> }
        export interface B extends Region<{ type: T; version: 9; readableFrom: 7; header: "standard"; name: "versioned" }>, Aligned<64>, Sized<128> { b: u8 }
        export interface C extends Region<{ type: 3; version: 255; header: "dotnet" }> { c: u8 }
        export interface D extends Foreign, Packed, Sized<136> { d: u8 }
        type T = 2;`),
    );
    expect(text).toBe("");
    const region = { kind: "region", header: "standard" };
    expect(ir.structs).toMatchObject([
      { name: "A", role: { ...region, typeId: 0x54, version: 3, readableFrom: 3 }, packed: false },
      {
        name: "B",
        role: { ...region, typeId: 2, version: 9, readableFrom: 7, naming: "versioned" },
        align: 64,
        size: 128,
      },
      { name: "C", role: { kind: "region", typeId: 3, version: 255, readableFrom: 255, header: "dotnet" } },
      { name: "D", role: { kind: "foreign" }, packed: true, size: 136 },
    ]);
    expect(ir.structs[0]?.role).not.toHaveProperty("naming");
    expect(ir.structs[0]?.fields[0]?.type).toEqual({ kind: "tail", of: { kind: "scalar", scalar: "u8" } });
  });

  it("enumOf and bits, as aliases and in place, are declarations with names", () => {
    const { ir, text } = checkSchema(
      withImport(`
        /** What the lever says. */
        export type Gear = enumOf<{ /** Stands. */ Park: 0; Reverse: 0x1 }, u8>;
        export type Status = bits<{ ready: 1; /** Which one. */ mode: 3 }, u32>;
        export interface Telemetry {
          lever: Gear;
          gear: enumOf<{ Park: 0; Drive: 5 }>;
          status: array<bits<{ on: 1 }, u64>, 2>;
          own: Status;
          set: flags<enumOf<{ A: 1; B: 2 }, u16>, u8>;
          same: Lights;
          again: Lights;
        }
        type Lights = array<bits<{ low: 1 }, u8>, 2>;`),
    );
    expect(text).toBe("");
    expect(ir.enums.map(({ name, repr, docs }) => [name, repr, docs])).toEqual([
      ["Gear", "u8", "What the lever says."],
      ["TelemetryGear", "u32", undefined],
      ["TelemetrySet", "u16", undefined],
    ]);
    expect(ir.enums[0]?.members).toMatchObject([
      { name: "Park", value: 0, docs: "Stands." },
      { name: "Reverse", value: 1 },
    ]);
    expect(ir.bits.map(({ name, repr }) => [name, repr])).toEqual([
      ["Status", "u32"],
      ["TelemetryStatusBits", "u64"],
      ["LightsBits", "u8"],
    ]);
    expect(ir.bits[0]?.fields).toMatchObject([
      { name: "ready", width: 1 },
      { name: "mode", width: 3, docs: "Which one." },
    ]);
  });

  it("enums: constant expressions, negative and automatic values, and @repr", () => {
    const { ir } = checkSchema(
      withImport(`
        /**
         * Kinds.
         * @repr u16
         * @deprecated use others
         */
        export enum Kind { A = 1 << 3, B, C = A | Kind.B, D = Kind["A"] * 2 ** 2, E = ~0 & 0xff, F = (1 + 2) - +1, G = -3, H, I = 7 >>> 1, J = 10 % 4 ^ 16 }`),
    );
    const [kind] = ir.enums;
    expect(kind).toMatchObject({ repr: "u16", docs: "Kinds.\n@deprecated use others" });
    expect(kind?.members.map(({ value }) => value)).toEqual([8, 9, 9, 32, 255, 2, -3, -2, 3, 18]);
  });
});

describe("names resolve by import and declaration, never by text", () => {
  const wheel = 'import type { f32 } from "@shmgen/schema";\nexport interface Wheel { rpm: f32 }\nexport type N = 4;\n';

  it.each([
    'import type { u32 as U, array as A } from "@shmgen/schema";\nexport interface Car { it: A<U, 2> }',
    'import * as s from "@shmgen/schema";\nexport interface Car { it: s.array<s.u32, 2> }',
    'import { type array, type u32 } from "@shmgen/schema";\nexport interface Car { it: array<u32, 2> }',
  ])("vocabulary: %s", (text) => {
    const { ir, text: messages } = checkSchema(text);
    expect(messages).toBe("");
    expect(ir.structs[0]?.fields[0]?.type).toEqual({ kind: "array", of: u32, length: 2 });
  });

  it("a declaration of the user's own may have the name of a word", () => {
    const { ir, text } = checkSchema(
      'import type { u32 } from "@shmgen/schema";\nexport interface array { x: u32 }\nexport interface Car { it: array }',
    );
    expect(text).toBe("");
    expect(ir.structs[1]?.fields[0]?.type).toEqual({ kind: "struct", struct: "car.shm.ts#array" });
  });

  it.each([
    'import type { Wheel, N } from "./parts/wheel.shm.js";',
    'import { Wheel, N } from "./parts/wheel.shm.ts";',
    'import type { Wheel, N } from "./parts/../parts/wheel.shm";',
    'import type { Rad as Wheel, N } from "./all.shm.js";',
    'import type { Wheel, N } from "./stars.shm.js";',
  ])("other files: %s", (line) => {
    const files = {
      "car.shm.ts": `${line}\nimport type { array } from "@shmgen/schema";\nexport interface Car { it: array<Wheel, N> }`,
      "parts/wheel.shm.ts": wheel,
      "all.shm.ts": 'export { Wheel as Rad, N } from "./parts/wheel.shm.js";',
      "stars.shm.ts": 'export type * from "./parts/wheel.shm.js";',
    };
    const { ir, text, sources } = checkSchema(files, ["car.shm.ts"]);
    expect(text).toBe("");
    const of = { kind: "struct", struct: "parts/wheel.shm.ts#Wheel" };
    expect(ir.structs.map(({ id }) => id)).toEqual(["car.shm.ts#Car", "parts/wheel.shm.ts#Wheel"]);
    expect(ir.structs[0]?.fields[0]?.type).toEqual({ kind: "array", of, length: 4 });
    expect([...sources.keys()]).toContain("parts/wheel.shm.ts");
  });

  it("a namespace import of another file", () => {
    const car = 'import type * as parts from "./wheel.shm.js";\nexport interface Car { it: parts.Wheel }';
    const { ir, text } = checkSchema({ "car.shm.ts": car, "wheel.shm.ts": wheel });
    expect(text).toBe("");
    expect(ir.structs[0]?.fields[0]?.type).toEqual({ kind: "struct", struct: "wheel.shm.ts#Wheel" });
  });

  it("files may import each other", () => {
    const a =
      'import type { u32 } from "@shmgen/schema";\nimport type { B } from "./b.shm.js";\nexport interface A { b: B }\nexport type Id = u32;';
    const b = 'import type { Id } from "./a.shm.js";\nexport interface B { id: Id }';
    const { ir, text } = checkSchema({ "a.shm.ts": a, "b.shm.ts": b });
    expect(text).toBe("");
    expect(ir.structs[1]?.fields[0]?.type).toEqual(u32);
  });

  it("re-exports in a circle lead nowhere, and say so", () => {
    const { codes: found } = checkSchema({
      "car.shm.ts": 'import type { X } from "./a.shm.js";\nexport interface Car { x: X }',
      "a.shm.ts": 'export { X } from "./b.shm.js";',
      "b.shm.ts": 'export { X } from "./a.shm.js";',
    });
    expect(new Set(found)).toEqual(new Set(["SHM1006"]));
  });

  it("two files may have a name in common until one file uses both", () => {
    const one = 'import type { u8 } from "@shmgen/schema";\nexport interface Wheel { a: u8 }';
    const apart = { "a.shm.ts": one, "b.shm.ts": one };
    expect(checkSchema(apart).codes).toEqual([]);
    const car =
      'import type { Wheel } from "./a.shm.js";\nimport type { Wheel as Other } from "./b.shm.js";\nexport interface Car { a: Wheel; b: Other }';
    expect(checkSchema({ ...apart, "car.shm.ts": car }).codes).toEqual(["SHM2001"]);
  });
});

describe("comments", () => {
  it("travel with interfaces, fields and members; only JSDoc counts, and the last one wins", () => {
    const { ir } = checkSchema(
      withImport(`/* licence */
/** Not this one. */
/**
 * One car.
 *
 *   indented \`code\`
 * @see https://example.org
 */
export interface Car {
  // not this
  /** Metres a second. */
  speed: f32; /* nor this */
  gear: u8; /** about gear, not about the next */
  plain: u8;
}
export enum Gear { /** Stands. */ Park, Drive /** behind */ }
`),
    );
    const [car] = ir.structs;
    expect(car?.docs).toBe("One car.\n\n  indented `code`\n@see https://example.org");
    expect(car?.fields.map(({ docs }) => docs)).toEqual(["Metres a second.", undefined, undefined]);
    expect(ir.enums[0]?.members.map(({ docs }) => docs)).toEqual(["Stands.", undefined]);
  });

  it("@was is the older name of a field and no part of its comment", () => {
    const { ir, text } = checkSchema(
      withImport(`export interface Car {
  /**
   * Metres a second.
   * @was velocity
   * @see elsewhere
   */
  speed: f32;
  /** @was: lever */
  gear: u8;
  plain: u8;
}`),
    );
    expect(text).toBe("");
    const fields = ir.structs[0]?.fields.map(({ docs, was }) => [docs, was]);
    expect(fields).toEqual([
      ["Metres a second.\n@see elsewhere", "velocity"],
      [undefined, "lever"],
      [undefined, undefined],
    ]);
  });

  it("survive line ends of every kind and a byte order mark", () => {
    const text =
      "\ufeff" + withImport("/**\r\n * One car.\r\n * Two lines.\r\n */\r\nexport interface Car { x: u8 }\r\n");
    const { ir } = checkSchema(text);
    expect(ir.structs[0]?.docs).toBe("One car.\nTwo lines.");
    expect(ir.structs[0]?.span).toMatchObject({ line: 6, column: 18 });
  });
});

describe("readSchema", () => {
  it("gives a SchemaIr that zod accepts and JSON keeps", () => {
    const { ir } = checkSchema(
      withImport(`${GEAR}\nexport interface Car { gear: atomic<Gear>; s: bits<{ a: 1 }, u8> }`),
    );
    expect(SchemaIr.parse(ir)).toEqual(ir);
    expect(parseSchemaIr(dumpSchemaIr(ir))).toEqual(ir);
  });

  it("does not depend on the order of its files, nor on duplicates among them", () => {
    const file = (name: string, id: number): string =>
      withImport(
        `export interface ${name} extends Region<{ type: ${id}; version: 1 }> { x: u8; s: bits<{ a: 1 }, u8> }`,
      );
    const files: Record<string, string> = {
      "b.shm.ts": file("B", 1),
      "a.shm.ts": file("A", 2),
      "a/c.shm.ts": file("C", 3),
    };
    const orders = [
      Object.keys(files),
      Object.keys(files).reverse(),
      ["./a.shm.ts", "a/../a/c.shm.ts", "b.shm.ts", "b.shm.ts"],
    ];
    const results = orders.map((order) => JSON.stringify(checkSchema(files, order).ir));
    expect(new Set(results).size).toBe(1);
    expect(checkSchema(files).ir.structs.map(({ name }) => name)).toEqual(["A", "C", "B"]);
  });

  it("spans point at names", () => {
    const text = withImport("export interface Car {\n  speed: f32;\n}\n");
    const { ir } = checkSchema(text);
    const span = ir.structs[0]?.fields[0]?.span;
    expect(span).toEqual({ file: "car.shm.ts", start: text.indexOf("speed"), length: 5, line: 3, column: 3 });
  });

  it("versionSpan points at the version of a region", () => {
    const text = withImport(
      "export interface Car extends Region<{ type: 1; version: Three; }> { x: u8 }\ntype Three = 3;",
    );
    const span = checkSchema(text).ir.structs[0]?.versionSpan;
    expect(text.slice(span?.start, (span?.start ?? 0) + (span?.length ?? 0))).toBe("version: Three");
    expect(checkSchema(withImport("export interface Car { x: u8 }")).ir.structs[0]).not.toHaveProperty("versionSpan");
  });

  it("stays linear: 2,000 structs of 20 fields in well under four times the time of 1,000", () => {
    const schema = (count: number): string => {
      const structs = Array.from({ length: count }, (_, i) => {
        const fields = Array.from({ length: 20 }, (_unused, j) => `  /** f */\n  f${j}: atomic<u32>;`);
        return `/** S. */\nexport interface S${i} {\n${fields.join("\n")}\n}`;
      });
      return withImport(structs.join("\n"));
    };
    const timeOf = (count: number): number => {
      const text = schema(count);
      // Of the processor: other programs may have it in between.
      const start = cpuMs();
      const { ir } = readSchema({ root: ".", files: ["a.shm.ts"], readFile: () => text });
      expect(ir.structs.length).toBe(count);
      return cpuMs() - start;
    };
    timeOf(500);
    const half = Math.min(timeOf(1000), timeOf(1000));
    const whole = Math.min(timeOf(2000), timeOf(2000));
    expect(whole / half).toBeLessThan(4);
  });
});

describe("the examples of shmgen explain", () => {
  const support = { "wheel.shm.ts": withImport("export interface Wheel { rpm: f32 }") };
  const examples = listCodes().filter((code) => /^SHM[12]/.test(code));
  const codesOf = (text: string): readonly string[] =>
    checkSchema({ "car.shm.ts": withImport(text), ...support }, ["car.shm.ts"]).codes;

  it.each(examples.filter((code) => codes[code].wrong !== ""))(
    "%s: the wrong one draws the code and nothing else",
    (code) => {
      expect(codesOf(codes[code].wrong)).toEqual([code]);
    },
  );

  it.each(examples.filter((code) => codes[code].right !== ""))("%s: the right one draws nothing", (code) => {
    expect(codesOf(codes[code].right)).toEqual([]);
  });
});
