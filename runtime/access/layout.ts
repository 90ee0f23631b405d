/** The layout of a struct, as generated code tells it: data, which every file of this room may read. */
import type { Enumerators } from "./enum-names.js";

/** One field of a {@link StructLayout}. `offset`, `size` and `align` are bytes. */
export interface FieldLayout {
  readonly name: string;
  /** As in the schema: `"array<Wheel, 4>"`. */
  readonly type: string;
  readonly offset: number;
  /** 0 for a tail. */
  readonly size: number;
  readonly align: number;
  /** Its comment in the schema. */
  readonly docs: string;
  /** Members of the field's enum or flags. */
  readonly enumerators?: Enumerators;
  /** The version that the field came with, and what it reads as in a region of an older one: undefined without a default. */
  readonly since?: { readonly version: number; readonly default?: number | bigint | boolean | string };
  /** Its name in older versions. */
  readonly was?: string;
  /** True for a container, or an array of some. */
  readonly container?: true;
  /** Of a union: the field before it that says which member holds. */
  readonly tag?: string;
  /** Of a union's member: the values of that field with which it holds; beyond 2^53-1 as decimal text. */
  readonly cases?: readonly (number | string)[];
}

/** The layout of a struct as data: `Telemetry.layout`. */
export interface StructLayout {
  readonly name: string;
  /** Bytes, without a tail. */
  readonly size: number;
  readonly align: number;
  /** 64 bits of SHA-256 over the canonical layout, in hex. */
  readonly fingerprint: string;
  readonly docs: string;
  /** Reserved bytes are not among them. */
  readonly fields: readonly FieldLayout[];
  /** Bytes from one element of the tail to the next. */
  readonly tailStride?: number;
  /** Its fields are members of a union, over the same bytes. */
  readonly union?: true;
}

/** A generated class, as far as its layout goes. */
export interface LaidOutClass {
  readonly name: string;
  readonly prototype: object;
  readonly layout: StructLayout;
}

/**
 * What a region of another version has of the structs of the code. Implemented by OtherVersion in other-version.ts, and injected into the
 * view, as the futex is.
 */
export interface VersionPort {
  /** What stands in for a class; undefined for a class of which the region has everything. */
  of(type: LaidOutClass): LaidOutClass | undefined;
  /** Whether the region has a struct without this field. */
  lacks(layout: StructLayout, field: string): boolean;
}
