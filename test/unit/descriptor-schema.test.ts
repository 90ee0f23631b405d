/** docs/descriptor.schema.json is made of the table of kinds, and takes what regions carry; UPDATE_DOCS=1 writes it. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format } from "prettier";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { descriptorJson } from "../../generator/dist/layout/descriptor.js";
import { BITS_REPR_NAMES, REPR_NAMES } from "../../schema/dist/scalar-sizes.js";
import { KIND_NAMES, type Part, isKind, partsOf } from "../../schema/dist/type-kinds.js";
import { everyType } from "../support/schemas/every-type.js";
import { compileSchema } from "../support/schemas/generated.js";
import { withImport } from "../support/schemas/check-schema.js";

type Json = Readonly<Record<string, unknown>>;

const NAME: Json = { type: "string", minLength: 1, maxLength: 1024 };
const COUNT: Json = { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER };
const WORD32: Json = { type: "integer", minimum: 0, maximum: 0xffffffff };
const VALUE: Json = {
  anyOf: [
    { type: "integer", minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER },
    { type: "string", pattern: "^-?[1-9][0-9]{15,19}$", description: "decimal text of what a number would round" },
  ],
};
const TYPE: Json = { $ref: "#/$defs/type" };
const listOf = (items: Json): Json => ({ type: "array", items });
const shape = (properties: Readonly<Record<string, Json>>, optional: readonly string[] = []): Json => ({
  type: "object",
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
});

const BIT_FIELD: Json = shape({ name: NAME, width: COUNT, signed: { const: true }, pad: { const: true } }, [
  "signed",
  "pad",
]);

function partSchema(part: Part): Json {
  switch (part.is) {
    case "word":
      return { enum: part.words };
    case "count":
      return COUNT;
    case "name":
      return NAME;
    case "reference":
      return { type: "string", pattern: "^(0|[1-9][0-9]*)$", description: `index in layout.${part.list}` };
    case "type":
      return TYPE;
  }
}

function kindSchema(kind: (typeof KIND_NAMES)[number]): Json {
  const parts = partsOf(kind).map(([name, part]) => [name, partSchema(part)] as const);
  const optional = partsOf(kind).flatMap(([name, part]) => (part.optional === true ? [name] : []));
  return shape({ kind: { const: kind }, ...Object.fromEntries(parts) }, optional);
}

const field = shape(
  {
    name: NAME,
    type: TYPE,
    offset: COUNT,
    size: COUNT,
    tag: { ...NAME, description: "of a union: the field before it that says which member holds" },
    cases: {
      ...listOf(VALUE),
      minItems: 1,
      description: "of a union's member: the values of the tag with which it holds",
    },
  },
  ["tag", "cases"],
);
const role = { ...NAME, description: 'a container\'s word, "mutex"; absent for structs of the schema' };
const struct = shape(
  {
    name: NAME,
    size: COUNT,
    align: COUNT,
    packed: { type: "boolean" },
    pack: {
      enum: [2, 4, 8],
      description: "bytes that a field is aligned to at most; absent where that is 1 (packed) or not limited",
    },
    union: { const: true, description: "all fields begin at its first byte; absent for others" },
    role,
    fields: listOf(field),
    tailStride: COUNT,
  },
  ["pack", "union", "role", "tailStride"],
);
const layout = shape({
  structs: { ...listOf(struct), minItems: 1, description: "the first is the region's" },
  enums: listOf(
    shape({ name: NAME, repr: { enum: REPR_NAMES }, members: listOf(shape({ name: NAME, value: VALUE })) }),
  ),
  bits: listOf(shape({ name: NAME, repr: { enum: BITS_REPR_NAMES }, fields: listOf(BIT_FIELD) })),
});
const history = {
  type: "array",
  description: "[struct, field, facts]: since which version a field is there, and what it was called before",
  items: {
    type: "array",
    prefixItems: [COUNT, COUNT, shape({ since: WORD32, was: NAME }, ["since", "was"])],
    minItems: 3,
    maxItems: 3,
  },
};
const descriptor = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "The description of a region's layout that the region carries",
  description: "Offsets and sizes are bytes. Unknown members are to be ignored.",
  ...shape(
    {
      format: { const: 1 },
      region: shape({
        name: NAME,
        typeId: WORD32,
        version: WORD32,
        readableFrom: WORD32,
        header: { enum: ["standard", "dotnet"] },
      }),
      layout,
      history,
    },
    ["history"],
  ),
  $defs: { type: { oneOf: KIND_NAMES.filter(isKind).map(kindSchema) } },
};

describe("docs/descriptor.schema.json", () => {
  const path = join(import.meta.dirname, "../../docs/descriptor.schema.json");

  it("says what the kinds of types are (UPDATE_DOCS=1 writes it)", async () => {
    const made = await format(JSON.stringify(descriptor), { parser: "json", printWidth: 120 });
    if (process.env["UPDATE_DOCS"] === "1") writeFileSync(path, made);
    expect(readFileSync(path, "utf8")).toBe(made);
  });

  const validator = z.fromJSONSchema(JSON.parse(readFileSync(path, "utf8")) as Parameters<typeof z.fromJSONSchema>[0]);

  it("takes the descriptor of a region with every type, and one with a container and a history", async () => {
    const every = await compileSchema({ "every.shm.ts": (await everyType()).schema }, []);
    const model = every.model ?? expect.unreachable();
    const regions = [...model.structs].filter(([, struct]) => struct.role.kind === "region");
    expect(regions.length).toBeGreaterThan(1);
    for (const [id] of regions)
      expect(validator.safeParse(JSON.parse(descriptorJson(model, id))).error, id).toBe(undefined);
    const text =
      "export interface Car extends Region<{ type: 1; version: 2 }> { /** @was tempo */ speed: f32; door: since<mutex, 2> }";
    const compiled = await compileSchema({ "car.shm.ts": withImport(text) }, []);
    const json = JSON.parse(descriptorJson(compiled.model ?? expect.unreachable(), "car.shm.ts#Car")) as Json;
    expect(json).toHaveProperty("history");
    expect(validator.safeParse(json).error).toBe(undefined);
  });

  it("refuses what is none", () => {
    const type = { kind: "scalar", scalar: "u32" };
    const withType = (given: unknown): unknown => ({
      format: 1,
      region: { name: "Car", typeId: 1, version: 1, readableFrom: 1, header: "standard" },
      layout: {
        structs: [
          { name: "Car", size: 4, align: 4, packed: false, fields: [{ name: "a", type: given, offset: 0, size: 4 }] },
        ],
        enums: [],
        bits: [],
      },
    });
    expect(validator.safeParse(withType(type)).success).toBe(true);
    for (const wrong of [
      { kind: "scalar" },
      { kind: "none" },
      { kind: "array", of: { kind: "scalar", scalar: "u33" }, length: 1 },
    ])
      expect(validator.safeParse(withType(wrong)).success).toBe(false);
    expect(validator.safeParse({ format: 2 }).success).toBe(false);
  });
});
