/** `union<{...}>`: members over the same bytes, and the field that says which one holds, in every room that has to know of them. */
import { describe, expect, it } from "vitest";
import { assign, MemoryView, snapshot } from "@shmgen/runtime/codegen-v1";
import { layoutFromCanonical } from "../../generator/dist/layout/read-canonical.js";
import { canonicalLayout } from "../../generator/dist/layout/fingerprint.js";
import { layoutText } from "../../generator/dist/layout/layout-text.js";
import { computeLayouts } from "../../generator/dist/layout/compute.js";
import type { LayoutModel } from "../../generator/dist/layout/layout.js";
import { annotatedLines } from "../../generator/dist/inspect/annotate.js";
import type { ForeignShown } from "../../generator/dist/inspect/shown.js";
import type { ByteSource } from "../../generator/dist/inspect/source.js";
import { textLines } from "../../generator/dist/inspect/text.js";
import { valueJson } from "../../generator/dist/inspect/values.js";
import { walk } from "../../generator/dist/inspect/walk.js";
import { structPicture } from "../../generator/dist/pictures/struct-picture.js";
import {
  COMPILERS,
  STRICT_FLAGS,
  compileProgram,
  inTemporaryFolder,
  runProgram,
  withoutCompilers,
  writeFiles,
} from "../support/c/gcc.js";
import { checkSchema, withImport } from "../support/schemas/check-schema.js";
import type { Anything } from "../support/schemas/contents.js";
import { compileSchema, importSchema } from "../support/schemas/generated.js";

const id = (name: string): string => `car.shm.ts#${name}`;

function layouts(text: string): { model: LayoutModel; text: string } {
  const { ir, diagnostics, text: said } = checkSchema(withImport(text));
  if (diagnostics.length > 0) return { model: computeLayouts({ ...ir, structs: [] }).model, text: said };
  return { model: computeLayouts(ir).model, text: "" };
}

function shape(text: string, name: string): unknown {
  const { model, text: said } = layouts(text);
  expect(said).toBe("");
  const struct = model.structs.get(id(name));
  return [
    struct?.size,
    struct?.align,
    struct?.fields.map((field) => `${field.name} ${field.offset} ${field.size}`).join(),
  ];
}

const memory = (): MemoryView =>
  new MemoryView({ buffer: new SharedArrayBuffer(256), byteLength: 256, readOnly: false, label: "test" });

const EVENT = `
/** @repr u8 */
export enum Kind { Move = 1, Stop = 2, Turn = 3 }
export interface Point { x: f32; y: f32 }
export type Value = union<{ asInt: u32; asFloat: f32; raw: bytes<16> }>;
export interface Event {
  kind: Kind;
  data: union<{
    /** Where to. @see Point
     *  @case Kind.Move */
    move: Point;
    /** @case Kind.Stop, 9 */
    reason: utf8<12>;
    /** @case 0x20 */
    count: atomic<u64>;
  }, "kind">;
  value: Value;
}
`;

