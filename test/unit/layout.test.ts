import { describe, expect, it } from "vitest";
import { DESCRIPTOR_JSON_MAX } from "../../schema/dist/region-format.js";
import type { FieldIr, SchemaIr } from "../../generator/dist/ir/ir.js";
import { computeLayouts } from "../../generator/dist/layout/compute.js";
import { layoutJson, layoutText } from "../../generator/dist/layout/layout-text.js";
import type { LayoutModel, StructLayout } from "../../generator/dist/layout/layout.js";
import { verifyLayout } from "../../generator/dist/layout/verify.js";
import { checkSchema, withImport } from "../support/schemas/check-schema.js";
import { randomIr } from "../support/schemas/random-ir.js";
import { Random } from "../support/run/random.js";

/** The layouts of a schema text, which has to be right. */
function layOut(text: string): LayoutModel {
  const { ir, text: complaints } = checkSchema(withImport(text));
  expect(complaints).toBe("");
  const { model, diagnostics } = computeLayouts(ir);
  expect(diagnostics).toEqual([]);
  verifyLayout(model);
  return model;
}

const id = (name: string): string => `car.shm.ts#${name}`;
const offsets = (model: LayoutModel, name: string): Record<string, number> =>
  Object.fromEntries(model.structs.get(id(name))?.fields.map((field) => [field.name, field.offset]) ?? []);

describe("computeLayouts", () => {
  it("places fields as C does", () => {
    const model = layOut(`
      export interface Car { a: u8; b: f64; c: u16; d: Inner; e: array<Inner, 2>; f: bool; g: utf8<3> }
      export interface Inner { x: u32; y: u8 }`);
    expect(offsets(model, "Car")).toEqual({ a: 0, b: 8, c: 16, d: 20, e: 28, f: 44, g: 45 });
    expect(model.structs.get(id("Car"))).toMatchObject({ size: 48, align: 8, hasAtomics: false });
  });

  it("obeys align, at, Aligned, Sized and Packed", () => {
    const model = layOut(`
      export interface Car extends Aligned<128>, Sized<256> { a: u8; b: align<u16, 64>; c: at<u32, 0x50> }
      export interface Tight extends Packed { a: u8; b: f64; c: at<u16, 11>; d: Car2 }
      export interface Car2 { a: u8; b: u32 }`);
    expect(offsets(model, "Car")).toEqual({ a: 0, b: 64, c: 80 });
    expect(model.structs.get(id("Car"))).toMatchObject({ size: 256, align: 128 });
    expect(offsets(model, "Tight")).toEqual({ a: 0, b: 1, c: 11, d: 13 });
    expect(model.structs.get(id("Tight"))).toMatchObject({ size: 21, align: 1, packed: true });
  });

  it("begins a tail where the struct ends, aligned to its elements", () => {
    const model = layOut(`
      export interface Log extends Region<{ type: 1; version: 1 }> { count: u8; lines: tail<Line> }
      export interface Line { at: u64; kind: u8 }
      export interface Placed extends Region<{ type: 2; version: 1 }> { count: u8; rest: at<tail<u8>, 64> }
      export interface Bare extends Region<{ type: 3; version: 1 }> { rest: tail<f64> }`);
    expect(model.structs.get(id("Log"))).toMatchObject({ size: 8, align: 8, tail: { offset: 8, stride: 16 } });
    expect(model.structs.get(id("Placed"))).toMatchObject({ size: 64, align: 1, tail: { offset: 64, stride: 1 } });
    expect(model.structs.get(id("Bare"))).toMatchObject({ size: 0, align: 8, tail: { offset: 0, stride: 8 } });
  });

  it("knows that a struct is shared when something nested in it is", () => {
    const model = layOut(`
      export interface A { b: array<B, 2> }
      export interface B { c: C }
      export interface C { n: relaxed<u32> }
      export interface D { n: u32 }`);
    const shared = [...model.structs.values()].map(({ name, hasAtomics }) => [name, hasAtomics]);
    expect(shared).toEqual([
      ["A", true],
      ["B", true],
      ["C", true],
      ["D", false],
    ]);
  });

  it("keeps the bytes of reserved fields as if they were there, but shares nothing for them", () => {
    const model = layOut(`
      export interface Now { a: u8; gap: pad<3>; b: reserved<atomic<u64>>; c: u8; d: reserved<array<Inner, 3>>; e: u8 }
      export interface Later { a: u8; gap: bytes<3>; b: atomic<u64>; c: u8; d: array<Inner, 3>; e: u8 }
      export interface Inner { x: relaxed<u16>; y: u32 }
      export interface Tight extends Packed { a: u8; b: reserved<f64>; c: u8 }`);
    expect(offsets(model, "Now")).toEqual(offsets(model, "Later"));
    const { size, align } = model.structs.get(id("Later")) as StructLayout;
    expect(model.structs.get(id("Now"))).toMatchObject({ size, align, hasAtomics: false });
    expect(offsets(model, "Tight")).toEqual({ a: 0, b: 1, c: 9 });
    expect(model.structs.get(id("Tight"))).toMatchObject({ size: 10, align: 1 });
    expect(layoutJson(model, id("Now"))).toMatchObject({ sharedLines: [], suggestion: null });
  });

  it("refuses a region whose description readers would not unpack", () => {
    const fields = Array.from({ length: 14_000 }, (_, index) => ({
      name: `aFieldWithQuiteALongName${index}`,
      type: { kind: "scalar" as const, scalar: "u8" as const },
    }));
    const role = { kind: "region" as const, typeId: 1, version: 1, readableFrom: 1, header: "standard" as const };
    const struct = { id: id("Wide"), name: "Wide", file: "car.shm.ts", role, packed: false, fields };
    const ir: SchemaIr = { irVersion: 1, structs: [struct], enums: [], bits: [] };
    const { diagnostics } = computeLayouts(ir);
    expect(diagnostics.map(({ code }) => code)).toEqual(["SHM3007"]);
    expect(diagnostics[0]?.message).toContain(`a region may carry ${DESCRIPTOR_JSON_MAX}`);
  });

  it("takes time in proportion to the fields, and lays out chains of nesting", () => {
    const scalars = ["u8", "u16", "f32", "u64"] as const;
    const project = (count: number, nested: (index: number) => number | undefined, width = 20): SchemaIr => ({
      irVersion: 1,
      structs: Array.from({ length: count }, (_, index): SchemaIr["structs"][number] => {
        const inner = nested(index);
        const fields: FieldIr[] = Array.from({ length: width }, (_unused, at) => ({
          name: `field${at}`,
          type: { kind: "scalar", scalar: scalars[(index + at) % 4] ?? "u8" },
        }));
        if (inner !== undefined) fields.push({ name: "inner", type: { kind: "struct", struct: id(`S${inner}`) } });
        const name = `S${index}`;
        return { id: id(name), name, file: "car.shm.ts", role: { kind: "plain" }, packed: false, fields };
      }),
      enums: [],
      bits: [],
    });
    const cpuMs = (ir: SchemaIr): number => {
      const before = process.cpuUsage();
      computeLayouts(ir);
      return process.cpuUsage(before).user / 1000;
    };
    const least = (ir: SchemaIr): number => Math.min(cpuMs(ir), cpuMs(ir), cpuMs(ir));
    const oneOfTen = (index: number): number | undefined => (index % 10 === 0 ? undefined : index - (index % 10));
    least(project(1000, oneOfTen));
    const ratio = least(project(4000, oneOfTen)) / least(project(1000, oneOfTen));
    // Four times the fields; the rest is room for a busy machine.
    expect(ratio).toBeLessThan(9);

    const chain = computeLayouts(project(400, (index) => (index + 1 < 400 ? index + 1 : undefined), 1));
    expect(chain.diagnostics).toEqual([]);
    expect(chain.model.structs.size).toBe(400);
  });
});

