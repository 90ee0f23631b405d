/** A canonical layout or a descriptor, read back: a region tells what is in it. The input is bytes that anybody may have written. */
import { UnpackError, unpackDescriptor } from "@shmgen/schema/descriptor";
import {
  type CanonicalLayout,
  type CanonicalStruct,
  type RegionFacts,
  declared,
  readDescription,
  readLayout,
} from "@shmgen/schema/evolution";
import { SCALAR_SIZE } from "@shmgen/schema/scalar-sizes";
import {
  innermostType,
  innerType,
  isAccess,
  isChars,
  isNumber,
  isOrdered,
  isShared,
  renamed,
  structIn,
  typeParts,
  unitsOf,
} from "@shmgen/schema/type-kinds";
import type { BitsIr, EnumIr, StructIr, StructRole, TypeIr } from "../ir/ir.js";
import { descriptorJson } from "./descriptor.js";
import { canonicalLayout, layoutFingerprint } from "./fingerprint.js";
import type { FieldLayout, LayoutModel, StructLayout } from "./layout.js";
import { packedAlign } from "../ir/roles.js";
import { typesIn } from "./metrics.js";
import { verifyLayout } from "./verify.js";

/** Why bytes are not a descriptor, or text is not a canonical layout. The only thing that this file throws. */
export class DescriptorError extends Error {
  override readonly name = "DescriptorError";
}

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
    const read = modelOf(readLayout(JSON.parse(json), undefined), { kind: "plain" });
    if (canonicalLayout(read.model, read.root) !== json)
      throw new DescriptorError("the layout is not in canonical form");
    return read;
  });
}

/**
 * Reads the bytes of a descriptor as they stand in a region. Unpacks at most DESCRIPTOR_JSON_MAX bytes.
 * @throws DescriptorError saying what is wrong, whatever the bytes are.
 */
export function parseDescriptor(bytes: Uint8Array): { region: RegionFacts } & ReadLayout {
  return guarded(() => parseText(textOf(unpackDescriptor(bytes))));
}

/** As {@link parseDescriptor}, of the JSON alone. @throws DescriptorError */
export function parseDescriptorText(json: string): { region: RegionFacts } & ReadLayout {
  return guarded(() => parseText(json));
}

function parseText(json: string): { region: RegionFacts } & ReadLayout {
  const { region, layout } = readDescription(JSON.parse(json));
  const { typeId, version, readableFrom, header } = region;
  const late = layout.structs[0]?.fields.find(({ since = 0 }) => since > version);
  if (late !== undefined) throw new DescriptorError(`version ${version} has a field since version ${late.since}`);
  const read = modelOf(layout, { kind: "region", typeId, version, readableFrom, header });
  // Another format, unknown members, and entries of the history for nothing, out of order or twice are not there again.
  if (descriptorJson(read.model, read.root) !== json)
    throw new DescriptorError("the descriptor is not in canonical form");
  return { region, ...read };
}

function textOf(json: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(json);
}

/** Unpacking and parsing throw errors of their own, and input that nests deeply enough exhausts the stack. */
function guarded<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof DescriptorError) throw error;
    if (error instanceof UnpackError) throw new DescriptorError(error.message, { cause: error });
    const reason = error instanceof Error ? error.message : String(error);
    throw new DescriptorError(`not a description of a layout: ${reason}`, { cause: error });
  }
}

/** The model of a layout, if a schema could have said it. Ids carry the index, which makes them unique, and the name. */
function modelOf(layout: CanonicalLayout, role: StructRole): ReadLayout {
  checkLayout(layout);
  const ids = {
    structs: layout.structs.map(({ name }, index) => `${index}#${name}`),
    enums: layout.enums.map(({ name }, index) => `${index}#${name}`),
    bits: layout.bits.map(({ name }, index) => `${index}#${name}`),
  };
  const idOf = (list: keyof typeof ids, index: string): string => declared(ids[list], index);
  const enums = layout.enums.map(({ members, ...one }, index): EnumIr => {
    return { ...one, members: [...members], id: ids.enums[index] as string, file: "" };
  });
  const bits = layout.bits.map(({ fields, ...one }, index): BitsIr => {
    return { ...one, fields: [...fields], id: ids.bits[index] as string, file: "" };
  });
  const structs = layout.structs.map(({ name, packed, pack, union, role: container, fields }, index): StructIr => {
    const id = ids.structs[index] as string;
    const common = { id, name, file: "", packed, ...(pack === undefined ? {} : { pack }), ...(union && { union }) };
    return {
      ...common,
      role: index === 0 ? role : container === undefined ? { kind: "plain" } : { kind: "container", container },
      fields: fields.map(({ name: field, type, since: version, was, tag, cases }) => {
        const since = version === undefined ? {} : { since: { version } };
        const read = { name: field, type: renamed(type, idOf), ...since, ...(was === undefined ? {} : { was }) };
        return { ...read, ...(tag === undefined ? {} : { tag }), ...(cases && { cases: [...cases] }) };
      }),
    };
  });
  const declarations = {
    structs: new Map<string, StructLayout>(),
    enums: new Map(enums.map((declaration) => [declaration.id, declaration])),
    bits: new Map(bits.map((declaration) => [declaration.id, declaration])),
  };
  const sizes = new Map(ids.structs.map((id, index) => [id, layout.structs[index] as CanonicalStruct]));
  const types = typesIn({ ...declarations, structs: sizes });
  const model: LayoutModel = { ir: { irVersion: 1, structs, enums, bits }, ...declarations, ...types };
  const shared = sharedAligns(structs, types.metrics);
  for (const [index, struct] of structs.entries()) {
    const canonical = layout.structs[index] as CanonicalStruct;
    declarations.structs.set(struct.id, structLayout(struct, canonical, model, shared.get(struct.id)));
  }
  verifyLayout(model, ({ name }, what) => new DescriptorError(`${name} cannot lie like that: ${what}`));
  return { model, root: ids.structs[0] as string };
}

