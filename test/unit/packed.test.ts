/** `Packed<N>`: a maximum alignment, in every room that has to know of it. */
import { describe, expect, it } from "vitest";
import { MemoryView, assign, snapshot } from "@shmgen/runtime/codegen-v1";
import { compareLayouts, readLayout } from "../../schema/dist/evolution/index.js";
import { canonicalLayout } from "../../generator/dist/layout/fingerprint.js";
import { layoutText } from "../../generator/dist/layout/layout-text.js";
import { layoutFromCanonical } from "../../generator/dist/layout/read-canonical.js";
import { computeLayouts } from "../../generator/dist/layout/compute.js";
import type { LayoutModel } from "../../generator/dist/layout/layout.js";
import {
  COMPILERS,
  STRICT_FLAGS,
  compileProgram,
  inTemporaryFolder,
  runProgram,
  withoutCompilers,
  writeFiles,
} from "../support/c/gcc.js";
import { codeOf } from "../support/processes/processes.js";
import { checkSchema, withImport } from "../support/schemas/check-schema.js";
import type { Anything } from "../support/schemas/contents.js";
import { compileSchema, importSchema } from "../support/schemas/generated.js";

const id = (name: string): string => `car.shm.ts#${name}`;

/** The layouts of a schema, or what is wrong with it. */
function layouts(text: string): { model: LayoutModel; text: string } {
  const { ir, diagnostics, text: said } = checkSchema(withImport(text));
  if (diagnostics.length > 0)
    return { model: computeLayouts({ ...ir, structs: [], enums: [], bits: [] }).model, text: said };
  const { model, diagnostics: found } = computeLayouts(ir);
  return { model, text: found.map(({ code, message, hint }) => `${code} ${message} ${hint}`).join("\n") };
}

function offsets(text: string, name: string): unknown {
  const { model, text: said } = layouts(text);
  expect(said).toBe("");
  const struct = model.structs.get(id(name));
  return [struct?.size, struct?.align, ...(struct?.fields.map(({ offset }) => offset) ?? [])];
}

/** Memory of 256 bytes, which begins at a page as mappings do. */
const memory = (): MemoryView =>
  new MemoryView({ buffer: new SharedArrayBuffer(256), byteLength: 256, readOnly: false, label: "test" });

describe("Packed<N>", () => {
  it("aligns no field to more than N bytes, and the struct to the strictest of what is left", () => {
    expect(offsets("export interface S extends Packed<4> { a: u8; b: f64 }", "S")).toEqual([12, 4, 0, 4]);
    expect(offsets("export interface S extends Packed<2> { a: u8; b: f64; c: u8 }", "S")).toEqual([12, 2, 0, 2, 10]);
    expect(offsets("export interface S extends Packed<8> { a: u8; b: f64 }", "S")).toEqual([16, 8, 0, 8]);
    expect(offsets("export interface S extends Packed<1> { a: u8; b: f64 }", "S")).toEqual([9, 1, 0, 1]);
    expect(offsets("export interface S extends Packed { a: u8; b: f64 }", "S")).toEqual([9, 1, 0, 1]);
  });

  it("leaves a nested struct as it is, and caps its alignment alone", () => {
    const inner = "export interface In { a: u8; b: f64 }";
    expect(offsets(`${inner} export interface S extends Packed<4> { t: u8; i: In; e: u16 }`, "S")).toEqual([
      24, 4, 0, 4, 20,
    ]);
    expect(offsets(`${inner} export interface S extends Packed<4> { t: u8; i: array<In, 2> }`, "In")).toEqual([
      16, 8, 0, 8,
    ]);
  });

  it("is in the canonical layout only where it is more than 1, is read back, and compared", () => {
    const text = (of: string): string => {
      const { model } = layouts(`export interface S extends ${of} { a: u8; b: u8 }`);
      return canonicalLayout(model, id("S"));
    };
    expect(text("Packed")).toContain('"packed":true,"fields"');
    expect(text("Packed<1>")).toBe(text("Packed"));
    expect(text("Packed<4>")).toContain('"packed":false,"pack":4,"fields"');
    const { model, root } = layoutFromCanonical(text("Packed<4>"));
    expect(canonicalLayout(model, root)).toBe(text("Packed<4>"));
    expect(layoutText(model, root)).toContain("packed to 4;");
    const [one, four] = ["Packed", "Packed<4>"].map((of) => ({ layout: readLayout(JSON.parse(text(of)), undefined) }));
    const { changes } = compareLayouts(one as never, four as never);
    expect(changes).toMatchObject([
      { rule: "struct-packing", class: "compatible", before: "packed", after: "packed to 4" },
    ]);
    for (const lie of ['"packed":true,"pack":4', '"packed":false,"pack":3', '"packed":false,"pack":"4"']) {
      expect(() => layoutFromCanonical(text("Packed<4>").replace('"packed":false,"pack":4', lie))).toThrow(/pack/);
    }
  });

  it("is refused beside what raises an alignment", () => {
    expect(layouts("export interface S extends Packed<4>, Aligned<8> { a: u8 }").text).toContain("SHM2031");
    expect(layouts("export interface S extends Packed<4> { a: align<u8, 8> }").text).toContain("SHM2031");
    const line = "export interface L extends Aligned<8> { a: u8 }";
    expect(layouts(`${line} export interface S extends Packed<4> { l: L }`).text).toContain("SHM3009");
    expect(offsets(`${line} export interface S extends Packed<8> { t: u8; l: L }`, "S")).toEqual([16, 8, 0, 8]);
  });
});

