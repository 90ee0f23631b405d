/**
 * `SchemaIr`: what every front end produces and every later pass reads. A zod schema, so that it also loads from JSON.
 * @packageDocumentation
 */
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

export const ScalarName = z.enum(["i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64", "f32", "f64"]);
export type ScalarName = z.infer<typeof ScalarName>;

/** The integer that holds an enum or flags. */
export const ReprName = z.enum(["u8", "u16", "u32"]);
export type ReprName = z.infer<typeof ReprName>;

/** `<file>#<name>`, unique in a SchemaIr. */
const DeclarationId = z.string();
const Length = z.int();

export type TypeIr =
  | { kind: "scalar"; scalar: ScalarName }
  | { kind: "num"; of: "u64" | "i64" }
  | { kind: "bool" }
  | { kind: "enum"; enum: string }
  | { kind: "flags"; enum: string; repr: ReprName }
  | { kind: "bits"; bits: string }
  | { kind: "struct"; struct: string }
  | { kind: "utf8"; size: number }
  | { kind: "bytes"; size: number }
  | { kind: "array"; of: TypeIr; length: number }
  | { kind: "tail"; of: TypeIr }
  | { kind: "atomic"; of: TypeIr }
  | { kind: "relaxed"; of: TypeIr }
  | { kind: "endian"; order: "big" | "little"; of: TypeIr }
  | { kind: "reserved"; of: TypeIr };

/** The shape of a field's value. What concerns the place of the field (align, at, expect, since) stands in {@link FieldIr}. */
export const TypeIr: z.ZodType<TypeIr> = z.lazy(() =>
  z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("scalar"), scalar: ScalarName }),
    z.strictObject({ kind: z.literal("num"), of: z.enum(["u64", "i64"]) }),
    z.strictObject({ kind: z.literal("bool") }),
    z.strictObject({ kind: z.literal("enum"), enum: DeclarationId }),
    z.strictObject({ kind: z.literal("flags"), enum: DeclarationId, repr: ReprName }),
    z.strictObject({ kind: z.literal("bits"), bits: DeclarationId }),
    z.strictObject({ kind: z.literal("struct"), struct: DeclarationId }),
    z.strictObject({ kind: z.literal("utf8"), size: Length }),
    z.strictObject({ kind: z.literal("bytes"), size: Length }),
    z.strictObject({ kind: z.literal("array"), of: TypeIr, length: Length }),
    z.strictObject({ kind: z.literal("tail"), of: TypeIr }),
    z.strictObject({ kind: z.literal("atomic"), of: TypeIr }),
    z.strictObject({ kind: z.literal("relaxed"), of: TypeIr }),
    z.strictObject({ kind: z.literal("endian"), order: z.enum(["big", "little"]), of: TypeIr }),
    z.strictObject({ kind: z.literal("reserved"), of: TypeIr }),
  ]),
);

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
  span: SourceSpan.optional(),
});
/** One field of a struct as it was declared. */
export type FieldIr = z.infer<typeof FieldIr>;

/** What a struct is: part of others, the root of a region of ours, or memory that another program owns. */
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
  }),
  z.strictObject({ kind: z.literal("foreign") }),
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
  packed: z.boolean(),
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
  value: z.int(),
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
  repr: z.enum(["u8", "u16", "u32", "u64"]),
  fields: z.array(z.strictObject({ name: z.string(), width: z.int(), docs: Docs, span: SourceSpan.optional() })),
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