function structLayout(
  struct: StructIr,
  { size, align, tailStride, fields: places }: CanonicalStruct,
  model: LayoutModel,
  atomics: number | undefined,
): StructLayout {
  const { id, name, packed, pack, role, fields } = struct;
  const laidOut = fields.map((field, index): FieldLayout => {
    const { offset = 0, size: bytes = 0 } = places[index] ?? {};
    return {
      name: field.name,
      docs: undefined,
      type: field.type,
      offset,
      size: bytes,
      align: packedAlign(struct, model.metrics(field.type).align),
      expect: undefined,
      since: field.since,
      was: field.was,
      tag: field.tag,
      cases: field.cases,
      span: undefined,
    };
  });
  const last = laidOut.at(-1);
  const tail =
    last?.type.kind === "tail"
      ? { field: last, of: last.type.of, offset: last.offset, stride: tailStride ?? -1 }
      : undefined;
  if (size === 0 && tail === undefined) throw new DescriptorError(`${name} has no bytes`);
  const common = {
    id,
    name,
    file: "",
    docs: undefined,
    role,
    union: struct.union === true,
    packed,
    pack,
    span: undefined,
  };
  return {
    ...common,
    size,
    align,
    fields: laidOut,
    tail,
    hasAtomics: atomics !== undefined,
    sharedAlign: atomics ?? 1,
    // Made when it is asked for: of a chain of thousands of structs, all of them would take minutes.
    get fingerprint() {
      return layoutFingerprint(model, id);
    },
  };
}

/**
 * Structs with atomic or relaxed fields, in themselves or in what they contain, and the alignment that these need. A loop, because
 * chains may be longer than the stack.
 */
function sharedAligns(structs: readonly StructIr[], metrics: LayoutModel["metrics"]): Map<string, number> {
  const users = new Map<string, string[]>();
  const aligns = new Map<string, number>();
  const queue: string[] = [];
  const raise = (id: string, align: number): void => {
    if ((aligns.get(id) ?? 0) >= align) return;
    aligns.set(id, align);
    queue.push(id);
  };
  for (const { id, fields } of structs) {
    for (const { type } of fields) {
      if (type.kind === "reserved") continue;
      if (isShared(type)) raise(id, metrics(innermostType(type)).align);
      const inner = structIn(type);
      if (inner === undefined) continue;
      const known = users.get(inner);
      if (known === undefined) users.set(inner, [id]);
      else known.push(id);
    }
  }
  // Grows while it is walked: each struct is in it at most once for each of four alignments.
  for (const id of queue) for (const user of users.get(id) ?? []) raise(user, aligns.get(id) as number);
  return aligns;
}

/** What the parser of schema/ does not ask: whether a schema could have said this. */
function checkLayout({ structs, enums, bits }: CanonicalLayout): void {
  for (const { name, fields } of structs) {
    checkNames(name, fields);
    for (const { type, since } of fields) {
      checkType(type);
      if (since !== undefined && !(since >= 2 && since <= 0xffffffff))
        throw new DescriptorError(`${name} has a field since version ${since}`);
    }
  }
  for (const { name, members } of enums) checkNames(name, members);
  for (const { name, fields } of bits) checkNames(name, fields);
  checkBits(bits);
}

/** What a list is made of, each with a name of its own. */
function checkNames(parent: string, list: readonly { readonly name: string }[]): void {
  const names = new Set<string>();
  for (const { name } of list) {
    if (names.has(name)) throw new DescriptorError(`${parent} has two of the name ${name}`);
    names.add(name);
  }
}

/** A type in which everything has at least one byte, and which a schema could have said. */
function checkType(type: TypeIr): void {
  for (const part of typeParts(type)) {
    const count = part.kind === "array" ? part.length : isChars(part) ? unitsOf(part) : 1;
    if (count < 1) throw new DescriptorError(`the length of ${part.kind} is ${count}`);
    const mayBe = part.kind === "endian" ? isOrdered : isNumber;
    if (isAccess(part) && !mayBe(part.of)) throw new DescriptorError(`${part.kind} of ${part.of.kind}`);
    const inner = innerType(part)?.kind;
    if (inner === "tail" || inner === "reserved") throw new DescriptorError(`${inner} stands inside ${part.kind}`);
  }
}

function checkBits(bits: CanonicalLayout["bits"]): void {
  for (const { name, repr, fields } of bits) {
    const wrong = fields.find(({ width }) => width < 1);
    if (wrong !== undefined) throw new DescriptorError(`the bit field ${name}.${wrong.name} has ${wrong.width} bits`);
    const sum = fields.reduce((widths, { width }) => widths + width, 0);
    if (sum > 8 * SCALAR_SIZE[repr]) throw new DescriptorError(`the bit fields of ${name} take ${sum} bits`);
  }
}