describe("a union", () => {
  it("has all members at its first byte, the size of the largest and the alignment of the strictest", () => {
    expect(shape("export interface S { u: union<{ a: u32; b: f32; c: bytes<16> }> }", "SUUnion")).toEqual([
      16,
      4,
      "a 0 4,b 0 4,c 0 16",
    ]);
    expect(shape("export type U = union<{ a: u8; b: u64; c: bytes<9> }>;", "U")).toEqual([16, 8, "a 0 1,b 0 8,c 0 9"]);
    expect(
      shape(
        "export type U = union<{ a: u8; b: union<{ n: u16; m: u8 }> }>; export interface S { t: u8; u: array<U, 2> }",
        "S",
      ),
    ).toEqual([6, 2, "t 0 1,u 2 4"]);
  });

  it("in place is packed as the struct around it, as between two pragmas; an alias is what it says", () => {
    const members = "a: u32; b: bytes<5>";
    expect(shape(`export interface S extends Packed { t: u8; u: union<{ ${members} }> }`, "S")).toEqual([
      6,
      1,
      "t 0 1,u 1 5",
    ]);
    expect(shape(`export interface S extends Packed<2> { t: u8; u: union<{ ${members} }> }`, "S")).toEqual([
      8,
      2,
      "t 0 1,u 2 6",
    ]);
    expect(
      shape(`export type U = union<{ ${members} }>; export interface S extends Packed { t: u8; u: U }`, "S"),
    ).toEqual([9, 1, "t 0 1,u 1 8"]);
  });

  it("is called as the alias, or as the field with Union behind it", () => {
    const { model } = layouts(EVENT);
    expect([...model.structs.keys()]).toEqual(["Point", "Value", "Event", "EventDataUnion"].map(id));
  });

  it("is in the canonical layout, which is read back to the byte, and no lie about it is", () => {
    const { model } = layouts(EVENT);
    const json = canonicalLayout(model, id("Event"));
    expect(json).toContain('"union":true');
    expect(json).toContain('"tag":"kind"');
    expect(json).toContain('"cases":[2,9]');
    const { model: read, root } = layoutFromCanonical(json);
    expect(canonicalLayout(read, root)).toBe(json);
    const lies: [string, string][] = [
      ['"union":true', '"union":false'],
      ['"tag":"kind"', '"tag":"value"'],
      ['"tag":"kind"', '"tag":"nothing"'],
      ['"cases":[2,9]', '"cases":[]'],
      ['"cases":[2,9]', '"cases":[2.5]'],
      [
        '"name":"reason","type":{"kind":"utf8","size":12},"offset":0',
        '"name":"reason","type":{"kind":"utf8","size":12},"offset":4',
      ],
      ['"union":true', '"union":true,"role":"plain"'],
    ];
    for (const [from, to] of lies) expect(() => layoutFromCanonical(json.replace(from, to)), to).toThrow();
    expect(layoutText(model, id("EventDataUnion"))).toMatch(/^union EventDataUnion \{[^]*reason; .*case 2, 9/);
  });
});

describe("what a union refuses", () => {
  const tagged = (members: string, fields = "kind: u8", tag = '"kind"'): string =>
    layouts(`export enum K { A, B } export interface S { ${fields}; u: union<{ ${members} }, ${tag}> }`).text;
  const both = "/** @case 0 */ a: u32; /** @case 1 */ b: f32";

  it.each([
    ["a tag that is not there", tagged(both, "other: u8"), "SHM2080", "which is no field of 'S'"],
    ["a tag that is a float", tagged(both, "kind: f32"), "SHM2080", "which is no integer, enum or bool"],
    ["a tag that is no text", tagged(both, "kind: u8", "u8"), "SHM1084", "in quotes, not 'u8'"],
    ["a member without a case", tagged("/** @case 0 */ a: u32; b: f32"), "SHM2081", "Member 'b'"],
    [
      "two members with one case",
      tagged("/** @case 0 */ a: u32; /** @case 1, 0 */ b: f32"),
      "SHM2082",
      "Members 'a' and 'b'",
    ],
    ["a case twice", tagged("/** @case 0, 0 */ a: u32"), "SHM2082", "twice"],
    ["a case that is no value", tagged("/** @case zero */ a: u32"), "SHM1081", "'zero'"],
    ["a case of no member", tagged("/** @case K.C */ a: u32"), "SHM1081", "'K.C'"],
    ["a case that the tag cannot be", tagged("/** @case 256 */ a: u32"), "SHM2084", "it is u8"],
    ["a case of a bool beyond 1", tagged("/** @case 2 */ a: u32", "kind: bool"), "SHM2084", "it is bool"],
    [
      "cases without a tag",
      layouts("export interface S { u: union<{ /** @case 0 */ a: u32 }> }").text,
      "SHM1082",
      "in a union without a tag",
    ],
    ["a case on a field", layouts("export interface S { /** @case 0 */ a: u32 }").text, "SHM1082", "on a field"],
    [
      "a tag behind it",
      layouts(`export interface S { u: union<{ ${both} }, "kind">; kind: u8 }`).text,
      "SHM2080",
      "behind it",
    ],
    [
      "a tag in a union",
      layouts(`export interface S { v: union<{ kind: u8; u: union<{ ${both} }, "kind"> }> }`).text,
      "SHM1083",
      "cannot stand inside union",
    ],
    [
      "elements with a tag",
      layouts(`export interface S { kind: u8; u: array<union<{ ${both} }, "kind">, 2> }`).text,
      "SHM1083",
      "cannot stand inside array",
    ],
    [
      "a container",
      layouts("export interface S { u: union<{ a: u32; door: mutex }> }").text,
      "SHM2083",
      "is a container",
    ],
    [
      "a struct with one",
      layouts("export interface I { door: mutex } export interface S { u: union<{ a: u32; i: I }> }").text,
      "SHM2083",
      "is a container",
    ],
    [
      "a tail",
      layouts("export interface S extends Foreign { u: union<{ a: u32; t: tail<u8> }> }").text,
      "SHM2083",
      "is a tail",
    ],
    [
      "reserved bytes",
      layouts("export interface S { u: union<{ a: u32; p: pad<9> }> }").text,
      "SHM2083",
      "write bytes<N>",
    ],
    [
      "since inside",
      layouts("export interface S { u: union<{ a: since<u32, 2> }> }").text,
      "SHM1058",
      "cannot stand inside union",
    ],
    [
      "@was inside",
      layouts("export interface S { u: union<{ /** @was b */ a: u32 }> }").text,
      "SHM1066",
      "on a member of a union",
    ],
    [
      "no members",
      layouts("export interface S { u: union<{}> }").text,
      "SHM2012",
      "The union 'SUUnion' has no members",
    ],
    ["a type", layouts("export interface S { u: union<u32> }").text, "SHM1085", "not 'u32'"],
    [
      "itself",
      layouts("export type U = union<{ a: u32; i: I }>; export interface I { u: U }").text,
      "SHM2003",
      "contain itself",
    ],
    [
      "expected values",
      layouts(
        "export interface I { a: expect<u32, 1> } export interface S extends Foreign { u: union<{ i: I; n: u8 }> }",
      ).text,
      "SHM2035",
      "in a union",
    ],
  ])("%s", (_, said, code, words) => {
    expect(said).toContain(code);
    expect(said).toContain(words);
    expect(new Set(said.match(/SHM\d+(?=:)/g))).toEqual(new Set([code]));
  });

  it("nothing else: a TypeScript union is hinted at it with names, which compile", () => {
    const { text } = layouts("export interface S { v: u32 | f32 }");
    expect(text).toContain("write union<{ asU32: u32; asF32: f32 }>");
    expect(layouts("export interface S { v: union<{ asU32: u32; asF32: f32 }> }").text).toBe("");
  });
});

describe("the accessor of a union", () => {
  const load = (): Promise<Anything> => importSchema<Anything>({ "a.shm.ts": withImport(EVENT) }, "a.shm.ts");

  it("writes the bytes of one member and leaves the others", async () => {
    const { Value } = await load();
    const view = memory();
    view.u8.fill(0xaa);
    const value = new Value(view, 0);
    value.asFloat = 1;
    expect([value.asInt, [...view.u8.subarray(0, 6)]]).toEqual([0x3f800000, [0, 0, 0x80, 0x3f, 0xaa, 0xaa]]);
    assign(value, { asInt: 7 } as never);
    expect([value.asInt, value.raw[4], value.raw[15], view.u8[16]]).toEqual([7, 0xaa, 0xaa, 0xaa]);
    expect(snapshot(value)).toEqual({ asInt: 7, asFloat: value.asFloat, raw: new Uint8Array(view.u8.subarray(0, 16)) });
  });

  it("is copied as a whole: of several members that are given, the largest says all bytes", async () => {
    const { Value } = await load();
    const view = memory();
    view.u8.set([1, 2, 3, 0xff, 0xff, 0xff, 7, 8, 9], 0);
    const [from, to] = [new Value(view, 0), new Value(view, 32)];
    assign(to, snapshot(from) as never);
    expect([...to.raw]).toEqual([...from.raw]);
    to.raw.fill(0);
    assign(to, from);
    expect([...to.raw]).toEqual([...from.raw]);
  });

  it("with a tag is copied, shown and compared as the member that the tag names", async () => {
    const { Event, Kind } = await load();
    const [one, two] = [memory(), memory()];
    for (const view of [one, two]) {
      const event = new Event(view, 0);
      event.kind = Kind.Move;
      event.data = { move: { x: 1.5, y: -2 } };
      view.dataView.setUint32(16, view === one ? 1 : 2, true);
    }
    const event = new Event(one, 0);
    expect(snapshot(event).data).toEqual({ move: { x: 1.5, y: -2 } });
    expect(JSON.parse(JSON.stringify(event)).data).toEqual({ move: { x: 1.5, y: -2 } });
    // What is behind the member that holds belongs to none.
    expect(`${String(event)}`).toBe(String(new Event(two, 0)));
    assign(new Event(two, 64), snapshot(event) as never);
    expect(new Event(two, 64).data.move.y).toBe(-2);
    event.kind = Kind.Stop;
    event.data.reason = "wall";
    expect(snapshot(event).data).toEqual({ reason: "wall" });
    one.u8[0] = 9;
    expect(snapshot(event).data).toEqual({ reason: "wall" });
    one.u8[0] = 0x20;
    expect(Object.keys(snapshot(event).data as object)).toEqual(["count"]);
    event.data.$count.store(5n);
    expect(event.data.count).toBe(5n);
    // Hostile, or newer than this code.
    for (const kind of [0, 3, 255]) {
      one.u8[0] = kind;
      expect([snapshot(event).data, JSON.parse(JSON.stringify(event)).data]).toEqual([{}, {}]);
    }
  });

  it("with a tag of 64 bits, or one behind zero, is what exactly that value names", async () => {
    const text = `export type Big = enumOf<{ Low: -1; Most: 9223372036854775807n }, i64>;
      export interface S { kind: Big; u: union<{
        /** @case Big.Most */
        a: u32;
        /** @case Big.Low */
        b: f32;
      }, "kind"> }`;
    const { S } = await importSchema<Anything>({ "a.shm.ts": withImport(text) }, "a.shm.ts");
    const view = memory();
    const s = new S(view, 0);
    const held = (kind: bigint): unknown => {
      view.dataView.setBigInt64(0, kind, true);
      return Object.keys((snapshot(s) as Anything)["u"] as object);
    };
    expect([held(2n ** 63n - 1n), held(2n ** 63n - 2n), held(-1n), held(1n)]).toEqual([["a"], [], ["b"], []]);
  });

  it("without a tag leaves out what the bytes cannot be, whatever they are", async () => {
    const text =
      'export type U = union<{ n: num<u64>; at: timestamp<"s">; t: utf8<8>; f: f64 }>; export interface S { u: U }';
    const { S } = await importSchema<Anything>({ "a.shm.ts": withImport(text) }, "a.shm.ts");
    const view = memory();
    view.u8.fill(0xff, 0, 7);
    view.u8[7] = 0x7f;
    const s = new S(view, 0);
    expect(snapshot(s)).toEqual({ u: { t: "\uFFFD".repeat(7) + "\u007f", f: NaN } });
    expect(() => s.u.n).toThrow(/U\.n holds/);
    expect(JSON.parse(JSON.stringify(s)).u).toMatchObject({ n: "9223372036854775807", f: "NaN" });
  });
});

/** Bytes of a struct as `inspect` shows them. */
function inspected(
  model: LayoutModel,
  name: string,
  bytes: Uint8Array,
): { text: string[]; json: Record<string, string>; annotated: string[] } {
  const struct = model.structs.get(id(name));
  if (struct === undefined) throw new Error(`no ${name}`);
  const shown: ForeignShown = { name, model, struct, start: 0, tailLength: 0, schema: "car.shm.ts", unexpected: [] };
  const source: ByteSource = { size: bytes.length, read: (offset, length) => bytes.slice(offset, offset + length) };
  const json = [...walk(shown, source)].flatMap((event) =>
    event.kind === "value" ? [[event.path, valueJson(event.value)] as const] : [],
  );
  const annotated = [...annotatedLines(walk(shown, source, { bytes: true }), shown, source, false)];
  return { text: [...textLines(walk(shown, source), model)], json: Object.fromEntries(json), annotated };
}

describe("inspect", () => {
  const { model } = layouts(EVENT);
  const bytes = new Uint8Array(40);
  new DataView(bytes.buffer).setFloat32(8, 1.5, true);
  bytes.set([0, 0, 0x80, 0x3f], 24);

  it("shows all members of a union without a tag, and of one with a tag the one that holds", () => {
    bytes[0] = 1;
    const { text, json } = inspected(model, "Event", bytes);
    expect(json).toMatchObject({ kind: '"Move"', "data.move.x": "1.5", "data.move.y": "0" });
    expect(json).toMatchObject({ "value.asInt": "1065353216", "value.asFloat": "1" });
    expect(Object.keys(json)).not.toContain("data.reason");
    expect(text.join("\n")).toMatch(/EventDataUnion +data\n.*move\n/);
  });

  it("says of a tag that no member is for, and shows the bytes beside it", () => {
    bytes[0] = 0x7f;
    const { text, json, annotated } = inspected(model, "Event", bytes);
    expect(text.join("\n")).toContain("data = (kind is 127 (no member), which no member is for)");
    expect(json["data"]).toBe("null");
    expect(annotated.join("\n")).toContain("+0x0008 | 00 00 c0 3f 00 00 00 00 | EventDataUnion");
  });

  it("is not brought down by any byte", () => {
    for (let kind = 0; kind < 256; kind += 1) {
      const hostile = new Uint8Array(40).map((_, at) => (at * 37 + kind * 101) & 255);
      hostile[0] = kind;
      const { text, annotated } = inspected(model, "Event", hostile);
      expect([text.length > 3, annotated.length > 5]).toEqual([true, true]);
    }
  });

  it("has pictures with all members in one part, and every byte in one", () => {
    const { parts } = structPicture(model, id("EventDataUnion"));
    expect(parts.map(({ name, offset, size }) => `${name} ${offset} ${size}`)).toEqual([
      "move | reason | count 0 12",
      "padding 12 4",
    ]);
    expect(parts[0]?.about.join()).toContain("reason: utf8<12>, 12 bytes, case 2, 9");
    expect(structPicture(model, id("Event")).parts.map(({ name }) => name)).toEqual(["kind", "hole", "data", "value"]);
  });
});

describe.skipIf(withoutCompilers !== undefined)(`headers of unions ${withoutCompilers ?? ""}`, () => {
  it("have a union with assertions, and compile without a warning", async () => {
    const schema = `${EVENT}
export interface Tight extends Packed { t: u8; u: union<{ a: u32; b: bytes<5>; be: be<u16> }>; n: union<{ s: atomic<u8>; f: f64 }> }`;
    const { files, diagnostics } = await compileSchema({ "a.shm.ts": withImport(schema) }, ["c"]);
    expect(diagnostics).toEqual([]);
    const header = files.find(({ path }) => path.endsWith(".h"))?.text ?? "";
    expect(header).toContain("typedef union Value {\n  uint32_t asInt; /* 0 u32 */\n");
    expect(header).toContain('SHMGEN_STATIC_ASSERT(offsetof(Value, raw) == 0, "offset of Value.raw");');
    const program = `
#include "a.h"
#include <stdio.h>
int main(void) {
  Event event = { 0 };
  event.value.asFloat = 1.0f;
  EventDataUnion_count_store(&event.data, 5);
  Tight tight;
  TightUUnion_be_set(&tight.u, 0x0102);
  printf("%u %u %d %zu", (unsigned)event.value.asInt, (unsigned)event.data.move.x == 0, tight.u.b[0], sizeof tight);
  return 0;
}`;
    inTemporaryFolder((folder) => {
      writeFiles(folder, { ...Object.fromEntries(files.map(({ path, text }) => [path, text])), "main.c": program });
      for (const compiler of COMPILERS) {
        const flags = [...STRICT_FLAGS, "-Wno-missing-field-initializers"];
        compileProgram(compiler, { folder, source: "main.c", program: "main", flags });
        expect(runProgram(folder, "main"), compiler.name).toBe("1065353216 1 1 14");
      }
    });
  });
});
