/**
 * What a layout is, for whoever compares two: the canonical layout that fingerprints are made of and descriptors carry, with
 * what a descriptor says about the history of fields. Offsets and sizes are bytes.
 * @packageDocumentation
 */
import type { EnumValue } from "../enum-values.js";
import type { BitsReprName, ReprName } from "../scalar-sizes.js";
import { type TypeIr, type TypeScope, typeText as textOf } from "../type-kinds.js";

/** One field of a {@link CanonicalStruct}. */
export interface CanonicalField {
  readonly name: string;
  /** It names declarations by their indexes in the layout's lists, as decimal text. */
  readonly type: TypeIr;
  readonly offset: number;
  /** 0 for a tail. */
  readonly size: number;
  /** The version of the region that brought the field, where the schema says so. */
  readonly since?: number;
  /** Its former name, where the schema says so. */
  readonly was?: string;
  /** Of a union: the field before it that says which member holds. */
  readonly tag?: string;
  /** Of a union's member: the values of that field with which it holds. */
  readonly cases?: readonly EnumValue[];
  /** Accepted values of foreign memory, as text, sorted; absent where nothing is expected. Not part of a descriptor. */
  readonly expect?: readonly string[];
  /** Its comment, empty for none; absent where nobody knows. Not part of a descriptor. */
  readonly docs?: string;
}

/** One struct of a {@link CanonicalLayout}. */
export interface CanonicalStruct {
  readonly name: string;
  /** Without a tail. */
  readonly size: number;
  readonly align: number;
  readonly packed: boolean;
  /** All fields begin at its first byte. */
  readonly union?: true;
  /** N of `Packed<N>` beyond 1. */
  readonly pack?: 2 | 4 | 8;
  /** The container that it is, or part of one: `"ring"`, `"participants.entry"`. Absent for structs of a schema. */
  readonly role?: string;
  readonly fields: readonly CanonicalField[];
  readonly tailStride?: number;
}

/** One enum of a {@link CanonicalLayout}. */
export interface CanonicalEnum {
  readonly name: string;
  readonly repr: ReprName;
  readonly members: readonly { readonly name: string; readonly value: EnumValue }[];
}

/** One bit field; `signed` and `pad`, bits that nobody accesses, are absent where they are not true. */
export interface CanonicalBitField {
  readonly name: string;
  readonly width: number;
  readonly signed?: true;
  readonly pad?: true;
}

/** One declaration of bit fields of a {@link CanonicalLayout}, least significant first; widths are bits. */
export interface CanonicalBits {
  readonly name: string;
  readonly repr: BitsReprName;
  readonly fields: readonly CanonicalBitField[];
}

/** Everything that says which bytes mean what; struct 0 is the root. */
export interface CanonicalLayout {
  readonly structs: readonly CanonicalStruct[];
  readonly enums: readonly CanonicalEnum[];
  readonly bits: readonly CanonicalBits[];
}

/** What the root of a region declares beside its fields. */
export interface RegionFacts {
  readonly name: string;
  readonly typeId: number;
  readonly version: number;
  readonly readableFrom: number;
  readonly header: "standard" | "dotnet";
}

/** A layout and, for regions of ours, what identifies it. */
export interface DescribedLayout {
  /** Absent for memory of another program. */
  readonly region?: RegionFacts;
  readonly layout: CanonicalLayout;
}

/** Why text is no description of a layout. */
export class LayoutError extends Error {
  override readonly name = "LayoutError";
}

/** The declaration that an index names. @throws LayoutError when there is none */
export function declared<T>(list: readonly T[], index: string): T {
  const found = /^(?:0|[1-9]\d{0,8})$/.test(index) ? list[Number(index)] : undefined;
  if (found === undefined) throw new LayoutError(`there is no declaration ${index.slice(0, 20)}`);
  return found;
}

/** The declarations of a layout, for the metrics of its types. They throw LayoutError for an index that names nothing. */
export function scopeOf(layout: CanonicalLayout): TypeScope {
  return {
    struct: (index) => declared(layout.structs, index),
    repr: (list, index) => declared<CanonicalEnum | CanonicalBits>(layout[list], index).repr,
  };
}

/** A type as it is written in a schema: `"array<Wheel, 4>"`. */
export function typeText(type: TypeIr, layout: CanonicalLayout): string {
  return textOf(type, (list, index) => declared<{ readonly name: string }>(layout[list], index).name);
}

/** Whether a field is the table of a region's participants, which no schema names. */
export function isParticipants({ type }: CanonicalField, { structs }: CanonicalLayout): boolean {
  return type.kind === "struct" && declared(structs, type.struct).role === "participants";
}

/** How many can take part in the region; 0 where none of its containers has owners. */
export function participantsOf(layout: CanonicalLayout): number {
  const table = layout.structs[0]?.fields.find((field) => isParticipants(field, layout))?.type;
  const entries = table?.kind === "struct" ? declared(layout.structs, table.struct).fields.at(-1)?.type : undefined;
  return entries?.kind === "array" ? entries.length : 0;
}
