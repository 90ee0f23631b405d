/**
 * What a layout is, for whoever compares two: the canonical layout that fingerprints are made of and descriptors carry, with
 * what a descriptor says about the history of fields. Offsets and sizes are bytes.
 * @packageDocumentation
 */

/** A type of the canonical layout. `enum`, `bits` and `struct` are indexes into the layout's lists, as decimal text. */
export type CanonicalType =
  | { readonly kind: "scalar"; readonly scalar: string }
  | { readonly kind: "num"; readonly of: string }
  | { readonly kind: "bool" }
  | { readonly kind: "enum"; readonly enum: string }
  | { readonly kind: "flags"; readonly enum: string; readonly repr: string }
  | { readonly kind: "bits"; readonly bits: string }
  | { readonly kind: "struct"; readonly struct: string }
  | { readonly kind: "utf8" | "bytes"; readonly size: number }
  | { readonly kind: "array"; readonly of: CanonicalType; readonly length: number }
  | { readonly kind: "tail" | "atomic" | "relaxed" | "reserved"; readonly of: CanonicalType }
  | { readonly kind: "endian"; readonly order: "big" | "little"; readonly of: CanonicalType };

/** One field of a {@link CanonicalStruct}. */
export interface CanonicalField {
  readonly name: string;
  readonly type: CanonicalType;
  readonly offset: number;
  /** 0 for a tail. */
  readonly size: number;
  /** The version of the region that brought the field, where the schema says so. */
  readonly since?: number;
  /** Its former name, where the schema says so. */
  readonly was?: string;
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
  readonly fields: readonly CanonicalField[];
  readonly tailStride?: number;
}

/** One enum of a {@link CanonicalLayout}. */
export interface CanonicalEnum {
  readonly name: string;
  readonly repr: string;
  readonly members: readonly { readonly name: string; readonly value: number }[];
}

/** One declaration of bit fields of a {@link CanonicalLayout}, least significant first; widths are bits. */
export interface CanonicalBits {
  readonly name: string;
  readonly repr: string;
  readonly fields: readonly { readonly name: string; readonly width: number }[];
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
  readonly header: string;
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

/** Types that nest deeper than this are refused. */
const DEPTH_MAX = 64;
/** No offset or size of ours is beyond. */
const SIZE_MAX = Number.MAX_SAFE_INTEGER;

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads the JSON of a descriptor, which anybody may have written: shapes, indexes, that sizes follow from types, that every
 * field lies in its struct, and that nothing contains itself. Time and memory are in proportion to the text.
 * @throws LayoutError saying what is wrong and where, whatever the text is
 */
export function readDescribedLayout(text: string): DescribedLayout {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new LayoutError("it is no JSON", { cause });
  }
  const root = object(json, "descriptor");
  const region = object(root["region"], "region");
  return {
    region: {
      name: string(region["name"], "region.name"),
      typeId: count(region["typeId"], "region.typeId"),
      version: count(region["version"], "region.version"),
      readableFrom: count(region["readableFrom"], "region.readableFrom"),
      header: string(region["header"], "region.header"),
    },
    layout: readLayout(root["layout"], root["history"]),
  };
}

/** As {@link readDescribedLayout}, of a layout alone. `history` is a descriptor's, or undefined. @throws LayoutError */
export function readLayout(json: unknown, history: unknown): CanonicalLayout {
  const layout = object(json, "layout");
  const known = historyOf(history);
  const structs = list(layout["structs"], "structs").map((value, index) => readStruct(value, index, known));
  const enums = list(layout["enums"], "enums").map(readEnum);
  const bits = list(layout["bits"], "bits").map(readBits);
  if (structs.length === 0) throw new LayoutError("it has no struct");
  const read = { structs, enums, bits };
  checkSizes(read);
  return read;
}

type History = ReadonlyMap<string, { readonly since?: number; readonly was?: string }>;

function historyOf(value: unknown): History {
  const entries = new Map<string, { since?: number; was?: string }>();
  if (value === undefined) return entries;
  for (const [at, entry] of list(value, "history").entries()) {
    const where = `history[${at}]`;
    const [struct, field, facts] = list(entry, where);
    const { since, was } = object(facts, where);
    entries.set(`${count(struct, where)}.${count(field, where)}`, {
      ...(since !== undefined && { since: count(since, `${where}.since`) }),
      ...(was !== undefined && { was: string(was, `${where}.was`) }),
    });
  }
  return entries;
}

