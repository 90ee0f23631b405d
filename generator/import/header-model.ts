/** What a header declares, with the places that the compiler gave it. Bits where C has bits, else bytes. */

/** A type as C has it; qualifiers are left out. */
export type CType =
  | { readonly kind: "basic"; readonly name: string; readonly size: number; readonly encoding: Encoding }
  | { readonly kind: "pointer"; readonly size: number; readonly to: string }
  | { readonly kind: "array"; readonly of: CType; readonly count: number | undefined; readonly isVector: boolean }
  | { readonly kind: "record"; readonly record: CRecord }
  | { readonly kind: "enum"; readonly enum: CEnum }
  | { readonly kind: "typedef"; readonly name: string; readonly of: CType }
  | { readonly kind: "atomic"; readonly of: CType }
  | { readonly kind: "opaque"; readonly what: string; readonly size: number };

export type Encoding = "signed" | "unsigned" | "char" | "boolean" | "float" | "utf" | "other";

/** Where something is declared: a file as the compiler found it, and a line from 1 on. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** A struct, union or class. `members` are filled in once, after all records are known to exist. */
export interface CRecord {
  readonly id: number;
  readonly tag: "struct" | "union" | "class";
  /** Undefined for one without a name. */
  readonly name: string | undefined;
  /** Namespaces and classes around it, outermost first; undefined inside of a function. */
  readonly scope: readonly string[] | undefined;
  /** Names that typedefs give it directly, in the order of the header. */
  readonly typedefs: string[];
  readonly place: Place;
  readonly size: number;
  members: readonly CMember[];
  /** Only declared here, and defined elsewhere. */
  readonly isIncomplete: boolean;
  /** Alignment in bytes: what the compiler says, once it was asked. */
  align: number | undefined;
  /** Why its memory cannot be described, in words. */
  obstacle: string | undefined;
}

export interface CMember {
  readonly name: string | undefined;
  readonly type: CType;
  readonly place: Place;
  /** From the beginning of the record. */
  readonly offsetBits: number;
  readonly sizeBits: number;
  readonly isBitField: boolean;
  readonly isBase: boolean;
}

export interface CEnum {
  readonly id: number;
  readonly name: string | undefined;
  readonly scope: readonly string[] | undefined;
  readonly typedefs: string[];
  readonly place: Place;
  readonly size: number;
  readonly isSigned: boolean;
  readonly members: readonly { readonly name: string; readonly value: bigint }[];
}

/** All of a header and of those that it includes, in the order of their files and lines. */
export interface HeaderModel {
  readonly records: readonly CRecord[];
  readonly enums: readonly CEnum[];
}

/** The type behind typedefs. */
export function bare(type: CType): CType {
  return type.kind === "typedef" ? bare(type.of) : type;
}

/** Bytes of a type; 0 for what has none. */
export function sizeOf(type: CType): number {
  switch (type.kind) {
    case "array":
      return sizeOf(type.of) * (type.count ?? 0);
    case "record":
      return type.record.size;
    case "enum":
      return type.enum.size;
    case "typedef":
    case "atomic":
      return sizeOf(type.of);
    default:
      return type.size;
  }
}

/** What names a record in code; undefined for one without a name. */
export function spellingOf({ name, typedefs, scope, tag }: CRecord, language: "c" | "c++"): string | undefined {
  const [typedef] = typedefs;
  if (scope === undefined) return undefined;
  if (language === "c") return name === undefined ? typedef : `${tag} ${name}`;
  const own = name ?? typedef;
  return own === undefined ? undefined : `::${[...scope, own].join("::")}`;
}
