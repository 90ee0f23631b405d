import { deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { dumpSchemaIr, parseSchemaIr, type SchemaIr, type TypeIr } from "../../generator/dist/ir/ir.js";
import { computeLayouts } from "../../generator/dist/layout/compute.js";
import { crc32c } from "../../schema/dist/crc32c.js";
import { descriptorBytes, descriptorJson } from "../../generator/dist/layout/descriptor.js";
import { canonicalLayout } from "../../generator/dist/layout/fingerprint.js";
import { layoutHistory } from "../../generator/dist/layout/history.js";
import type { LayoutModel, StructLayout } from "../../generator/dist/layout/layout.js";
import { DescriptorError, layoutFromCanonical, parseDescriptor } from "../../generator/dist/layout/read-canonical.js";
import { DESCRIPTOR_HEADER_SIZE, DESCRIPTOR_JSON_MAX } from "../../schema/dist/region-format.js";
import { randomIr } from "../support/schemas/random-ir.js";
import { Random, runSeed } from "../support/run/random.js";

const seed = runSeed("fingerprint");

function layOut(ir: SchemaIr): LayoutModel {
  const { model, diagnostics } = computeLayouts(ir);
  expect(diagnostics).toEqual([]);
  return model;
}

/** Fingerprints in the order of the structs' names. */
function fingerprints(ir: SchemaIr): Record<string, string> {
  const list = [...layOut(ir).structs.values()].map(({ name, fingerprint }) => [name, fingerprint]);
  return Object.fromEntries(list.sort(([a = ""], [b = ""]) => (a < b ? -1 : 1)));
}

/** Two files that are read in the other order, under other names, with comments and places that differ. */
function disguise(ir: SchemaIr, random: Random): SchemaIr {
  const text = dumpSchemaIr(ir).replaceAll("random.shm.ts", "elsewhere/other.shm.ts");
  const copy = parseSchemaIr(text);
  const span = () => ({ file: "elsewhere/other.shm.ts", start: random.integer(0, 99), length: 1, line: 1, column: 1 });
  const noted = <T extends object>(one: T): T => ({ ...one, docs: `note ${random.bits()}`, span: span() });
  const shuffled = <T>(list: readonly T[]): T[] =>
    list
      .map((value) => ({ value, at: random.bits() }))
      .sort((a, b) => a.at - b.at)
      .map(({ value }) => value);
  return {
    irVersion: 1,
    structs: shuffled(copy.structs).map((struct) => noted({ ...struct, fields: struct.fields.map(noted) })),
    enums: shuffled(copy.enums).map((one) => noted({ ...one, members: one.members.map(noted) })),
    bits: shuffled(copy.bits).map((one) => noted({ ...one, fields: one.fields.map(noted) })),
  };
}

/** One change of the first struct of a fresh schema, each of which changes its bytes or what they mean. */
const CHANGES: Readonly<Record<string, (ir: SchemaIr) => void>> = {
  "name of the struct": ({ structs }) => void (first(structs).name += "X"),
  "name of a field": ({ structs }) => void (first(first(structs).fields).name += "X"),
  "one more field": ({ structs }) => void first(structs).fields.push({ name: "more", type: { kind: "bool" } }),
  "type of the same size": ({ structs }) =>
    void (first(first(structs).fields).type = { kind: "scalar", scalar: "i32" }),
  atomic: ({ structs }) => void (first(first(structs).fields).type = { kind: "atomic", of: u32 }),
  reserved: ({ structs }) => void (first(first(structs).fields).type = { kind: "reserved", of: u32 }),
  relaxed: ({ structs }) => void (first(first(structs).fields).type = { kind: "relaxed", of: u32 }),
  "byte order": ({ structs }) => void (first(first(structs).fields).type = { kind: "endian", order: "big", of: u32 }),
  offset: ({ structs }) => void Object.assign(first(structs).fields[2] ?? {}, { at: 64 }),
  "alignment of a field": ({ structs }) => void Object.assign(first(structs).fields[2] ?? {}, { align: 64 }),
  "alignment of the struct": ({ structs }) => void (first(structs).align = 128),
  "size of the struct": ({ structs }) => void (first(structs).size = 4096),
  packed: ({ structs }) => void (first(structs).packed = true),
  "packed to 4": ({ structs }) => void (first(structs).pack = 4),
  "length of an array": ({ structs }) =>
    void Object.assign(first(structs).fields[1] ?? {}, {
      type: { kind: "array", of: { kind: "scalar", scalar: "u8" }, length: 6 },
    }),
  "name of an enumerator": ({ enums }) => void (first(first(enums).members).name += "X"),
  "value of an enumerator": ({ enums }) => void (first(first(enums).members).value = 77),
  "one more enumerator": ({ enums }) => void first(enums).members.push({ name: "More", value: 77 }),
  "name of an enum": ({ enums }) => void (first(enums).name += "X"),
  "repr of an enum": ({ enums }) => void (first(enums).repr = "u32"),
  "width of a bit field": ({ bits }) => void (first(first(bits).fields).width += 1),
  "name of a bit field": ({ bits }) => void (first(first(bits).fields).name += "X"),
  "field of a nested struct": ({ structs }) => void (first(structs[1]?.fields ?? []).name += "X"),
  "order of the fields": ({ structs }) => void first(structs).fields.reverse(),
};

const u32: TypeIr = { kind: "scalar", scalar: "u32" };
const first = <T>(list: readonly T[]): T => list[0] as T;

function fixture(): SchemaIr {
  const file = "random.shm.ts";
  const id = (name: string): string => `${file}#${name}`;
  const plain = { file, role: { kind: "plain" as const }, packed: false };
  return {
    irVersion: 1,
    structs: [
      {
        ...plain,
        id: id("Outer"),
        name: "Outer",
        fields: [
          { name: "a", type: u32 },
          { name: "b", type: { kind: "array", of: { kind: "scalar", scalar: "u8" }, length: 5 } },
          { name: "c", type: { kind: "num", of: "u64" } },
          { name: "inner", type: { kind: "struct", struct: id("Inner") } },
          { name: "gear", type: { kind: "enum", enum: id("Gear") } },
          { name: "bits", type: { kind: "bits", bits: id("Bits") } },
        ],
      },
      { ...plain, id: id("Inner"), name: "Inner", fields: [{ name: "x", type: { kind: "bool" } }] },
    ],
    enums: [{ id: id("Gear"), name: "Gear", file, repr: "u8", members: [{ name: "Park", value: 3 }] }],
    bits: [{ id: id("Bits"), name: "Bits", file, repr: "u8", fields: [{ name: "on", width: 2 }] }],
  };
}

describe("fingerprint", () => {
  it("is blind to comments, spans, file names and the order of declarations (300 random structs)", () => {
    const random = new Random(seed);
    for (let batch = 0; batch < 3; batch += 1) {
      const ir = randomIr(random, { structs: 100 });
      expect(fingerprints(disguise(ir, random)), `seed ${seed}`).toEqual(fingerprints(ir));
    }
  });

  it.each(Object.keys(CHANGES))("changes with the %s", (what) => {
    const ir = fixture();
    const before = layOut(fixture()).structs.get("random.shm.ts#Outer")?.fingerprint;
    CHANGES[what]?.(ir);
    const after = layOut(ir).structs.get("random.shm.ts#Outer")?.fingerprint;
    expect(before).toMatch(/^[0-9a-f]{16}$/);
    expect(after).not.toBe(before);
  });

  it("does not change with what stands in the header or is checked at attach", () => {
    const ir = fixture();
    const outer = first(ir.structs);
    outer.role = { kind: "region", typeId: 9, version: 4, readableFrom: 2, header: "standard" };
    outer.role.naming = "versioned";
    first(outer.fields).expect = [{ kind: "integer", value: "7" }];
    first(outer.fields).since = { version: 2, default: { kind: "integer", value: "5" } };
    first(outer.fields).was = "z";
    expect(fingerprints(ir)).toEqual(fingerprints(fixture()));
  });

  it("differs for structs that differ (1,000 random structs)", () => {
    const model = layOut(randomIr(new Random(seed), { structs: 1000 }));
    const all = [...model.structs.values()].map(({ fingerprint }) => fingerprint);
    expect(new Set(all).size).toBe(all.length);
  });

  it("stays what it is: changing the canonical form would refuse every region in the field", () => {
    expect(canonicalLayout(layOut(fixture()), "random.shm.ts#Inner")).toBe(
      '{"structs":[{"name":"Inner","size":1,"align":1,"packed":false,"fields":[{"name":"x","type":{"kind":"bool"},"offset":0,"size":1}]}],"enums":[],"bits":[]}',
    );
    expect(fingerprints(fixture())).toEqual(FIXED);
  });
});

const FIXED = { Inner: "213448832d6760a8", Outer: "b60d529f4f0dace4" };

/** A model in which every struct is a region of its own, but for those whose alignment a region cannot have. */
function regions(ir: SchemaIr): LayoutModel {
  const aligned = layOut(ir).structs;
  ir.structs = ir.structs.map((struct, typeId) =>
    (aligned.get(struct.id)?.align ?? 0) > 128
      ? struct
      : { ...struct, role: { kind: "region", typeId, version: 2, readableFrom: 1, header: "standard" } },
  );
  return layOut(ir);
}

const regionIds = (model: LayoutModel): string[] =>
  [...model.structs.values()].filter(({ role }) => role.kind === "region").map(({ id }) => id);

describe("descriptor", () => {
  it("reads back as the layout that it was made of (200 random regions)", () => {
    const model = regions(randomIr(new Random(seed), { structs: 200 }));
    for (const id of regionIds(model)) {
      const struct = model.structs.get(id) as StructLayout;
      const read = parseDescriptor(descriptorBytes(model, id));
      const role = struct.role.kind === "region" ? struct.role : undefined;
      expect(read.region).toEqual({
        name: struct.name,
        typeId: role?.typeId,
        version: 2,
        readableFrom: 1,
        header: "standard",
      });
      expect(read.model.structs.get(read.root)?.fingerprint, `seed ${seed}, ${struct.name}`).toBe(struct.fingerprint);
      const canonical = canonicalLayout(model, id);
      const again = layoutFromCanonical(canonical);
      expect(canonicalLayout(again.model, again.root)).toBe(canonical);
    }
  });

  it("reads back the history of its fields, which changes neither layout nor fingerprint (200 random regions)", () => {
    const random = new Random(seed);
    const ir = randomIr(random, { structs: 200 });
    const plain = regions(structuredClone(ir));
    for (const field of ir.structs.flatMap(({ fields }) => fields)) {
      if (random.chance(0.2)) field.since = { version: 2, default: { kind: "integer", value: "1" } };
      if (random.chance(0.1)) field.was = `older "${random.bits()}`;
    }
    const model = regions(ir);
    let entries = 0;
    for (const id of regionIds(model)) {
      const history = layoutHistory(model, id);
      entries += history.length;
      expect(canonicalLayout(model, id)).toBe(canonicalLayout(plain, id));
      const json = descriptorJson(plain, id);
      const last = history.length === 0 ? "" : `,"history":${JSON.stringify(history)}`;
      expect(descriptorJson(model, id)).toBe(`${json.slice(0, -1)}${last}}`);
      const read = parseDescriptor(descriptorBytes(model, id));
      expect(layoutHistory(read.model, read.root), `seed ${seed}`).toEqual(history);
      const fields = (from: LayoutModel, struct: string): unknown =>
        from.structs.get(struct)?.fields.map(({ since, was }) => [since?.version, was]);
      expect(fields(read.model, read.root)).toEqual(fields(model, id));
    }
    expect(entries).toBeGreaterThan(100);
  });

  it("refuses changed bytes with a DescriptorError, and never anything else (20,000 mutations)", () => {
    const random = new Random(seed);
    const model = regions(randomIr(random, { structs: 20 }));
    const descriptors = regionIds(model).map((id) => descriptorBytes(model, id));
    for (let round = 0; round < 20_000; round += 1) {
      const bytes = Uint8Array.from(random.pick(descriptors));
      for (let count = random.integer(1, 4); count > 0; count -= 1)
        bytes[random.integer(0, bytes.length - 1)] = random.bits() & 255;
      const cut = random.chance(0.2) ? bytes.subarray(0, random.integer(0, bytes.length)) : bytes;
      // Half of them get a right checksum, so that what lies behind it is tried as well.
      if (cut.length >= DESCRIPTOR_HEADER_SIZE && random.chance(0.5)) {
        new DataView(cut.buffer).setUint32(0, crc32c(cut.subarray(4)), true);
      }
      try {
        parseDescriptor(cut);
      } catch (error) {
        if (!(error instanceof DescriptorError)) throw new Error(`seed ${seed}, round ${round}`, { cause: error });
      }
    }
  });

  it("refuses what is well packed but lies", () => {
    const pack = (json: string, size = Buffer.byteLength(json)): Uint8Array => {
      const data = deflateRawSync(json);
      const bytes = new Uint8Array(DESCRIPTOR_HEADER_SIZE + data.length);
      bytes.set(data, DESCRIPTOR_HEADER_SIZE);
      const view = new DataView(bytes.buffer);
      view.setUint32(4, size, true);
      view.setUint32(8, data.length, true);
      view.setUint32(0, crc32c(bytes.subarray(4)), true);
      return bytes;
    };
    const model = regions(fixture());
    const json = descriptorJson(model, first(regionIds(model)));
    expect(parseDescriptor(pack(json)).region.typeId).toBe(0);
    const known = `${json.slice(0, -1)},"history":[[0,0,{"since":2,"was":"x"}],[1,0,{"since":9}]]}`;
    expect(layoutHistory(parseDescriptor(pack(known)).model, "0#Outer")).toHaveLength(2);
    const bomb = `"${" ".repeat(DESCRIPTOR_JSON_MAX)}"`;
    const loop =
      '{"structs":[{"name":"A","size":4,"align":4,"packed":false,"fields":[{"name":"a","type":{"kind":"struct","struct":"0"},"offset":0,"size":4}]}],"enums":[],"bits":[]}';
    const lies: readonly Uint8Array[] = [
      pack(bomb),
      pack(bomb, 100),
      pack(json, 10),
      pack(`${json} `),
      pack(json.replace('"offset":0', '"offset":1')),
      pack(json.replace(/"size":\d+/, '"size":1099511627784')),
      pack(json.replace('"format":1', '"format":2')),
      pack(
        `{"format":1,"region":{"name":"A","typeId":0,"version":1,"readableFrom":1,"header":"standard"},"layout":${loop}}`,
      ),
      ...[
        "[]",
        "[[0,0,{}]]",
        '[[0,99,{"since":2}]]',
        '[[99,0,{"since":2}]]',
        '[[0,0,{"since":1}]]',
        '[[0,0,{"since":3}]]',
        '[[0,0,{"was":""}]]',
        '[[0,0,{"was":"x","since":2}]]',
        '[[0,0,{"since":2}],[0,0,{"since":2}]]',
        '[[0,1,{"since":2}],[0,0,{"since":2}]]',
        '[[0,0,{"since":2,"default":1}]]',
        "null",
      ].map((history) => pack(`${json.slice(0, -1)},"history":${history}}`)),
      ...["array", "reserved", "atomic"].map((kind) =>
        pack(
          json.replace(
            '{"kind":"scalar","scalar":"u32"}',
            `{"kind":"${kind}","of":{"kind":"reserved","of":{"kind":"scalar","scalar":"u32"}}${kind === "array" ? ',"length":1' : ""}}`,
          ),
        ),
      ),
      pack("[".repeat(500_000)),
      pack(
        json.replace(
          /"type":\{[^}]*\}/,
          `"type":${'{"kind":"array","of":'.repeat(20_000)}{"kind":"bool"}${',"length":1}'.repeat(20_000)}`,
        ),
      ),
      pack("null"),
      pack(""),
    ];
    for (const [index, bytes] of lies.entries()) {
      expect(() => parseDescriptor(bytes), `lie ${index}`).toThrow(DescriptorError);
    }
    expect(() => layoutFromCanonical(loop)).toThrow(/contains itself/);
    expect(() => layoutFromCanonical("{")).toThrow(DescriptorError);
  });

  it("gives the checksum that CRC-32C is known by", () => {
    expect(crc32c(new TextEncoder().encode("123456789"))).toBe(0xe3069283);
  });
});
