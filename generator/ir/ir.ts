/**
 * `SchemaIr`: what every front end produces and every later pass reads. A zod schema, so that it also loads from JSON.
 * @packageDocumentation
 */
import { type EnumValue, isEnumValue } from "@shmgen/schema/enum-values";
import { BITS_REPR_NAMES, REPR_NAMES, SCALAR_NAMES } from "@shmgen/schema/scalar-sizes";
import { KIND_NAMES, type Part, type TypeIr as Type, partsOf } from "@shmgen/schema/type-kinds";
import { z } from "zod";

/** Where a declaration or field stands in its schema file. Offsets and lengths are UTF-16 units; line and column count from 1. */
export const SourceSpan = z.strictObject({
  file: z.string(),
  start: z.int().nonnegative(),
  length: z.int().nonnegative(),
  line: z.int().positive(),
  column: z.int().positive(),
});
export type SourceSpan = z.infer<typeof SourceSpan>;

export const ScalarName = z.enum(SCALAR_NAMES);
export type ScalarName = z.infer<typeof ScalarName>;

/** The integer that holds an enum. */
export const ReprName = z.enum(REPR_NAMES);
export type ReprName = z.infer<typeof ReprName>;

/** `<file>#<name>`, unique in a SchemaIr. */
const DeclarationId = z.string();

/** The shape of a field's value. What concerns the place of the field (align, at, expect, since) stands in {@link FieldIr}. */
export const TypeIr: z.ZodType<TypeIr> = z.lazy(() => {
  const [first, ...others] = KIND_NAMES.map(kindSchema);
  if (first === undefined) throw new Error("there are no kinds of types");
  return z.discriminatedUnion("kind", [first, ...others]) as unknown as z.ZodType<TypeIr>;
});
/** The shape of a field's value. */
export type TypeIr = Type;

function kindSchema(kind: TypeIr["kind"]) {
  const parts = partsOf(kind).map(([name, part]) => {
    return [name, part.optional === true ? partSchema(part).optional() : partSchema(part)] as const;
  });
  return z.strictObject({ kind: z.literal(kind), ...Object.fromEntries(parts) });
}

function partSchema(part: Part): z.ZodType {
  switch (part.is) {
    case "word":
      return z.enum(part.words);
    case "name":
      return z.string();
    case "count":
      return z.int();
    case "reference":
      return DeclarationId;
    case "type":
      return TypeIr;
  }
}

/** One literal of `expect<T, V>`: integers as decimal text (they may have 64 bits), floats, booleans, or text for utf8. */
export const ExpectedValue = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("integer"), value: z.string().regex(/^-?\d+$/) }),
  z.strictObject({ kind: z.literal("float"), value: z.number() }),
  z.strictObject({ kind: z.literal("bool"), value: z.boolean() }),
  z.strictObject({ kind: z.literal("text"), value: z.string() }),
]);
export type ExpectedValue = z.infer<typeof ExpectedValue>;

/** `since<T, V, default>`: the version that a field came with, and what it reads as in an older region. */
export const SinceIr = z.strictObject({ version: z.int(), default: ExpectedValue.optional() });
export type SinceIr = z.infer<typeof SinceIr>;

const Docs = z.string().optional();

/** One field of a struct as it was declared. */
export const FieldIr = z.strictObject({
  name: z.string(),
  /** JSDoc text without comment markers, lines joined by "\n". */
  docs: Docs,
  type: TypeIr,
  /** `align<T, N>`: bytes. */
  align: z.int().optional(),
  /** `at<T, N>`: byte offset in the struct. */
  at: z.int().optional(),
  /** `expect<T, V>`: the accepted values. */
  expect: z.array(ExpectedValue).optional(),
  since: SinceIr.optional(),
  /** `@was`: the field's name in older versions. */
  was: z.string().optional(),
  /** `union<{...}, "kind">`: the field that says which member holds. */
  tag: z.string().optional(),
  /** `@case`: of a union's member, the values of the tag with which it holds. */
  cases: z.array(z.custom<EnumValue>(isEnumValue, "a whole number; beyond 2^53-1 as decimal text")).optional(),
  span: SourceSpan.optional(),
});
/** One field of a struct as it was declared. */
export type FieldIr = z.infer<typeof FieldIr>;

