/**
 * What templates of a user's own are rendered over: one {@link FileModel} per schema file. Plain data, and stable:
 * members are added, never renamed. Offsets and sizes are bytes.
 * @packageDocumentation
 */
import type { EnumValue } from "@shmgen/schema/enum-values";
import type { ExpectedValue, StructRole, TypeIr } from "../../ir/ir.js";
import type { FieldLayout, LayoutModel, StructLayout } from "../../layout/layout.js";
import { typeText } from "../../ir/type-text.js";

/** The declarations of one schema file, in source order. */
export interface FileModel {
  /** Path of the schema file, relative to the project's root. */
  readonly file: string;
  readonly structs: readonly StructModel[];
  readonly enums: readonly EnumerationModel[];
  readonly bits: readonly BitsModel[];
}

export interface StructModel {
  readonly name: string;
  /** The comment; empty without one. */
  readonly docs: string;
  /** `"plain"`, `"region"` or `"foreign"`. */
  readonly role: string;
  /** Options of a region; undefined for others. */
  readonly region:
    | {
        readonly typeId: number;
        readonly version: number;
        readonly readableFrom: number;
        readonly header: string;
        /** `"versioned"` or undefined. */
        readonly naming: string | undefined;
      }
    | undefined;
  /** Its fields lie over one another. */
  readonly union: boolean;
  readonly packed: boolean;
  /** N of `Packed<N>` beyond 1: bytes that a field is aligned to at most. */
  readonly pack: number | undefined;
  readonly size: number;
  readonly align: number;
  readonly fingerprint: string;
  /** Reserved bytes are fields of kind `"reserved"`. */
  readonly fields: readonly StructFieldModel[];
  /** Bytes that belong to no field. */
  readonly padding: number;
}

export interface StructFieldModel {
  readonly name: string;
  readonly docs: string;
  /** As in the schema: `"array<Wheel, 4>"`. */
  readonly type: string;
  /** The same as data, with the names of declarations in `declaration`. */
  readonly shape: TypeShape;
  readonly offset: number;
  readonly size: number;
  readonly align: number;
  /** Unused bytes between the field before and this one. */
  readonly hole: number;
  /** Accepted values of `expect`, as text; empty without. */
  readonly expect: readonly string[];
  /** The version that the field came with, and its default as text; undefined without `since`. */
  readonly since: { readonly version: number; readonly default: string | undefined } | undefined;
  /** Its name in older versions, of `@was`. */
  readonly was: string | undefined;
  /** Of a union: the field that says which member holds. */
  readonly tag: string | undefined;
  /** Of a union's member: the values of that field with which it holds; empty without. */
  readonly cases: readonly EnumValue[];
}

/** A type: `kind` as in SchemaIr, and what that kind has; the rest is undefined. */
export interface TypeShape {
  readonly kind: string;
  readonly scalar: string | undefined;
  readonly declaration: string | undefined;
  readonly length: number | undefined;
  readonly order: string | undefined;
  readonly of: TypeShape | undefined;
}

export interface EnumerationModel {
  readonly name: string;
  readonly docs: string;
  readonly repr: string;
  /** `value` is a number, beyond 2^53-1 decimal text. */
  readonly members: readonly { readonly name: string; readonly value: number | string; readonly docs: string }[];
}

export interface BitsModel {
  readonly name: string;
  readonly docs: string;
  readonly repr: string;
  /** `shift` is the lowest bit; what `pad` leaves free is not among them. */
  readonly fields: readonly {
    readonly name: string;
    readonly width: number;
    readonly shift: number;
    readonly signed: boolean;
    readonly docs: string;
  }[];
}

/** The model of one schema file. */
export function fileModel(model: LayoutModel, file: string): FileModel {
  const structs = model.ir.structs.filter((struct) => struct.file === file);
  return {
    file,
    structs: structs.flatMap(({ id }) => {
      const struct = model.structs.get(id);
      return struct === undefined ? [] : [structModel(struct, model)];
    }),
    enums: model.ir.enums
      .filter((declared) => declared.file === file)
      .map(({ name, docs, repr, members }) => ({
        name,
        docs: docs ?? "",
        repr,
        members: members.map((member) => ({ name: member.name, value: member.value, docs: member.docs ?? "" })),
      })),
    bits: model.ir.bits
      .filter((declared) => declared.file === file)
      .map(({ name, docs, repr, fields }) => {
        let shift = 0;
        const placed = fields.flatMap(({ name: field, width, signed = false, pad, docs: said = "" }) => {
          const row = { name: field, width, shift, signed, docs: said };
          shift += width;
          return pad === true ? [] : [row];
        });
        return { name, docs: docs ?? "", repr, fields: placed };
      }),
  };
}

function structModel(struct: StructLayout, model: LayoutModel): StructModel {
  const { name, docs, role, union, packed, pack, size, align, fingerprint, fields } = struct;
  let end = 0;
  let used = 0;
  const rows = fields.map((field) => {
    const row = structField(field, model, Math.max(0, field.offset - end));
    end = Math.max(end, field.offset + field.size);
    used = struct.union ? end : used + field.size;
    return row;
  });
  return {
    name,
    docs: docs ?? "",
    role: role.kind,
    region: role.kind === "region" ? regionOptions(role) : undefined,
    union,
    packed,
    pack,
    size,
    align,
    fingerprint,
    fields: rows,
    padding: Math.max(0, size - used),
  };
}

function regionOptions(role: StructRole & { kind: "region" }): StructModel["region"] {
  const { typeId, version, readableFrom, header, naming } = role;
  return { typeId, version, readableFrom, header, naming };
}

function structField(field: FieldLayout, model: LayoutModel, hole: number): StructFieldModel {
  const { name, docs, type, offset, size, align, expect, since, was, tag, cases } = field;
  const text = (value: ExpectedValue): string => String(value.value);
  return {
    name,
    docs: docs ?? "",
    type: typeText(type),
    shape: shapeOf(type, model),
    offset,
    size,
    align,
    hole,
    expect: (expect ?? []).map(text),
    since: since && { version: since.version, default: since.default && text(since.default) },
    was,
    tag,
    cases: cases ?? [],
  };
}

function shapeOf(type: TypeIr, model: LayoutModel): TypeShape {
  const nameOf = (id: string): string | undefined =>
    (model.structs.get(id) ?? model.enums.get(id) ?? model.bits.get(id))?.name;
  const declared = "struct" in type ? type.struct : "enum" in type ? type.enum : "bits" in type ? type.bits : undefined;
  const inner = "of" in type ? type.of : undefined;
  const scalar =
    "scalar" in type
      ? type.scalar
      : "integer" in type
        ? type.integer
        : "repr" in type
          ? type.repr
          : typeof inner === "string"
            ? inner
            : undefined;
  return {
    kind: type.kind,
    scalar,
    declaration: declared === undefined ? undefined : nameOf(declared),
    length: "length" in type ? type.length : "size" in type ? type.size : undefined,
    order: "order" in type ? type.order : undefined,
    of: typeof inner === "object" ? shapeOf(inner, model) : undefined,
  };
}
