/**
 * A layout, read from JSON that anybody may have written: the one parser of descriptors and of published layouts.
 *
 * In: the JSON of a descriptor, or a canonical layout in a lock file. Out: a {@link CanonicalLayout} whose indexes, sizes and
 * offsets are right. Whether a schema could have said it, generator/layout/read-canonical.ts asks on top of this. Part by part, and
 * the first mistake ends it: a library's list of all mistakes took 939 MB and 11 s for 300 kB of JSON; this takes 44 ms.
 */
import { type EnumValue, isEnumValue } from "../enum-values.js";
import { BITS_REPR_NAMES, REPR_NAMES } from "../scalar-sizes.js";
import {
  type Part,
  type TypeIr,
  accessedType,
  isKind,
  isTag,
  partsOf,
  referenceIn,
  structIn,
  typeMetrics,
} from "../type-kinds.js";
import {
  type CanonicalBitField,
  type CanonicalBits,
  type CanonicalEnum,
  type CanonicalField,
  type CanonicalLayout,
  type CanonicalStruct,
  type DescribedLayout,
  LayoutError,
  type RegionFacts,
  declared,
  scopeOf,
} from "./canonical.js";

/** Types that nest deeper than this are refused. A schema nests far fewer; JSON may be of any depth. */
const TYPE_DEPTH_MAX = 256;
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
  return readDescription(json);
}

/** As {@link readDescribedLayout}, of parsed JSON. @throws LayoutError */
export function readDescription(json: unknown): DescribedLayout & { readonly region: RegionFacts } {
  const root = object(json, "descriptor");
  const region = object(root["region"], "region");
  return {
    region: {
      name: string(region["name"], "region.name"),
      typeId: uint32(region["typeId"], "region.typeId"),
      version: uint32(region["version"], "region.version"),
      readableFrom: uint32(region["readableFrom"], "region.readableFrom"),
      header: word(region["header"], ["standard", "dotnet"], "region.header"),
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
    const { tag, cases } = field;
    const read = {
      name: string(field["name"], `${place}.name`),
      type: readType(field["type"], `${place}.type`, 0),
      offset: count(field["offset"], `${place}.offset`),
      size: count(field["size"], `${place}.size`),
      ...(tag !== undefined && { tag: string(tag, `${place}.tag`) }),
      ...(cases !== undefined && { cases: list(cases, `${place}.cases`).map((one) => memberValue(one, place)) }),
    };
    return Object.assign(read, history.get(`${index}.${at}`));
  });
  const stride = struct["tailStride"];
  const packed = struct["packed"];
  const pack = struct["pack"];
  const role = struct["role"];
  const union = struct["union"];
  if (union !== undefined && (union !== true || role !== undefined))
    throw new LayoutError(`${where}.union is no union`);
  if (typeof packed !== "boolean") throw new LayoutError(`${where}.packed is no boolean`);
  if (pack !== undefined && (packed || (pack !== 2 && pack !== 4 && pack !== 8)))
    throw new LayoutError(`${where}.pack is none of 2, 4, 8`);
  return {
    name: string(struct["name"], `${where}.name`),
    size: count(struct["size"], `${where}.size`),
    align: count(struct["align"], `${where}.align`),
    packed,
    ...(pack !== undefined && { pack }),
    ...(union !== undefined && { union }),
    ...(role !== undefined && { role: string(role, `${where}.role`) }),
    fields,
    ...(stride !== undefined && { tailStride: count(stride, `${where}.tailStride`) }),
  };
}

function readType(value: unknown, where: string, depth: number): TypeIr {
  if (depth > TYPE_DEPTH_MAX) throw new LayoutError(`${where} nests more than ${TYPE_DEPTH_MAX} types`);
  const json = object(value, where);
  const { kind } = json;
  if (!isKind(kind)) throw new LayoutError(`${where} is of an unknown kind`);
  const parts = partsOf(kind).flatMap(([name, part]) => {
    if (part.optional === true && json[name] === undefined) return [];
    return [[name, readPart(json[name], part, where, depth)] as const];
  });
  return Object.fromEntries([["kind", kind], ...parts]) as unknown as TypeIr;
}

function readPart(value: unknown, part: Part, where: string, depth: number): unknown {
  switch (part.is) {
    case "word":
      return word(value, part.words, where);
    case "count":
      return count(value, where);
    case "name":
    case "reference":
      return string(value, where);
    case "type":
      return readType(value, where, depth + 1);
  }
}

