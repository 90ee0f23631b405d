/** A canonical layout or a descriptor, read back: a region tells what is in it. The input is bytes that anybody may have written. */
import { UnpackError, unpackDescriptor } from "@shmgen/schema/descriptor";
import { z } from "zod";
import { type BitsIr, type EnumIr, ReprName, type SchemaIr, type StructIr, type StructRole, TypeIr } from "../ir/ir.js";
import { DESCRIPTOR_FORMAT, descriptorJson } from "./descriptor.js";
import { canonicalLayout, layoutFingerprint } from "./fingerprint.js";
import type { HistoryEntry } from "./history.js";
import type { FieldLayout, LayoutModel, StructLayout } from "./layout.js";
import { STRUCT_SIZE_MAX } from "./limits.js";
import { typeMetrics, typeParts } from "./metrics.js";
import { verifyLayout } from "./verify.js";

/** Why bytes are not a descriptor, or text is not a canonical layout. The only thing that this file throws. */
export class DescriptorError extends Error {
  override readonly name = "DescriptorError";
}

const Name = z.string().min(1).max(1024);
const Size = z.int().min(0).max(STRUCT_SIZE_MAX);
const Uint32 = z.int().min(0).max(0xffffffff);

/** Types in one another. */
const TYPE_DEPTH_MAX = 256;

const Field = z.strictObject({ name: Name, type: z.unknown(), offset: Size, size: Size });
const Struct = z.strictObject({
  name: Name,
  size: Size,
  align: z.int().min(1),
  packed: z.boolean(),
  fields: z.array(z.unknown()),
  tailStride: Size.optional(),
});
const Member = z.strictObject({ name: Name, value: Uint32 });
const Enum = z.strictObject({ name: Name, repr: ReprName, members: z.array(z.unknown()) });
const BitField = z.strictObject({ name: Name, width: z.int().min(1).max(64) });
const Bits = z.strictObject({
  name: Name,
  repr: z.enum(["u8", "u16", "u32", "u64"]),
  fields: z.array(z.unknown()),
});
const Layout = z.strictObject({
  structs: z.array(z.unknown()).min(1),
  enums: z.array(z.unknown()),
  bits: z.array(z.unknown()),
});

interface CanonicalLayout {
  readonly structs: readonly (Omit<z.infer<typeof Struct>, "fields"> & {
    readonly fields: readonly (Omit<z.infer<typeof Field>, "type"> & { readonly type: TypeIr })[];
  })[];
  readonly enums: readonly (Omit<z.infer<typeof Enum>, "members"> & { members: z.infer<typeof Member>[] })[];
  readonly bits: readonly (Omit<z.infer<typeof Bits>, "fields"> & { fields: z.infer<typeof BitField>[] })[];
}

/** Lists are read one by one, so that the first mistake is the last: a million of them would fill the memory. */
function parseLayout(json: unknown): CanonicalLayout {
  const { structs, enums, bits } = Layout.parse(json);
  return { structs: structs.map(parseStruct), enums: enums.map(parseEnum), bits: bits.map(parseBits) };
}

function parseStruct(json: unknown): CanonicalLayout["structs"][number] {
  const struct = Struct.parse(json);
  return { ...struct, fields: namedOnce(struct, struct.fields, parseField) };
}

function parseField(json: unknown): CanonicalLayout["structs"][number]["fields"][number] {
  const { type, ...place } = Field.parse(json);
  return { ...place, type: parseType(type) };
}

function parseEnum(json: unknown): CanonicalLayout["enums"][number] {
  const declaration = Enum.parse(json);
  return { ...declaration, members: namedOnce(declaration, declaration.members, (member) => Member.parse(member)) };
}

function parseBits(json: unknown): CanonicalLayout["bits"][number] {
  const declaration = Bits.parse(json);
  return { ...declaration, fields: namedOnce(declaration, declaration.fields, (field) => BitField.parse(field)) };
}

