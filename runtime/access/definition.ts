/** What generated code tells the runtime about a struct or a region. All of it is data. */
import type { EncodingName } from "../../schema/encodings.js";
import type { Flyweight } from "./flyweight.js";
import type { StructLayout } from "./layout.js";
import type { MemoryView } from "./memory-view.js";
import type { RegionContainers } from "./placed.js";

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
  readonly scalar:
    "i8" | "u8" | "i16" | "u16" | "i32" | "u32" | "i64" | "u64" | "f32" | "f64" | "bool" | "bytes" | EncodingName;
  /** Bytes, of texts and bytes. */
  readonly size?: number;
  readonly bigEndian?: true;
  /** The accepted values; those of bytes as hexadecimal digits. */
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
  /** Absent where it has none. */
  readonly containers?: RegionContainers;
}

/** Memory that another program owns. */
export interface ForeignDefinition<T extends Flyweight, R extends Flyweight> {
  readonly accessor: FlyweightClass<T>;
  readonly reader: FlyweightClass<R>;
  readonly expects: readonly ExpectedField[];
  /** Whether fields of it are atomic. */
  readonly hasAtomics?: true;
}
