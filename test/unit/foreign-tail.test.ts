/** `tail<T>` and `tail<T, "count">` of foreign memory: whatever the count says, nothing beyond what is mapped is reached. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { assign, MemoryView, snapshot } from "@shmgen/runtime/codegen-v1";
import { bySchema } from "../../generator/dist/inspect/foreign.js";
import type { ByteSource } from "../../generator/dist/inspect/source.js";
import { textLines } from "../../generator/dist/inspect/text.js";
import { walk } from "../../generator/dist/inspect/walk.js";
import { computeLayouts } from "../../generator/dist/layout/compute.js";
import type { LayoutModel } from "../../generator/dist/layout/layout.js";
import { canonicalLayout } from "../../generator/dist/layout/fingerprint.js";
import { layoutFromCanonical } from "../../generator/dist/layout/read-canonical.js";
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
import { compileSchema, importSchema, writeSchema } from "../support/schemas/generated.js";

const SCHEMA = `
export interface Row { id: u32; value: f64 }
export interface Table extends Foreign { magic: expect<u32, 7>; rowCount: i32; rows: tail<Row, "rowCount"> }
export interface Numbers extends Foreign { count: atomic<u64>; values: tail<u32, "count"> }
export interface Swapped extends Foreign, Packed { kind: u8; count: be<u16>; values: tail<be<u16>, "count"> }
export interface Hits extends Foreign { count: u64; hits: tail<atomic<u32>, "count"> }
export interface Rest extends Foreign { first: u64; rest: tail<u16> }
`;

function layouts(text: string): { model: LayoutModel; text: string } {
  const { ir, diagnostics, text: said } = checkSchema(withImport(text));
  if (diagnostics.length > 0) return { model: computeLayouts({ ...ir, structs: [] }).model, text: said };
  const { model, diagnostics: found } = computeLayouts(ir);
  return { model, text: found.map(({ code, message, hint }) => `${code}: ${message} ${hint}`).join("\n") };
}

describe("a tail of foreign memory", () => {
  it("begins where the struct ends, and has its count in the layout", () => {
    const { model, text } = layouts(SCHEMA);
    expect(text).toBe("");
    const json = canonicalLayout(model, "car.shm.ts#Table");
    expect(json).toContain('"count":"rowCount"');
    const { model: read, root } = layoutFromCanonical(json);
    expect(canonicalLayout(read, root)).toBe(json);
    for (const lie of ['"count":"rows"', '"count":"nothing"', '"count":7', '"count":""']) {
      expect(() => layoutFromCanonical(json.replace('"count":"rowCount"', lie)), lie).toThrow();
    }
  });

  it.each([
    ["in a struct that is no root", "export interface S { n: u32; t: tail<u8> }", "SHM2021", "extends Foreign"],
    ["that is not last", "export interface S extends Foreign { t: tail<u8>; n: u32 }", "SHM2020", "followed by 'n'"],
    [
      "counted by nothing",
      'export interface S extends Foreign { n: u32; t: tail<u32, "m"> }',
      "SHM2085",
      "no field of 'S'",
    ],
    ["counted by a float", 'export interface S extends Foreign { n: f32; t: tail<u32, "n"> }', "SHM2085", "no integer"],
    [
      "counted by itself",
      'export interface S extends Foreign { n: u32; t: tail<u32, "t"> }',
      "SHM2085",
      "no field of 'S'",
    ],
    [
      "of a region with a count",
      'export interface S extends Region<{ type: 1; version: 1 }> { n: u32; t: tail<u32, "n"> }',
      "SHM2085",
      "header says",
    ],
    ["counted by a number", "export interface S extends Foreign { n: u32; t: tail<u32, 4> }", "SHM1086", "not '4'"],
    [
      "behind padding",
      "export interface S extends Foreign { n: u32; k: u8; t: tail<u8> }",
      "SHM3021",
      "begins at byte 8",
    ],
    [
      "as an array",
      "export interface S extends Foreign { n: u32; t: array<Row, n> } export interface Row { a: u32 }",
      "SHM1087",
      'tail<Row, "n">',
    ],
    [
      "as an array with quotes",
      'export interface S extends Foreign { n: u32; t: array<u32, "n"> }',
      "SHM1087",
      'tail<u32, "n">',
    ],
  ])("%s is refused, with what to write", (_, schema, code, words) => {
    const { text } = layouts(schema);
    expect(text).toContain(code);
    expect(text).toContain(words);
    expect(new Set(text.match(/SHM\d+(?=:)/g))).toEqual(new Set([code]));
  });

  it("is what the hints propose", () => {
    for (const fine of [
      'export interface S extends Foreign { n: u32; t: tail<u32, "n"> }',
      "export interface S extends Foreign { n: u32; k: u8; t: at<tail<u8>, 8> }",
      "export interface S extends Foreign, Packed { n: u32; k: u8; t: tail<u8> }",
      "export interface S extends Foreign, Sized<8> { n: u32; k: u8; t: tail<u8> }",
    ]) {
      expect(layouts(fine).text, fine).toBe("");
    }
  });
});

describe("the accessor of a counted tail", () => {
  const load = (): Promise<Anything> => importSchema<Anything>({ "a.shm.ts": withImport(SCHEMA) }, "a.shm.ts");
  const memory = (
    size: number,
    tailLength: number,
    readOnly = false,
    buffer = new SharedArrayBuffer(size),
  ): MemoryView => new MemoryView({ buffer, byteLength: size, tailLength, readOnly, label: "test" });

  it("has as many elements as the field says at every access, and no more than is mapped, whatever it says", async () => {
    const { Table } = await load();
    const view = memory(8 + 4 * 16 + 5, 4);
    const table = new Table(view, 0);
    const { rows } = table;
    const say = (count: number): unknown[] => {
      view.dataView.setInt32(4, count, true);
      return [rows.length, [...rows].length, rows.map((row: Anything) => row["id"]).length];
    };
    for (let index = 0; index < 4; index += 1) view.dataView.setUint32(8 + 16 * index, index + 1, true);
    expect([0, 1, 3, 4].map(say)).toEqual([0, 1, 3, 4].map((count) => [count, count, count]));
    for (const hostile of [5, 2 ** 31 - 1, -1, -(2 ** 31)]) expect(say(hostile)).toEqual([4, 4, 4]);
    say(2);
    expect(rows.at(1).id).toBe(2);
    for (const index of [2, 3, 4, -1, 0.5, "0", NaN]) expect(codeOf(() => rows.at(index))).toBe("ERR_SHM_RANGE");
    rows.at(0).value = 2.5;
    rows.set(1, { id: 9, value: 1 });
    expect(snapshot(table)).toEqual({
      magic: 0,
      rowCount: 2,
      rows: [
        { id: 1, value: 2.5 },
        { id: 9, value: 1 },
      ],
    });
    expect(JSON.parse(JSON.stringify(table)).rows).toHaveLength(2);
    expect(codeOf(() => rows.set(2, { id: 1 }))).toBe("ERR_SHM_RANGE");
  });

  it("takes one look for an iteration: a count that changes meanwhile changes nothing of it", async () => {
    const { Numbers } = await load();
    const view = memory(8 + 4 * 4, 4);
    const { values } = new Numbers(view, 0);
    view.dataView.setBigUint64(0, 3n, true);
    const seen: number[] = [];
    for (const value of values) {
      seen.push(value);
      view.dataView.setBigUint64(0, seen.length === 1 ? 1n : 2n ** 64n - 1n, true);
    }
    expect(seen).toEqual([0, 0, 0]);
    expect(values.length).toBe(4);
    values.forEach((_: number, index: number) => view.dataView.setBigUint64(0, BigInt(index), true));
    expect([values.length, values.some(() => true), values.reduce((sum: number) => sum + 1, 0)]).toEqual([3, true, 3]);
  });

  it("of numbers, swapped numbers and atomics is read and written within the count", async () => {
    const { Numbers, NumbersReader, Swapped, Hits, HitsReader } = await load();
    const view = memory(8 + 4 * 4, 4);
    const numbers = new Numbers(view, 0);
    numbers.count = 2n;
    numbers.values = [7, 8];
    expect([...numbers.values]).toEqual([7, 8]);
    expect(codeOf(() => (numbers.values = [1, 2, 3]))).toBe("ERR_SHM_RANGE");
    expect(codeOf(() => numbers.values.set(0, 2 ** 32))).toBe("ERR_SHM_RANGE");
    assign(numbers, { count: 3n, values: [4, 5, 6] } as never);
    expect([...numbers.values]).toEqual([4, 5, 6]);
    expect(codeOf(() => assign(numbers, { values: [4, 5] } as never))).toBe("ERR_SHM_RANGE");
    const reader = new NumbersReader(memory(24, 4, true, view.buffer as SharedArrayBuffer), 0);
    expect([reader.values.length, reader.values.at(2)]).toEqual([3, 6]);
    const bytes = memory(3 + 2 * 3, 3);
    const swapped = new Swapped(bytes, 0);
    swapped.count = 2;
    swapped.values.set(1, 0x0102);
    expect([...bytes.u8.subarray(0, 7)]).toEqual([0, 0, 2, 0, 0, 1, 2]);
    const hits = new Hits(view, 0);
    hits.count = 1n;
    expect(hits.hits.field(0).add(1)).toBe(4);
    expect([codeOf(() => hits.hits.field(1)), hits.hits.at(0)]).toEqual(["ERR_SHM_RANGE", 5]);
    expect(new HitsReader(memory(24, 4, true, view.buffer as SharedArrayBuffer), 0).hits.field(0).load()).toBe(5);
  });

  it("follows a live file, and is closed with it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "shmgen-tail-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    await writeSchema({ "a.shm.ts": withImport(SCHEMA) }, folder);
    const { Table, Rest } = (await import(pathToFileURL(join(folder, "a.js")).href)) as Anything;
    const bytes = Buffer.alloc(8 + 3 * 16 + 4);
    bytes.writeUInt32LE(7, 0);
    bytes.writeInt32LE(2, 4);
    writeFileSync(join(folder, "table"), bytes);
    const region = Table.attach(join(folder, "table"));
    const { rows } = region.data;
    expect([rows.length, region.tailLength]).toEqual([2, 3]);
    bytes.writeInt32LE(-1, 4);
    writeFileSync(join(folder, "table"), bytes, { flag: "r+" });
    expect([rows.length, rows.at(2).id]).toEqual([3, 0]);
    region.close();
    expect(codeOf(() => rows.length)).toBe("ERR_SHM_CLOSED");
    expect(codeOf(() => rows.at(0))).toBe("ERR_SHM_CLOSED");
    writeFileSync(join(folder, "rest"), Buffer.from([1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 3, 0, 9]));
    const rest = Rest.attach(join(folder, "rest"));
    expect([...rest.data.rest]).toEqual([2, 3]);
    rest.close();
  });
});

describe("inspect of a counted tail", () => {
  it.each([
    [2, 2],
    [0, 0],
    [-5, 3],
    [1 << 30, 3],
  ])("of a count of %i shows %i elements", (count, shown) => {
    const { model } = layouts(SCHEMA);
    const struct = model.structs.get("car.shm.ts#Table");
    if (struct === undefined) throw new Error("no Table");
    const bytes = Buffer.alloc(8 + 3 * 16);
    bytes.writeInt32LE(count, 4);
    const source: ByteSource = {
      size: bytes.length,
      read: (offset, length) => bytes.subarray(offset, offset + length),
    };
    const outcome = bySchema({ model, struct, schema: "car.shm.ts#Table" })(
      () => source,
      (region, from) => [...textLines(walk(region, from), model)].join("\n"),
    );
    expect("value" in outcome && outcome.value).toContain(`rows (${shown} elements)`);
  });
});

describe.skipIf(withoutCompilers !== undefined)(`headers of counted tails ${withoutCompilers ?? ""}`, () => {
  it("have a function of the length that is never beyond what is mapped", async () => {
    const { files, diagnostics } = await compileSchema({ "a.shm.ts": withImport(SCHEMA) }, ["c"]);
    expect(diagnostics).toEqual([]);
    const program = `
#include "a.h"
#include <stdio.h>
int main(void) {
  static unsigned char bytes[64] __attribute__((aligned(8)));
  Table *table = Table_data(bytes);
  const int32_t counts[] = { 0, 2, 3, 4, -1, INT32_MIN };
  for (size_t at = 0; at < 6; at += 1) {
    table->rowCount = counts[at];
    printf("%zu ", Table_rows_length(table, 8 + 3 * sizeof(Row) + 1));
  }
  Numbers *numbers = Numbers_data(bytes);
  Numbers_count_store(numbers, UINT64_MAX);
  Swapped *swapped = Swapped_data(bytes + 32);
  Swapped_count_set(swapped, 2);
  const Rest *rest = Rest_view(bytes);
  printf("%zu %zu %zu %zu %zu", Numbers_values_length(numbers, 16), Numbers_values_length(numbers, 7), Swapped_values_length(swapped, 32), Rest_rest_length(rest, 15), Table_rows_length(table, 0));
  return 0;
}`;
    inTemporaryFolder((folder) => {
      writeFiles(folder, { ...Object.fromEntries(files.map(({ path, text }) => [path, text])), "main.c": program });
      for (const compiler of COMPILERS) {
        compileProgram(compiler, { folder, source: "main.c", program: "main", flags: STRICT_FLAGS });
        expect(runProgram(folder, "main"), compiler.name).toBe("0 2 3 3 3 3 2 0 2 3 0");
      }
    });
  });
});
