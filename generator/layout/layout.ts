/** What the layout pass says: every struct with its offsets. See compute.ts for the rules. */
import type { EnumValue } from "@shmgen/schema/enum-values";
import type { TypeMetrics } from "@shmgen/schema/type-kinds";
import type {
  BitsIr,
  EnumIr,
  ExpectedValue,
  ScalarName,
  SchemaIr,
  SinceIr,
  SourceSpan,
  StructRole,
  TypeIr,
} from "../ir/ir.js";

/** One field at its place. `offset` and `size` and `align` are bytes from the start of the struct. */
export interface FieldLayout {
  readonly name: string;
  readonly docs: string | undefined;
  readonly type: TypeIr;
  readonly offset: number;
  /** 0 for a tail. */
  readonly size: number;
  /** Effective alignment: at most that of a packed struct. */
  readonly align: number;
  readonly expect: readonly ExpectedValue[] | undefined;
  readonly since: SinceIr | undefined;
  /** Its name in older versions. */
  readonly was: string | undefined;
  /** Of a union: the field of the same struct that says which member holds. */
  readonly tag: string | undefined;
  /** Of a union's member: the values of the tag with which it holds. */
  readonly cases: readonly EnumValue[] | undefined;
  readonly span: SourceSpan | undefined;
}

/** The tail of a region: elements from `offset` (of the struct) on, `stride` bytes apart. */
export interface TailLayout {
  readonly field: FieldLayout;
  readonly of: TypeIr;
  readonly offset: number;
  readonly stride: number;
}

/** One struct with its offsets. `size` and `align` are bytes. */
export interface StructLayout {
  readonly id: string;
  readonly name: string;
  readonly file: string;
  readonly docs: string | undefined;
  readonly role: StructRole;
  /** All fields begin at its first byte. */
  readonly union: boolean;
  readonly packed: boolean;
  /** Of `Packed<N>` beyond 1: bytes that a field is aligned to at most. */
  readonly pack: 2 | 4 | 8 | undefined;
  /** Without the tail; a multiple of `align`. */
  readonly size: number;
  readonly align: number;
  /** In declaration order, which is also the order of offsets. A tail is the last one. */
  readonly fields: readonly FieldLayout[];
  readonly tail: TailLayout | undefined;
  /** True when this struct or one nested in it has an atomic or relaxed field. */
  readonly hasAtomics: boolean;
  /** The alignment that its atomic and relaxed fields need; more than `align` in a packed root, which is aligned wherever it begins. */
  readonly sharedAlign: number;
  /** First 64 bits of SHA-256 over the canonical layout, 16 lower-case hex digits. */
  readonly fingerprint: string;
  readonly span: SourceSpan | undefined;
}

/** Everything the emitters may look at. */
export interface LayoutModel {
  readonly ir: SchemaIr;
  readonly structs: ReadonlyMap<string, StructLayout>;
  readonly enums: ReadonlyMap<string, EnumIr>;
  readonly bits: ReadonlyMap<string, BitsIr>;
  metrics(type: TypeIr): TypeMetrics;
  /** The scalar that holds the bits of a number, bool, enum or flags; undefined for every other type. */
  scalarOf(type: TypeIr): ScalarName | undefined;
}