/** What a list is made of, each with a name of its own. */
function namedOnce<T extends { readonly name: string }>(
  parent: { readonly name: string },
  list: readonly unknown[],
  read: (one: unknown) => T,
): T[] {
  const names = new Set<string>();
  return list.map((one) => {
    const item = read(one);
    if (names.has(item.name)) throw new DescriptorError(`${parent.name} has two of the name ${item.name}`);
    names.add(item.name);
    return item;
  });
}

/** A type in which everything has at least one byte, and which a schema could have said. */
function parseType(json: unknown): TypeIr {
  let depth = 0;
  for (let part = json; typeof part === "object" && part !== null; part = "of" in part ? part.of : undefined) {
    depth += 1;
    if (depth > TYPE_DEPTH_MAX) throw new DescriptorError(`a type nests more than ${TYPE_DEPTH_MAX} times`);
  }
  const type = TypeIr.parse(json);
  let isOutermost = true;
  for (const part of typeParts(type)) {
    const count = part.kind === "array" ? part.length : part.kind === "utf8" || part.kind === "bytes" ? part.size : 1;
    if (count < 1) throw new DescriptorError(`the length of ${part.kind} is ${count}`);
    if (part.kind === "tail" && !isOutermost) throw new DescriptorError("a tail is part of another type");
    if (part.kind === "atomic" || part.kind === "relaxed" || part.kind === "endian") {
      const { kind } = part.of;
      const fits = kind === "scalar" || kind === "num" || kind === "bool" || kind === "enum" || kind === "flags";
      if (!fits) throw new DescriptorError(`${part.kind} of ${kind}`);
    }
    isOutermost = false;
  }
  return type;
}

const RegionName = z.strictObject({
  name: Name,
  typeId: Uint32,
  version: Uint32,
  readableFrom: Uint32,
  header: z.enum(["standard", "dotnet"]),
});

const Index = z.int().min(0);
const History = z.array(
  z.tuple([Index, Index, z.strictObject({ since: Uint32.min(2).optional(), was: Name.optional() })]),
);

/** The `region` of a descriptor. */
export type DescribedRegion = z.infer<typeof RegionName>;

/** A layout that was read back: a model with one root, whose declarations have no files. */
export interface ReadLayout {
  readonly model: LayoutModel;
  /** Id of the struct that was described. */
  readonly root: string;
}

/**
 * Reads what `canonicalLayout` wrote. Everything is checked: that it is canonical to the byte, that sizes follow from types,
 * that fields lie in their struct, and that nothing contains itself.
 * @throws DescriptorError saying what is wrong, whatever the text is.
 */
export function layoutFromCanonical(json: string): ReadLayout {
  return guarded(() => {
    const read = readLayout(parseLayout(JSON.parse(json)), { kind: "plain" });
    if (canonicalLayout(read.model, read.root) !== json)
      throw new DescriptorError("the layout is not in canonical form");
    return read;
  });
}

/**
 * Reads the bytes of a descriptor as they stand in a region. Unpacks at most DESCRIPTOR_JSON_MAX bytes.
 * @throws DescriptorError saying what is wrong, whatever the bytes are.
 */
export function parseDescriptor(bytes: Uint8Array): { region: DescribedRegion } & ReadLayout {
  return guarded(() => parseText(textOf(unpackDescriptor(bytes))));
}

/** As {@link parseDescriptor}, of the JSON alone. @throws DescriptorError */
export function parseDescriptorText(json: string): { region: DescribedRegion } & ReadLayout {
  return guarded(() => parseText(json));
}

function parseText(json: string): { region: DescribedRegion } & ReadLayout {
  const Descriptor = z.strictObject({
    format: z.literal(DESCRIPTOR_FORMAT),
    region: RegionName,
    layout: z.unknown(),
    history: History.optional(),
  });
  const { region, layout, history = [] } = Descriptor.parse(JSON.parse(json));
  const { typeId, version, readableFrom, header } = region;
  const late = history.find(([struct, , { since = 0 }]) => struct === 0 && since > version);
  if (late !== undefined) throw new DescriptorError(`version ${version} has a field since version ${late[2].since}`);
  const read = readLayout(
    parseLayout(layout),
    { kind: "region", typeId, version, readableFrom, header },
    history as HistoryEntry[],
  );
  // Entries for nothing, out of order or twice are not there again.
  if (descriptorJson(read.model, read.root) !== json)
    throw new DescriptorError("the descriptor is not in canonical form");
  return { region, ...read };
}