function readEnum(value: unknown, index: number): CanonicalEnum {
  const where = `enums[${index}]`;
  const declared = object(value, where);
  return {
    name: string(declared["name"], where),
    repr: word(declared["repr"], REPR_NAMES, where),
    members: list(declared["members"], where).map((entry) => {
      const member = object(entry, where);
      return { name: string(member["name"], where), value: memberValue(member["value"], where) };
    }),
  };
}

function readBits(value: unknown, index: number): CanonicalBits {
  const where = `bits[${index}]`;
  const declared = object(value, where);
  return {
    name: string(declared["name"], where),
    repr: word(declared["repr"], BITS_REPR_NAMES, where),
    fields: list(declared["fields"], where).map((entry) => readBitField(object(entry, where), where)),
  };
}

function readBitField(field: Json, where: string): CanonicalBitField {
  return {
    name: string(field["name"], where),
    width: count(field["width"], where),
    ...(field["signed"] === true && { signed: true }),
    ...(field["pad"] === true && { pad: true }),
  };
}

function checkSizes(layout: CanonicalLayout): void {
  checkNesting(layout);
  const scope = scopeOf(layout);
  for (const [index, { name, size, union, fields, tailStride }] of layout.structs.entries()) {
    for (const [at, field] of fields.entries()) {
      const where = `${name}.${field.name}`;
      const reference = referenceIn(field.type);
      if (reference !== undefined) declared<unknown>(layout[reference.list], reference.name);
      const bytes = typeMetrics(field.type, scope).size;
      if (bytes !== field.size) throw new LayoutError(`${where} has ${field.size} bytes; its type takes ${bytes}`);
      if (!(field.offset + field.size <= size)) throw new LayoutError(`${where} lies outside of its struct`);
      checkUnion(field, at, fields, union === true, layout, where);
      if (field.type.kind !== "tail") continue;
      const isLast = at === fields.length - 1 && index === 0;
      if (!isLast || tailStride !== typeMetrics(field.type, scope).stride || field.offset !== size) {
        throw new LayoutError(`${where} is no tail at the end of the region`);
      }
      const { count: by } = field.type;
      const counted = fields.find(({ name: own }) => own === by)?.type;
      if (by !== undefined && (counted === undefined || accessedType(counted).kind !== "scalar"))
        throw new LayoutError(`${where} is counted by no number`);
    }
    if (tailStride !== undefined && fields.at(-1)?.type.kind !== "tail") {
      throw new LayoutError(`${name} has no tail, but the stride of one`);
    }
  }
}

/** Members of a union begin where it does, and what says which one holds is a number before it. */
function checkUnion(
  { type, offset, tag, cases }: CanonicalField,
  at: number,
  fields: readonly CanonicalField[],
  isMember: boolean,
  layout: CanonicalLayout,
  where: string,
): void {
  if (isMember && (offset !== 0 || type.kind === "tail" || type.kind === "reserved"))
    throw new LayoutError(`${where} is no member of a union`);
  if (cases !== undefined && (!isMember || cases.length === 0)) throw new LayoutError(`${where} has no cases`);
  if (tag === undefined) return;
  const named = fields.slice(0, at).find(({ name }) => name === tag)?.type;
  const isUnion = type.kind === "struct" && declared(layout.structs, type.struct).union === true;
  if (isMember || !isUnion || named === undefined || !isTag(accessedType(named), scopeOf(layout)))
    throw new LayoutError(`${where} is no union that ${tag.slice(0, 64)} could be the tag of`);
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

function word<W extends string>(value: unknown, known: readonly W[], where: string): W {
  const found = known.find((one) => one === value);
  if (found !== undefined) return found;
  throw new LayoutError(`${where} is none of ${known.join(", ")}`);
}

function uint32(value: unknown, where: string): number {
  const found = count(value, where);
  if (found <= 0xffffffff) return found;
  throw new LayoutError(`${where} is no number of 32 bits`);
}

function memberValue(value: unknown, where: string): EnumValue {
  if (isEnumValue(value)) return value;
  throw new LayoutError(`${where} has a member whose value is no whole number`);
}

function count(value: unknown, where: string): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= SIZE_MAX) return value;
  throw new LayoutError(`${where} is no count`);
}