describe("verifyLayout", () => {
  /** A right model with one struct spoiled. */
  const spoiled = (change: (struct: StructLayout) => Partial<StructLayout>): (() => void) => {
    const model = layOut("export interface Car { a: u32; b: u64; c: atomic<u32> }");
    const struct = model.structs.get(id("Car")) as StructLayout;
    const structs = new Map([[id("Car"), { ...struct, ...change(struct) }]]);
    return () => verifyLayout({ ...model, structs });
  };
  const withField = (index: number, change: object): (() => void) =>
    spoiled(({ fields }) => ({ fields: fields.map((field, at) => (at === index ? { ...field, ...change } : field)) }));

  it("throws on our own mistakes, with the numbers", () => {
    expect(spoiled(() => ({}))).not.toThrow();
    expect(withField(1, { offset: 0 })).toThrow(/field b at 0, size 8 overlaps the bytes before 4/);
    expect(withField(1, { offset: 12 })).toThrow(/no multiple of 8/);
    expect(withField(0, { size: 8 })).toThrow(/its type has 4 bytes/);
    expect(spoiled(() => ({ size: 20 }))).toThrow(/size 20 is no multiple of alignment 8/);
    expect(spoiled(() => ({ size: 16 }))).toThrow(/fields end at 20, the struct at 16/);
    expect(spoiled(() => ({ align: 4 }))).toThrow(/aligned to 8, the struct to 4/);
    expect(spoiled(() => ({ hasAtomics: false }))).toThrow(/holds atomics/);
    expect(spoiled(({ fields }) => ({ fields: [...fields].reverse() }))).toThrow(/overlaps/);
  });
});