function readStruct(value: unknown, index: number, history: History): CanonicalStruct {
  const where = `structs[${index}]`;
  const struct = object(value, where);
  const fields = list(struct["fields"], `${where}.fields`).map((entry, at): CanonicalField => {
    const place = `${where}.fields[${at}]`;
    const field = object(entry, place);
    const read = {
      name: string(field["name"], `${place}.name`),
      type: readType(field["type"], `${place}.type`, 0),
      offset: count(field["offset"], `${place}.offset`),
      size: count(field["size"], `${place}.size`),
    };
    return Object.assign(read, history.get(`${index}.${at}`));
  });
  const stride = struct["tailStride"];
  const packed = struct["packed"];
  if (typeof packed !== "boolean") throw new LayoutError(`${where}.packed is no boolean`);
  return {
    name: string(struct["name"], `${where}.name`),
    size: count(struct["size"], `${where}.size`),
    align: count(struct["align"], `${where}.align`),
    packed,
    fields,
    ...(stride !== undefined && { tailStride: count(stride, `${where}.tailStride`) }),
  };
}

function readType(value: unknown, where: string, depth: number): CanonicalType {
  if (depth > DEPTH_MAX) throw new LayoutError(`${where} nests more than ${DEPTH_MAX} types`);
  const type = object(value, where);
  const { kind } = type;
  const of = (): CanonicalType => readType(type["of"], where, depth + 1);
  switch (kind) {
    case "scalar":
      return { kind, scalar: word(type["scalar"], SCALARS, where) };
    case "num":
      return { kind, of: word(type["of"], WIDE, where) };
    case "bool":
      return { kind };
    case "enum":
      return { kind, enum: string(type["enum"], where) };
    case "flags":
      return { kind, enum: string(type["enum"], where), repr: word(type["repr"], REPRS, where) };
    case "bits":
      return { kind, bits: string(type["bits"], where) };
    case "struct":
      return { kind, struct: string(type["struct"], where) };
    case "utf8":
    case "bytes":
      return { kind, size: count(type["size"], where) };
    case "array":
      return { kind, of: of(), length: count(type["length"], where) };
    case "tail":
    case "atomic":
    case "relaxed":
    case "reserved":
      return { kind, of: of() };
    case "endian":
      return { kind, order: word(type["order"], ["big", "little"], where) as "big" | "little", of: of() };
    default:
      throw new LayoutError(`${where} is of an unknown kind`);
  }
}

function readEnum(value: unknown, index: number): CanonicalEnum {
  const where = `enums[${index}]`;
  const declared = object(value, where);
  return {
    name: string(declared["name"], where),
    repr: word(declared["repr"], REPRS, where),
    members: list(declared["members"], where).map((entry) => {
      const member = object(entry, where);
      return { name: string(member["name"], where), value: count(member["value"], where) };
    }),
  };
}

function readBits(value: unknown, index: number): CanonicalBits {
  const where = `bits[${index}]`;
  const declared = object(value, where);
  return {
    name: string(declared["name"], where),
    repr: word(declared["repr"], [...REPRS, "u64"], where),
    fields: list(declared["fields"], where).map((entry) => {
      const field = object(entry, where);
      return { name: string(field["name"], where), width: count(field["width"], where) };
    }),
  };
}

const REPRS = ["u8", "u16", "u32"];
const WIDE = ["u64", "i64"];

/** Bytes of each scalar, which is also its alignment. */
const SCALAR_SIZE: Readonly<Record<string, number>> = {
  i8: 1,
  u8: 1,
  i16: 2,
  u16: 2,
  i32: 4,
  u32: 4,
  f32: 4,
  i64: 8,
  u64: 8,
  f64: 8,
};
const SCALARS = Object.keys(SCALAR_SIZE);

/** Bytes of a scalar by its name. */
export function scalarSize(name: string): number {
  return SCALAR_SIZE[name] ?? 0;
}

/**
 * Bytes of a type in a layout whose indexes are right; 0 for a tail. @throws LayoutError for an index that names nothing
 */
export function typeSize(type: CanonicalType, layout: CanonicalLayout): number {
  switch (type.kind) {
    case "scalar":
      return scalarSize(type.scalar);
    case "num":
      return 8;
    case "bool":
      return 1;
    case "enum":
      return scalarSize(declared(layout.enums, type.enum).repr);
    case "flags":
      return scalarSize((declared(layout.enums, type.enum), type.repr));
    case "bits":
      return scalarSize(declared(layout.bits, type.bits).repr);
    case "struct":
      return declared(layout.structs, type.struct).size;
    case "utf8":
    case "bytes":
      return type.size;
    case "array":
      return type.length * typeSize(type.of, layout);
    case "tail":
      typeSize(type.of, layout);
      return 0;
    default:
      return typeSize(type.of, layout);
  }
}

