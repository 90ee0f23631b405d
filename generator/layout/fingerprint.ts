/**
 * The canonical layout of a struct: JSON that says which bytes mean what, and nothing else. Its hash is the fingerprint.
 *
 * In it are names, types, offsets, sizes, enum members with their values and widths of bit fields, of the struct and of
 * all that is nested in it. Not in it: comments, file names, order of declarations, expected values of `expect` (they are
 * a check at attach and change no byte), type id and version of a region (they stand in the header on their own).
 * Declarations are named by their index in order of first use, the struct itself being struct 0.
 */
import { createHash } from "node:crypto";
import type { BitsIr, EnumIr, TypeIr } from "../ir/ir.js";
import type { LayoutModel, StructLayout } from "./layout.js";

/** One declaration list of the canonical layout: ids in order of first use. */
class Index {
  readonly ids: string[] = [];
  readonly #numbers = new Map<string, number>();

  number(id: string): string {
    let number = this.#numbers.get(id);
    if (number === undefined) {
      number = this.ids.push(id) - 1;
      this.#numbers.set(id, number);
    }
    return String(number);
  }
}

interface Indexes {
  readonly structs: Index;
  readonly enums: Index;
  readonly bits: Index;
}

/**
 * The canonical layout as compact JSON; the same layout gives the same text on every machine.
 * `{ structs: [{ name, size, align, packed, fields: [{ name, type, offset, size }], tailStride? }], enums, bits }`
 */
export function canonicalLayout(model: LayoutModel, structId: string): string {
  const indexes: Indexes = { structs: new Index(), enums: new Index(), bits: new Index() };
  indexes.structs.number(structId);
  const structs: string[] = [];
  // Grows while it is walked: a field adds the struct that it names.
  for (let at = 0; at < indexes.structs.ids.length; at += 1) {
    structs.push(canonicalStruct(lookUp(model.structs, indexes.structs.ids[at]), indexes));
  }
  const enums = indexes.enums.ids.map((id) => canonicalEnum(lookUp(model.enums, id)));
  const bits = indexes.bits.ids.map((id) => canonicalBits(lookUp(model.bits, id)));
  return `{"structs":[${structs.join()}],"enums":[${enums.join()}],"bits":[${bits.join()}]}`;
}

/** First 64 bits of SHA-256 over {@link canonicalLayout} in UTF-8, as 16 lower-case hex digits. */
export function layoutFingerprint(model: LayoutModel, structId: string): string {
  return createHash("sha256").update(canonicalLayout(model, structId), "utf8").digest("hex").slice(0, 16);
}

function lookUp<T>(map: ReadonlyMap<string, T>, id: string | undefined): T {
  const found = id === undefined ? undefined : map.get(id);
  if (found === undefined) throw new Error(`there is no layout of "${id}"`);
  return found;
}

function canonicalStruct(struct: StructLayout, indexes: Indexes): string {
  const fields = struct.fields.map(
    ({ name, type, offset, size }) =>
      `{"name":${JSON.stringify(name)},"type":${canonicalType(type, indexes)},"offset":${offset},"size":${size}}`,
  );
  const tail = struct.tail === undefined ? "" : `,"tailStride":${struct.tail.stride}`;
  const { name, size, align, packed } = struct;
  return `{"name":${JSON.stringify(name)},"size":${size},"align":${align},"packed":${packed},"fields":[${fields.join()}]${tail}}`;
}

/** A TypeIr with fixed order of keys whose ids are indexes. */
function canonicalType(type: TypeIr, indexes: Indexes): string {
  switch (type.kind) {
    case "scalar":
      return `{"kind":"scalar","scalar":"${type.scalar}"}`;
    case "num":
      return `{"kind":"num","of":"${type.of}"}`;
    case "bool":
      return `{"kind":"bool"}`;
    case "enum":
      return `{"kind":"enum","enum":"${indexes.enums.number(type.enum)}"}`;
    case "flags":
      return `{"kind":"flags","enum":"${indexes.enums.number(type.enum)}","repr":"${type.repr}"}`;
    case "bits":
      return `{"kind":"bits","bits":"${indexes.bits.number(type.bits)}"}`;
    case "struct":
      return `{"kind":"struct","struct":"${indexes.structs.number(type.struct)}"}`;
    case "utf8":
    case "bytes":
      return `{"kind":"${type.kind}","size":${type.size}}`;
    case "array":
      return `{"kind":"array","of":${canonicalType(type.of, indexes)},"length":${type.length}}`;
    case "tail":
    case "atomic":
    case "relaxed":
      return `{"kind":"${type.kind}","of":${canonicalType(type.of, indexes)}}`;
    case "endian":
      return `{"kind":"endian","order":"${type.order}","of":${canonicalType(type.of, indexes)}}`;
  }
}

function canonicalEnum(declaration: EnumIr): string {
  const members = declaration.members.map(({ name, value }) => `{"name":${JSON.stringify(name)},"value":${value}}`);
  return `{"name":${JSON.stringify(declaration.name)},"repr":"${declaration.repr}","members":[${members.join()}]}`;
}

function canonicalBits(declaration: BitsIr): string {
  const fields = declaration.fields.map(({ name, width }) => `{"name":${JSON.stringify(name)},"width":${width}}`);
  return `{"name":${JSON.stringify(declaration.name)},"repr":"${declaration.repr}","fields":[${fields.join()}]}`;
}