/** What a struct is: part of others, the root of a region of ours, memory that another program owns, or a container. */
export const StructRole = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("plain") }),
  z.strictObject({
    kind: z.literal("region"),
    typeId: z.int(),
    version: z.int(),
    readableFrom: z.int(),
    header: z.enum(["standard", "dotnet"]),
    /** Each version has a file of its own. */
    naming: z.literal("versioned").optional(),
    /** How many threads can take part at a time, where containers have owners. */
    participants: z.int().optional(),
  }),
  z.strictObject({ kind: z.literal("foreign") }),
  /** Made by lowering: a container, `"ring"`, or a part of one, `"participants.entry"`, and what a schema gave it. */
  z.strictObject({
    kind: z.literal("container"),
    container: z.string(),
    key: TypeIr.optional(),
    of: TypeIr.optional(),
    length: z.int().optional(),
  }),
]);
export type StructRole = z.infer<typeof StructRole>;

/** One interface of a schema. */
export const StructIr = z.strictObject({
  id: DeclarationId,
  name: z.string(),
  /** Schema file, relative to the project's root, with forward slashes. */
  file: z.string(),
  docs: Docs,
  role: StructRole,
  /** `union<{...}>`: all fields begin at its first byte. */
  union: z.literal(true).optional(),
  /** `Packed`, which is `Packed<1>`. */
  packed: z.boolean(),
  /** `Packed<N>` beyond 1: bytes that a field is aligned to at most. */
  pack: z.literal([2, 4, 8]).optional(),
  /** `Aligned<N>`: bytes. */
  align: z.int().optional(),
  /** `Sized<N>`: bytes. */
  size: z.int().optional(),
  fields: z.array(FieldIr),
  span: SourceSpan.optional(),
  /** The option `version` of a region. */
  versionSpan: SourceSpan.optional(),
});
/** One interface of a schema. */
export type StructIr = z.infer<typeof StructIr>;

export const EnumMemberIr = z.strictObject({
  name: z.string(),
  /** Decimal text beyond 2^53-1. */
  value: z.custom<EnumValue>(isEnumValue, "a whole number; beyond 2^53-1 as decimal text"),
  docs: Docs,
  span: SourceSpan.optional(),
});
export type EnumMemberIr = z.infer<typeof EnumMemberIr>;

/** One enum, or alias of `enumOf`. Members in declaration order. */
export const EnumIr = z.strictObject({
  id: DeclarationId,
  name: z.string(),
  file: z.string(),
  docs: Docs,
  repr: ReprName,
  members: z.array(EnumMemberIr),
  span: SourceSpan.optional(),
});
/** One enum, or alias of `enumOf`. Members in declaration order. */
export type EnumIr = z.infer<typeof EnumIr>;

/** One declaration of bit fields, least significant first; widths are bits. */
export const BitsIr = z.strictObject({
  id: DeclarationId,
  name: z.string(),
  file: z.string(),
  docs: Docs,
  repr: z.enum(BITS_REPR_NAMES),
  fields: z.array(
    z.strictObject({
      name: z.string(),
      width: z.int(),
      /** `signed<N>`. */
      signed: z.literal(true).optional(),
      /** `pad<N>`: bits that nobody accesses. */
      pad: z.literal(true).optional(),
      docs: Docs,
      span: SourceSpan.optional(),
    }),
  ),
  span: SourceSpan.optional(),
});
/** One declaration of bit fields, least significant first; widths are bits. */
export type BitsIr = z.infer<typeof BitsIr>;

/** All declarations of a project, per kind, files in the order of their paths, declarations of a file in source order. */
export const SchemaIr = z.strictObject({
  irVersion: z.literal(1),
  structs: z.array(StructIr),
  enums: z.array(EnumIr),
  bits: z.array(BitsIr),
});
export type SchemaIr = z.infer<typeof SchemaIr>;

/**
 * Loads a SchemaIr from JSON text.
 * @throws ZodError when the text is JSON but not a SchemaIr; SyntaxError when it is not JSON.
 */
export function parseSchemaIr(json: string): SchemaIr {
  return SchemaIr.parse(JSON.parse(json));
}

/** The SchemaIr as JSON text, indented, ending in a newline; {@link parseSchemaIr} reads it back. */
export function dumpSchemaIr(ir: SchemaIr): string {
  return `${JSON.stringify(ir, undefined, 2)}\n`;
}
