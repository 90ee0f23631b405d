/** What generated code tells the runtime about a struct or a region. All of it is data. */
import type { Flyweight } from "./flyweight.js";
import type { MemoryView } from "./memory-view.js";

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
  readonly enumerators?: Readonly<Record<string, number>>;
  /** The version that the field came with, and what it reads as in a region of an older one: undefined without a default. */
  readonly since?: { readonly version: number; readonly default?: number | bigint | boolean | string };
  /** Its name in older versions. */
  readonly was?: string;
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
}

/** A generated accessor class. `offset` is bytes from the start of the view. */
export interface FlyweightClass<T extends Flyweight = Flyweight> {
  new (view: MemoryView, offset: number): T;
  readonly layout: StructLayout;
}

/** A field of a foreign region whose value is validated when the region is attached. */
export interface ExpectedField {
  /** Path from the root, `"header[0].version"`-like. */
  readonly field: string;
  /** Bytes from the start of the memory. */
  readonly offset: number;
  readonly scalar: "i8" | "u8" | "i16" | "u16" | "i32" | "u32" | "i64" | "u64" | "f32" | "f64" | "bool" | "utf8";
  /** Bytes, for utf8. */
  readonly size?: number;
  readonly bigEndian?: true;
  /** The accepted values. */
  readonly values: readonly (number | bigint | boolean | string)[];
}

/** A region of ours: everything that the open protocol needs to know. */
export interface RegionDefinition<T extends Flyweight, R extends Flyweight> {
  readonly accessor: FlyweightClass<T>;
  readonly reader: FlyweightClass<R>;
  readonly header: "standard" | "dotnet";
  readonly typeId: number;
  readonly version: number;
  readonly readableFrom: number;
  /** "versioned": the file is `<name>@<version>`, so that versions live side by side. Default: `<name>`. */
  readonly naming?: "versioned";
  /** The descriptor with its 16-byte header (schema/region-format.ts), base64; empty with the dotnet header. */
  readonly descriptor: string;
}

/** Memory that another program owns. */
export interface ForeignDefinition<T extends Flyweight, R extends Flyweight> {
  readonly accessor: FlyweightClass<T>;
  readonly reader: FlyweightClass<R>;
  readonly expects: readonly ExpectedField[];
}