describe("atomics in a packed struct", () => {
  it("are allowed where their size is at most N, and in a root where their offset is a multiple of it", () => {
    for (const fine of [
      "export interface S extends Packed { a: u8; b: atomic<u8>; c: relaxed<u8> }",
      "export interface S extends Packed<4> { a: u8; b: atomic<u32>; c: relaxed<f32> }",
      "export interface S extends Packed<8> { a: u8; b: array<atomic<u64>, 2> }",
      "export interface I { n: atomic<u32>; b: f64 } export interface S extends Packed<4> { a: u8; i: I }",
      "export interface S extends Foreign, Packed { a: u32; b: atomic<u32>; c: atomic<u64> }",
      "export interface I { n: atomic<u64> } export interface S extends Foreign, Packed<2> { a: array<u16, 4>; i: array<I, 2> }",
      "export interface S extends Region<{ type: 1; version: 1 }>, Packed { a: atomic<u64>; b: tail<atomic<u64>> }",
    ]) {
      expect(layouts(fine).text, fine).toBe("");
    }
  });

  it.each([
    ["Packed", "a: u8; b: atomic<u16>", "Packed<2>"],
    ["Packed<2>", "a: u8; b: array<atomic<u32>, 2>", "Packed<4>"],
    ["Packed<4>", "a: u8; b: relaxed<f64>", "Packed<8> or drop Packed"],
  ])("in a %s with { %s } are refused with the packing that aligns them, which does", (packed, fields, better) => {
    const { text } = layouts(`export interface S extends ${packed} { ${fields} }`);
    expect(text).toContain("SHM2007");
    expect(text).toContain(`write ${better}; if it is another program's, no aligned access is certain there`);
    const mended = better.split(" ")[0] ?? "";
    expect(layouts(`export interface S extends ${mended} { ${fields} }`).text).toBe("");
    const plain = fields.replaceAll(/(?:atomic|relaxed)<(\w+)>/g, "$1");
    expect(layouts(`export interface S extends ${packed} { ${plain} }`).text).toBe("");
  });

  it("are refused where something in them would lose its alignment, once", () => {
    const inner = "export interface I { n: atomic<u64> }";
    expect(layouts(`${inner} export interface S extends Packed<4> { i: I }`).text).toContain(
      "contains the shared field I.n",
    );
    const twice = layouts(
      `export interface I extends Packed<4> { n: atomic<u64> } export interface S extends Packed<4> { i: I }`,
    );
    expect(twice.text.match(/SHM2007/g)).toHaveLength(1);
    expect(layouts("export interface S extends Packed<8> { m: mutex }").text).toContain("drop Packed: containers");
  });

  it("of a root are refused at other offsets, with the offset and the packing that would do", () => {
    const { text } = layouts("export interface S extends Foreign, Packed<2> { a: u8; b: atomic<u32> }");
    expect(text).toContain(
      "SHM3020 Field 'b' of the packed root 'S' is shared, but lies at byte 2, which is no multiple of 4.",
    );
    expect(text).toContain("write at<T, 4> or Packed<4>");
    expect(layouts("export interface S extends Foreign, Packed<2> { a: u8; b: at<atomic<u32>, 4> }").text).toBe("");
    expect(layouts("export interface S extends Foreign, Packed<4> { a: u8; b: atomic<u32> }").text).toBe("");
    const list = "export interface S extends Region<{ type: 1; version: 1 }>, Packed { a: u8; b: tail<atomic<u32>> }";
    expect(layouts(list).text).toContain("SHM3020");
  });
});

describe("hints at packing", () => {
  it.each([
    ["b: at<f64, 4>", "Packed<4>"],
    ["b: at<u32, 6>", "Packed<2>"],
    ["b: at<u64, 3>", "Packed"],
  ])("of a field { %s } name the %s that puts it there", (field, packed) => {
    const { text } = layouts(`export interface S { a: u8; ${field} }`);
    expect(text).toContain(`let the struct extend ${packed}.`);
    expect(layouts(`export interface S extends ${packed} { a: u8; ${field} }`).text).toBe("");
  });

  it("of an atomic say that no aligned access exists there, and how to read it plain", () => {
    const { text } = layouts("export interface S { a: u8; b: at<atomic<f64>, 4> }");
    expect(text).toContain("no aligned access exists at this offset");
    expect(text).toContain(
      "declare it without atomic<> or relaxed<>, let the struct extend Packed<4>, and read it plain",
    );
    expect(layouts("export interface S extends Packed<4> { a: u8; b: at<f64, 4> }").text).toBe("");
    expect(layouts("export interface S { a: u8; b: at<align<f64, 16>, 8> }").text).toContain("drop align<>.");
  });
});