function textOf(json: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(json);
}

/** Unpacking, JSON and zod throw errors of their own, and input that nests deeply enough exhausts the stack. */
function guarded<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof DescriptorError) throw error;
    if (error instanceof UnpackError) throw new DescriptorError(error.message, { cause: error });
    const reason =
      error instanceof z.ZodError ? firstIssue(error) : error instanceof Error ? error.message : String(error);
    throw new DescriptorError(`not a description of a layout: ${reason}`, { cause: error });
  }
}

function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  return issue === undefined ? "invalid" : `${issue.path.join(".")}: ${issue.message}`;
}

/** Ids carry the index, which makes them unique, and the name, which messages show. */
function readLayout(layout: CanonicalLayout, role: StructRole, history: readonly HistoryEntry[] = []): ReadLayout {
  const known = new Map(history.map(([struct, field, one]) => [`${struct} ${field}`, one]));
  const ids = {
    structs: layout.structs.map(({ name }, index) => `${index}#${name}`),
    enums: layout.enums.map(({ name }, index) => `${index}#${name}`),
    bits: layout.bits.map(({ name }, index) => `${index}#${name}`),
  };
  const enums: EnumIr[] = layout.enums.map((declaration, index) => ({
    ...declaration,
    id: ids.enums[index] as string,
    file: "",
  }));
  const bits: BitsIr[] = layout.bits.map((declaration, index) => ({
    ...declaration,
    id: ids.bits[index] as string,
    file: "",
  }));
  const structs: StructIr[] = layout.structs.map(({ name, packed, fields }, index): StructIr => ({
    id: ids.structs[index] as string,
    name,
    file: "",
    role: index === 0 ? role : { kind: "plain" },
    packed,
    fields: fields.map((field, place) => {
      const { since, was } = known.get(`${index} ${place}`) ?? {};
      const version = since === undefined ? {} : { since: { version: since } };
      return { name: field.name, type: named(field.type, ids), ...version, ...(was === undefined ? {} : { was }) };
    }),
  }));
  const ir: SchemaIr = { irVersion: 1, structs, enums, bits };
  const model: LayoutModel = {
    ir,
    structs: new Map(),
    enums: new Map(enums.map((declaration) => [declaration.id, declaration])),
    bits: new Map(bits.map((declaration) => [declaration.id, declaration])),
    metrics: (type) => typeMetrics(type, model),
  };
  const sizes = new Map(
    structs.map(({ id }, index) => [id, layout.structs[index] as CanonicalLayout["structs"][number]]),
  );
  const scope = { structs: sizes, enums: model.enums, bits: model.bits };
  const shared = sharedStructs(structs);
  for (const struct of structs) {
    const { size, align, fields, tailStride } = sizes.get(struct.id) as CanonicalLayout["structs"][number];
    const places = struct.fields.map((field, index): FieldLayout => {
      const metrics = typeMetrics(field.type, scope);
      const { offset = 0, size: bytes = 0 } = fields[index] ?? {};
      const fieldAlign = struct.packed ? 1 : metrics.align;
      return {
        name: field.name,
        docs: undefined,
        type: field.type,
        offset,
        size: bytes,
        align: fieldAlign,
        expect: undefined,
        since: field.since,
        was: field.was,
        span: undefined,
      };
    });
    const last = places.at(-1);
    if (last?.type.kind === "tail" && struct.role !== role) throw new DescriptorError(`${struct.name} has a tail`);
    const tail =
      last?.type.kind === "tail"
        ? { field: last, of: last.type.of, offset: last.offset, stride: tailStride ?? -1 }
        : undefined;
    if (tail === undefined ? tailStride !== undefined : tail.stride !== typeMetrics(tail.of, scope).stride) {
      throw new DescriptorError(`the tail stride of ${struct.name} is wrong`);
    }
    const layouts = model.structs as Map<string, StructLayout>;
    const { id, name, packed } = struct;
    if (size === 0 && tail === undefined) throw new DescriptorError(`${name} has no bytes`);
    const common = { id, name, file: "", docs: undefined, role: struct.role, packed, span: undefined };
    layouts.set(id, {
      ...common,
      size,
      align,
      fields: places,
      tail,
      hasAtomics: shared.has(id),
      // Made when it is asked for: of a chain of thousands of structs, all of them would take minutes.
      get fingerprint() {
        return layoutFingerprint(model, id);
      },
    });
  }
  checkBits(bits);
  verifyLayout(model, ({ name }, what) => new DescriptorError(`${name} cannot lie like that: ${what}`));
  return { model, root: ids.structs[0] as string };
}