describe("layoutText", () => {
  const SCHEMA = `
    export interface Car extends Region<{ type: 0x54; version: 3 }> {
      gear: u8;
      samples: atomic<u64>;
      open: bool;
      errors: atomic<u32>;
      wheels: array<Wheel, 2>;
      driver: utf8<40>;
      lines: tail<f64>;
    }
    export interface Wheel { rpm: f32; slip: f32 }`;

  it("shows holes, cache lines, nested structs, sharing and a better order", () => {
    expect(layoutText(layOut(SCHEMA), id("Car")).replace(/[0-9a-f]{16}/, "<16 digits>")).toBe(`\
struct Car { /* car.shm.ts, region type 84, version 3, payload at 128; offset, size */
  u8 gear;                  /*      0      1 */

  /* XXX 7 bytes hole, try to pack */

  atomic<u64> samples;      /*      8      8 */
  bool open;                /*     16      1 */

  /* XXX 3 bytes hole, try to pack */

  atomic<u32> errors;       /*     20      4 */
  array<Wheel, 2> wheels;   /*     24     16 */
      f32 rpm;              /*     24      4 */
      f32 slip;             /*     28      4 */
  utf8<40> driver;          /*     40     40 */
  /* --- cacheline 3 boundary (64 bytes) was 16 bytes ago --- */
  tail<f64> lines;          /*     80      0 */

  /* size: 80, align: 8, cachelines: 2, members: 7 */
  /* sum members: 70, holes: 2, sum holes: 10, padding: 0 */
  /* tail: lines at 80, stride 8 */
  /* fingerprint: <16 digits> */
  /* atomic fields in cacheline 2: samples, errors; if different processes write them, give each its own with align<T, 64> */
  /* 8 bytes less in this order: samples, errors, wheels, gear, open, driver, lines */
};
`);
  });

  it("gives the same as data", () => {
    const report = layoutJson(layOut(SCHEMA), id("Car"));
    expect(report).toMatchObject({
      holes: [
        { offset: 1, size: 7 },
        { offset: 17, size: 3 },
      ],
      padding: 0,
      cacheLines: 2,
      sharedLines: [{ line: 2, fields: ["samples", "errors"] }],
      tail: { name: "lines", type: "f64", offset: 80, stride: 8 },
      suggestion: { size: 72 },
    });
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it("proposes an order only where it is free and really saves what it says", () => {
    const random = new Random(11);
    const { model } = computeLayouts(randomIr(random, { structs: 600 }));
    let proposals = 0;
    for (const struct of model.structs.values()) {
      const { suggestion } = layoutJson(model, struct.id);
      if (suggestion === null) continue;
      proposals += 1;
      const ir = structuredClone(model.ir) as SchemaIr;
      const target = ir.structs.find((one) => one.id === struct.id);
      target?.fields.sort((a, b) => suggestion.order.indexOf(a.name) - suggestion.order.indexOf(b.name));
      for (const field of target?.fields ?? []) delete field.at;
      delete target?.size;
      const reordered = computeLayouts(ir).model.structs.get(struct.id);
      expect(reordered?.size, struct.name).toBe(suggestion.size);
    }
    expect(proposals).toBeGreaterThan(20);
    expect(
      layoutJson(layOut("export interface A extends Foreign { a: u8; b: u32; c: u8 }"), id("A")).suggestion,
    ).toBeNull();
  });

  it("shows reserved bytes, and since when fields are there under which name", () => {
    const model = layOut(`
      export interface Car extends Region<{ type: 1; version: 2 }> {
        gap: pad<3>; spare: reserved<Wheel>;
        /** @was velocity */ speed: since<f32, 2, 0.5>;
      }
      export interface Wheel { rpm: f32 }`);
    const rows = layoutText(model, id("Car"))
      .split("\n")
      .filter((line) => line.endsWith(" */") && line.includes(";   "));
    expect(rows.map((line) => line.trim().replaceAll(/ +/g, " "))).toEqual([
      "pad<3> gap; /* 0 3 */",
      "reserved<Wheel> spare; /* 4 4 */",
      "f32 speed; /* 8 4, since 2, was velocity */",
    ]);
    expect(layoutJson(model, id("Car")).fields).toEqual([
      { name: "gap", type: "pad<3>", offset: 0, size: 3, align: 1 },
      { name: "spare", type: "reserved<Wheel>", offset: 4, size: 4, align: 4 },
      { name: "speed", type: "f32", offset: 8, size: 4, align: 4, since: 2, was: "velocity" },
    ]);
  });

  it("colours only when asked", () => {
    const model = layOut(SCHEMA);
    const plain = layoutText(model, id("Car"));
    const coloured = layoutText(model, id("Car"), { color: true });
    expect(coloured).not.toBe(plain);
    expect(
      coloured
        .split("\u001B")
        .map((part, at) => (at === 0 ? part : part.replace(/^\[\d+m/, "")))
        .join(""),
    ).toBe(plain);
  });
});