/** The declaration that an index names. @throws LayoutError when there is none */
export function declared<T>(list: readonly T[], index: string): T {
  const found = /^(?:0|[1-9]\d{0,8})$/.test(index) ? list[Number(index)] : undefined;
  if (found === undefined) throw new LayoutError(`there is no declaration ${index.slice(0, 20)}`);
  return found;
}

function checkSizes(layout: CanonicalLayout): void {
  checkNesting(layout);
  for (const [index, { name, size, fields, tailStride }] of layout.structs.entries()) {
    for (const [at, field] of fields.entries()) {
      const where = `${name}.${field.name}`;
      const bytes = typeSize(field.type, layout);
      if (bytes !== field.size) throw new LayoutError(`${where} has ${field.size} bytes; its type takes ${bytes}`);
      if (!(field.offset + field.size <= size)) throw new LayoutError(`${where} lies outside of its struct`);
      if (field.type.kind !== "tail") continue;
      const isLast = at === fields.length - 1 && index === 0;
      if (!isLast || tailStride !== typeSize(field.type.of, layout) || field.offset !== size) {
        throw new LayoutError(`${where} is no tail at the end of the region`);
      }
    }
    if (tailStride !== undefined && fields.at(-1)?.type.kind !== "tail") {
      throw new LayoutError(`${name} has no tail, but the stride of one`);
    }
  }
}

/** Takes away structs that contain none of those that are left, until none is left or each contains another. */
function checkNesting({ structs }: CanonicalLayout): void {
  const outer = structs.map((): number[] => []);
  const inner = structs.map(({ fields }, index) => {
    const used = new Set(fields.flatMap(({ type }) => structIn(type) ?? []));
    for (const other of used) {
      declared(structs, other);
      outer[Number(other)]?.push(index);
    }
    return used.size;
  });
  const free = inner.flatMap((left, index) => (left === 0 ? [index] : []));
  // Grows while it is walked.
  for (const index of free) {
    for (const user of outer[index] ?? []) if ((inner[user] = (inner[user] ?? 0) - 1) === 0) free.push(user);
  }
  const stuck = structs.find((_, index) => (inner[index] ?? 0) > 0);
  if (stuck !== undefined) throw new LayoutError(`${stuck.name} contains itself`);
}

/** The index of the struct that a type holds, alone or as elements. */
function structIn(type: CanonicalType): string | undefined {
  let part: CanonicalType = type;
  while ("of" in part && typeof part.of === "object") part = part.of;
  return part.kind === "struct" ? part.struct : undefined;
}

function object(value: unknown, where: string): Json {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
  throw new LayoutError(`${where} is no object`);
}

function list(value: unknown, where: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new LayoutError(`${where} is no list`);
}

function string(value: unknown, where: string): string {
  if (typeof value === "string" && value.length > 0 && value.length <= 1024) return value;
  throw new LayoutError(`${where} is no name`);
}

function word(value: unknown, known: readonly string[], where: string): string {
  if (typeof value === "string" && known.includes(value)) return value;
  throw new LayoutError(`${where} is none of ${known.join(", ")}`);
}

function count(value: unknown, where: string): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= SIZE_MAX) return value;
  throw new LayoutError(`${where} is no count`);
}

/** A type as it is written in a schema: `"array<Wheel, 4>"`. */
export function typeText(type: CanonicalType, layout: CanonicalLayout): string {
  switch (type.kind) {
    case "scalar":
      return type.scalar;
    case "num":
      return `num<${type.of}>`;
    case "bool":
      return "bool";
    case "enum":
      return declared(layout.enums, type.enum).name;
    case "flags":
      return `flags<${declared(layout.enums, type.enum).name}, ${type.repr}>`;
    case "bits":
      return declared(layout.bits, type.bits).name;
    case "struct":
      return declared(layout.structs, type.struct).name;
    case "utf8":
    case "bytes":
      return `${type.kind}<${type.size}>`;
    case "array":
      return `array<${typeText(type.of, layout)}, ${type.length}>`;
    case "reserved":
      return type.of.kind === "bytes" ? `pad<${type.of.size}>` : `reserved<${typeText(type.of, layout)}>`;
    case "endian":
      return `${type.order === "big" ? "be" : "le"}<${typeText(type.of, layout)}>`;
    default:
      return `${type.kind}<${typeText(type.of, layout)}>`;
  }
}
