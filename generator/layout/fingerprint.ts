/**
 * The canonical layout of a struct: JSON that says which bytes mean what, and nothing else. Its hash is the fingerprint.
 *
 * In it are names, types, offsets, sizes, enum members with their values and widths of bit fields, of the struct and of
 * all that is nested in it. Not in it: comments, file names, order of declarations, expected values of `expect` (they are
 * a check at attach and change no byte), type id and version of a region (they stand in the header on their own).
 * Declarations are named by their index in order of first use, the struct itself being struct 0.
 */
import { createHash } from "node:crypto";
import { memberOf, partsOf } from "@shmgen/schema/type-kinds";
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

/** The text of a canonical layout, and the ids of its structs in the order of their indexes. */
export interface CanonicalText {
  readonly json: string;
  readonly structs: readonly string[];
}

/**
 * The canonical layout as compact JSON; the same layout gives the same text on every machine.
 * `{ structs: [{ name, size, align, packed, pack?, union?, fields: [{ name, type, offset, size, tag?, cases? }], tailStride? }], enums, bits }`
 */
export function canonicalLayout(model: LayoutModel, structId: string): string {
  return describeLayout(model, structId).json;
}

/** The canonical layout with what its indexes stand for. */
export function describeLayout(model: LayoutModel, structId: string): CanonicalText {
  const indexes: Indexes = { structs: new Index(), enums: new Index(), bits: new Index() };
  indexes.structs.number(structId);
  const structs: string[] = [];
  // Grows while it is walked: a field adds the struct that it names.
  for (let at = 0; at < indexes.structs.ids.length; at += 1) {
    structs.push(canonicalStruct(lookUp(model.structs, indexes.structs.ids[at]), indexes));
  }
  const enums = indexes.enums.ids.map((id) => canonicalEnum(lookUp(model.enums, id)));
  const bits = indexes.bits.ids.map((id) => canonicalBits(lookUp(model.bits, id)));
  const json = `{"structs":[${structs.join()}],"enums":[${enums.join()}],"bits":[${bits.join()}]}`;
  return { json, structs: indexes.structs.ids };
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

/** JSON text in which ids stand where indexes will: the same for every root, so that it is made once per struct. */
type Pieces = readonly (string | { readonly list: keyof Indexes; readonly id: string })[];
const pieces = new WeakMap<StructLayout["fields"], Pieces>();

function canonicalStruct(struct: StructLayout, indexes: Indexes): string {
  let made = pieces.get(struct.fields);
  if (made === undefined) pieces.set(struct.fields, (made = structPieces(struct)));
  let text = "";
  for (const piece of made) text += typeof piece === "string" ? piece : indexes[piece.list].number(piece.id);
  return text;
}

function structPieces(struct: StructLayout): Pieces {
  const { name, size, align, packed, pack, union, role, fields, tail } = struct;
  const made: Pieces[number][] = [];
  const shape = `"size":${size},"align":${align},"packed":${packed}${pack === undefined ? "" : `,"pack":${pack}`}${union ? ',"union":true' : ""}`;
  const container = role.kind === "container" ? `,"role":${JSON.stringify(role.container)}` : "";
  let text = `{"name":${JSON.stringify(name)},${shape}${container},"fields":[`;
  const write = (piece: Pieces[number]): void => {
    if (typeof piece === "string") text += piece;
    else {
      made.push(text, piece);
      text = "";
    }
  };
  for (const [index, field] of fields.entries()) {
    write(`${index === 0 ? "" : ","}{"name":${JSON.stringify(field.name)},"type":`);
    writeType(field.type, write);
    const tagged = field.tag === undefined ? "" : `,"tag":${JSON.stringify(field.tag)}`;
    const cases = field.cases === undefined ? "" : `,"cases":${JSON.stringify(field.cases)}`;
    write(`,"offset":${field.offset},"size":${field.size}${tagged}${cases}}`);
  }
  write(`]${tail === undefined ? "" : `,"tailStride":${tail.stride}`}}`);
  return [...made, text];
}

/** A TypeIr with fixed order of keys whose ids are indexes. */
function writeType(type: TypeIr, write: (piece: Pieces[number]) => void): void {
  let text = `{"kind":"${type.kind}"`;
  for (const [name, part] of partsOf(type.kind)) {
    const value = memberOf(type, name);
    if (value === undefined) continue;
    write(`${text},"${name}":`);
    text = "";
    if (part.is === "type") writeType(value as TypeIr, write);
    else if (part.is === "reference") {
      write('"');
      write({ list: part.list, id: value as string });
      text = '"';
    } else text = JSON.stringify(value);
  }
  write(`${text}}`);
}

function canonicalEnum(declaration: EnumIr): string {
  const members = declaration.members.map(
    ({ name, value }) => `{"name":${JSON.stringify(name)},"value":${JSON.stringify(value)}}`,
  );
  return `{"name":${JSON.stringify(declaration.name)},"repr":"${declaration.repr}","members":[${members.join()}]}`;
}

function canonicalBits(declaration: BitsIr): string {
  const fields = declaration.fields.map(({ name, width, signed, pad }) => {
    const more = `${signed === true ? ',"signed":true' : ""}${pad === true ? ',"pad":true' : ""}`;
    return `{"name":${JSON.stringify(name)},"width":${width}${more}}`;
  });
  return `{"name":${JSON.stringify(declaration.name)},"repr":"${declaration.repr}","fields":[${fields.join()}]}`;
}