const PAGES = `
export interface Inner { value: u32; wide: f64; list: array<f64, 2> }
export interface Counts { hits: atomic<u64>; kind: relaxed<u16> }
export interface Two extends Packed<4> { a: u8; b: f64; n: atomic<u32>; i: Inner; flags: array<u64, 2> }
export interface Page extends Foreign, Packed {
  magic: expect<u32, 7>; count: atomic<u32>; tag: u8; one: atomic<u8>; odd: u32; gap: pad<2>;
  marks: array<array<atomic<u32>, 2>, 2>; counts: array<Counts, 2>; two: Two; sum: at<atomic<f64>, 160>; on: atomic<bool>;
}`;

describe("accessors of packed structs", () => {
  it("read and write what lies at the packed offsets, whatever is aligned of it", async () => {
    const { Two } = await importSchema<Anything>({ "a.shm.ts": withImport(PAGES) }, "a.shm.ts");
    const view = memory();
    const two = new Two(view, 4);
    const values = { a: 1, b: -1.5, n: 7, i: { value: 9, wide: 2.5, list: [3.5, 4.5] }, flags: [1n, 2n ** 64n - 1n] };
    assign(two, values as never);
    expect(snapshot(two)).toMatchObject({ ...values, i: { value: 9, wide: 2.5 } });
    expect([view.dataView.getFloat64(8, true), view.dataView.getUint32(16, true)]).toEqual([-1.5, 7]);
    expect([view.dataView.getFloat64(28, true), view.dataView.getBigUint64(60, true)]).toEqual([2.5, 2n ** 64n - 1n]);
    expect(two.$n.add(2)).toBe(7);
    // Atomics need 4 bytes.
    expect(codeOf(() => new Two(view, 2))).toBe("ERR_SHM_RANGE");
  });

  it("of a packed root use atomics where the root is aligned, and refuse to lie elsewhere", async () => {
    const { Page } = await importSchema<Anything>({ "a.shm.ts": withImport(PAGES) }, "a.shm.ts");
    const view = memory();
    view.u8.fill(0xff);
    const page = new Page(view, 0);
    page.count = 5;
    page.odd = 6;
    page.one = 1;
    page.marks.at(1).set(1, 8);
    page.counts.at(1).hits = 9n;
    page.sum = 1.25;
    page.on = false;
    expect([page.$count.add(1), page.count, page.odd, page.one, page.marks.at(1).at(1)]).toEqual([5, 6, 6, 1, 8]);
    expect([page.counts.at(1).$hits.add(1n), page.counts.at(1).hits, page.sum, page.on]).toEqual([
      9n,
      10n,
      1.25,
      false,
    ]);
    const { dataView } = view;
    expect([dataView.getUint32(4, true), dataView.getUint32(10, true), dataView.getUint32(28, true)]).toEqual([
      6, 6, 8,
    ]);
    for (const offset of [1, 2, 4]) expect(codeOf(() => new Page(view, offset))).toBe("ERR_SHM_RANGE");
    expect(new Page(view, 8).count).toBe(dataView.getUint32(12, true));
  });
});

describe.skipIf(withoutCompilers !== undefined)(`headers of packed structs ${withoutCompilers ?? ""}`, () => {
  it("compile without a warning, and their atomics reach what lies at the offset", async () => {
    const { files, diagnostics } = await compileSchema({ "a.shm.ts": withImport(PAGES) }, ["c"]);
    expect(diagnostics).toEqual([]);
    const program = `
#include "a.h"
#include <stdio.h>
#include <string.h>
int main(void) {
  static _Alignas(64) unsigned char bytes[256];
  bytes[0] = 7;
  if (Page_validate(bytes, sizeof bytes) != SHMGEN_OK) return 1;
  Page *page = Page_data(bytes);
  Page_count_store(page, 5);
  Page_marks_store(page, 1, 1, 8);
  Page_sum_store(page, 1.25);
  Page_on_store(page, true);
  Counts *counts = (Counts *)(void *)(bytes + offsetof(Page, counts));
  Counts_hits_store(&counts[1], 9);
  double sum;
  memcpy(&sum, bytes + 160, 8);
  const unsigned before = Page_count_add(page, 1);
  printf("%u %u %d %g %d %d", before, bytes[4], bytes[28], sum, (int)Page_on_load(page), bytes[offsetof(Page, counts) + sizeof(Counts)]);
  return 0;
}`.replace("_Alignas(64)", "__attribute__((aligned(64)))");
    inTemporaryFolder((folder) => {
      writeFiles(folder, { ...Object.fromEntries(files.map(({ path, text }) => [path, text])), "main.c": program });
      for (const compiler of COMPILERS) {
        compileProgram(compiler, { folder, source: "main.c", program: "main", flags: [...STRICT_FLAGS, "-O2"] });
        expect(runProgram(folder, "main"), compiler.name).toBe("5 6 8 1.25 1 9");
      }
    });
  });
});