type Ids = Readonly<Record<"structs" | "enums" | "bits", readonly string[]>>;

/** A type whose indexes are replaced by ids. */
function named(type: TypeIr, ids: Ids): TypeIr {
  const id = (list: readonly string[], index: string): string => {
    const found = /^(?:0|[1-9]\d*)$/.test(index) ? list[Number(index)] : undefined;
    if (found === undefined) throw new DescriptorError(`there is no declaration ${index}`);
    return found;
  };
  switch (type.kind) {
    case "struct":
      return { ...type, struct: id(ids.structs, type.struct) };
    case "enum":
    case "flags":
      return { ...type, enum: id(ids.enums, type.enum) };
    case "bits":
      return { ...type, bits: id(ids.bits, type.bits) };
    case "array":
    case "tail":
    case "atomic":
    case "relaxed":
    case "endian":
    case "reserved":
      if (type.of.kind === "reserved" || (type.kind === "reserved" && type.of.kind === "tail"))
        throw new DescriptorError(`${type.of.kind} stands inside ${type.kind}`);
      return { ...type, of: named(type.of, ids) };
    default:
      return type;
  }
}

/**
 * Structs with atomic or relaxed fields, in themselves or in what they contain. Refuses what contains itself. Takes away structs
 * that contain none of those that are left: a loop, because chains may be longer than the stack.
 */
function sharedStructs(structs: readonly StructIr[]): Set<string> {
  const byId = new Map(structs.map((struct) => [struct.id, struct]));
  const users = new Map<string, string[]>();
  const waiting = new Map<string, number>();
  for (const { id, fields } of structs) {
    const inner = new Set(
      fields.flatMap(({ type }) =>
        [...typeParts(type)].flatMap((part) => (part.kind === "struct" ? [part.struct] : [])),
      ),
    );
    waiting.set(id, inner.size);
    for (const used of inner) {
      const list = users.get(used);
      if (list === undefined) users.set(used, [id]);
      else list.push(id);
    }
  }
  const shared = new Set<string>();
  const isShared = ({ type }: StructIr["fields"][number]): boolean => {
    if (type.kind === "reserved") return false;
    return [...typeParts(type)].some(
      (part) =>
        part.kind === "atomic" || part.kind === "relaxed" || (part.kind === "struct" && shared.has(part.struct)),
    );
  };
  const free = structs.flatMap(({ id }) => (waiting.get(id) === 0 ? [id] : []));
  // Grows while it is walked.
  for (const id of free) {
    if (byId.get(id)?.fields.some(isShared) === true) shared.add(id);
    for (const user of users.get(id) ?? []) {
      const left = (waiting.get(user) ?? 0) - 1;
      waiting.set(user, left);
      if (left === 0) free.push(user);
    }
  }
  const stuck = structs.find(({ id }) => (waiting.get(id) ?? 0) > 0);
  if (stuck !== undefined) throw new DescriptorError(`${stuck.name} contains itself`);
  return shared;
}

function checkBits(bits: readonly BitsIr[]): void {
  for (const { name, repr, fields } of bits) {
    const sum = fields.reduce((widths, { width }) => widths + width, 0);
    if (sum > Number(repr.slice(1))) throw new DescriptorError(`the bit fields of ${name} take ${sum} bits`);
  }
}
