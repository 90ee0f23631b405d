/** What a header declares -> the declarations of a schema, and notes of what it cannot say. */
import {
  type BitField,
  bitMembers,
  type BitUnit,
  type Field,
  type Part,
  placeFields,
  type Placement,
  WIDTH_MAX,
} from "./place-fields.js";
import { commentLines, jsdoc } from "./comments.js";
import { bare, type CEnum, type CMember, type CRecord, type Place, sizeOf, spellingOf } from "./header-model.js";
import { MemberNames, type TypeNames } from "./names.js";
import type { Report } from "./report.js";
import type { SourceText } from "./source-text.js";
import { rawBytes, schemaType, type SchemaType, type TextKind, type TypeContext } from "./types.js";

export interface BuildOptions {
  readonly text: TextKind;
  /** Whether a record is the root of foreign memory. */
  isRoot(record: CRecord): boolean;
  /** Whether an enum lies in foreign memory and nowhere else, where two names may have one value. */
  isForeign(declared: CEnum): boolean;
  readonly restrictions: Restrictions;
  readonly language: "c" | "c++";
  /** The text of a header; undefined where it cannot be read. */
  source(file: string): SourceText | undefined;
}

/** One declaration, as text of the schema. `size` and `offsets` are what the compiler says of a struct, to be compared with. */
export interface SchemaDeclaration {
  readonly name: string;
  readonly kind: "struct" | "union" | "enum";
  readonly text: string;
  readonly place: Place;
  readonly layout?: StructLayout;
  /** What it is called in C; undefined for what has no name there. */
  readonly spelling?: string | undefined;
}

/** The places of a struct, in bytes, as the compiler has them. */
export interface StructLayout {
  readonly size: number;
  readonly align: number;
  readonly offsets: ReadonlyMap<string, number>;
  /** Names that C has for fields: those of bits have none, and a union without a name has that of its first member. */
  readonly members: ReadonlyMap<string, string>;
}

/** A member with its place in the record that it is shown in, whose unnamed structs and bases are gone. */
interface FlatMember {
  readonly member: CMember;
  readonly offsetBits: number;
}

/** What C calls it. */
export function displayName({ name, typedefs }: CRecord | CEnum): string | undefined {
  return name !== undefined && typedefs.includes(name) ? name : (typedefs[0] ?? name);
}

/** What a packed struct cannot have in it, by whom it was met first. */
export interface Restrictions {
  /** Where atomics may lie anywhere there are none. */
  atomics?: { readonly record: CRecord; readonly field: string };
  /** Structs that ask for no alignment of their own, since packed ones would take it from them. */
  readonly unaligned: Set<CRecord>;
}

/** Thrown when a restriction was found while there are declarations already that do not keep it: the schema is built anew. */
export class Restricted extends Error {}

export class SchemaBuilder {
  readonly #options: BuildOptions;
  readonly #names: TypeNames;
  readonly #report: Report;
  readonly #given = new Map<CRecord | CEnum, string>();
  readonly #declarations = new Map<CRecord | CEnum, SchemaDeclaration>();
  /** Alignments of structs as the schema has them. */
  readonly #aligns = new Map<CRecord, number>();
  /** Structs that ask for more than their fields do. */
  readonly #raised = new Set<CRecord>();
  /** Names of structs that have atomics in them. */
  readonly #atomic = new Set<string>();
  /** Records that are being written, which only a mistake of ours could meet again. */
  readonly #open = new Set<CRecord>();

  constructor(names: TypeNames, report: Report, options: BuildOptions) {
    this.#options = options;
    this.#names = names;
    this.#report = report;
  }

  /** Gives names to what was asked for, before what it needs takes them. */
  reserve(declared: CRecord | CEnum): void {
    this.#nameOf(declared, "Unnamed");
  }

  declarations(): SchemaDeclaration[] {
    return [...this.#declarations.values()];
  }

  /** Writes a struct and all that it needs. @returns whether there is one */
  addRecord(record: CRecord, wanted = "Unnamed"): boolean {
    if (this.#declarations.has(record)) return true;
    if (record.isIncomplete || record.obstacle !== undefined || record.size === 0 || this.#open.has(record))
      return false;
    this.#open.add(record);
    const name = this.#nameOf(record, wanted);
    this.#declarations.set(record, record.tag === "union" ? this.#union(record, name) : this.#struct(record, name));
    this.#open.delete(record);
    return this.#declarations.has(record);
  }

  addEnum(declared: CEnum, wanted = "Unnamed"): boolean {
    if (declared.members.length === 0) return false;
    if (!this.#declarations.has(declared))
      this.#declarations.set(declared, this.#enum(declared, this.#nameOf(declared, wanted)));
    return true;
  }

  #nameOf(declared: CRecord | CEnum, wanted: string): string {
    const known = this.#given.get(declared);
    if (known !== undefined) return known;
    const name = this.#names.give(displayName(declared) ?? wanted.slice(0, DERIVED_MAX));
    this.#given.set(declared, name);
    return name;
  }

  #struct(record: CRecord, name: string): SchemaDeclaration {
    const flat = this.#flatten(record, 0).sort((a, b) => a.offsetBits - b.offsetBits);
    const align = record.align ?? inferredAlign(record);
    const { parts, tail } = this.#parts(record, name, flat);
    if (parts.length === 0)
      parts.push({
        field: { name: "bytes", docs: [], type: `bytes<${record.size}>`, size: record.size, align: 1, offset: 0 },
      });
    const placed = placeFields(parts, record.size, align, !this.#options.restrictions.unaligned.has(record));
    const { packed, aligned, fields, loose } = placed;
    if (aligned !== undefined) this.#raised.add(record);
    this.#aligns.set(record, placed.align);
    for (const { name: bit } of loose) this.#report.add(record.place, `${name}.${bit}`, LOOSE);
    const isRoot = this.#options.isRoot(record);
    if (packed !== undefined) this.#checkPacked(record, fields, packed, isRoot);
    if (fields.some((one) => "type" in one && this.#isAtomic(one.type))) this.#atomic.add(name);
    const bases = [
      ...(isRoot ? ["Foreign"] : []),
      ...(packed === undefined ? [] : [packed === 1 ? "Packed" : `Packed<${packed}>`]),
      ...(aligned === undefined ? [] : [`Aligned<${aligned}>`]),
      `Sized<${record.size}>`,
    ];
    const names = new MemberNames();
    const offsets = new Map<string, number>();
    const members = new Map<string, string>();
    const aliases: string[] = [];
    const lines = fields.map((one) => {
      const given: Field = "fields" in one ? this.#bits(one) : one;
      const own = names.give(given.name);
      const field = given.type.startsWith("bits<") ? this.#namedBits(given, name, own, aliases) : given;
      offsets.set(own, one.offset);
      if (field.member !== undefined) members.set(own, field.member);
      return `${jsdoc(field.docs, "  ")}  ${own}: ${one.at ? `at<${field.type}, ${one.offset}>` : field.type};\n`;
    });
    if (tail !== undefined && isRoot && tail.offset === record.size) {
      lines.push(`${jsdoc(tail.docs, "  ")}  ${names.give(tail.name)}: tail<${tail.type}>;\n`);
    } else if (tail !== undefined) {
      const why = isRoot
        ? `begins at ${tail.offset}, within the ${record.size} bytes of the struct`
        : "follows the struct, which is no root";
      this.#report.add(
        record.place,
        `${name}.${tail.name}`,
        `a flexible array of ${tail.type} that ${why}; it is left out`,
      );
    }
    const docs = this.#recordDocs(record);
    return {
      name,
      kind: "struct",
      place: record.place,
      spelling: spellingOf(record, this.#options.language),
      layout: { size: record.size, align: placed.align, offsets, members },
      text: `${aliases.join("")}${jsdoc(docs)}export interface ${name} extends ${bases.join(", ")} {\n${lines.join("")}}\n`,
    };
  }

  #isAtomic(type: string): boolean {
    return type.includes("atomic<") || [...this.#atomic].some((name) => new RegExp(`\\b${name}\\b`).test(type));
  }

  /** Atomics of a packed struct are allowed where they are certainly aligned, which is not worth finding out for each. */
  #checkPacked(record: CRecord, fields: Placement["fields"], packed: number, isRoot: boolean): void {
    const { restrictions } = this.#options;
    const isFine = (one: Placement["fields"][number]): boolean => isRoot && one.offset % one.size === 0;
    const bad = fields.find((one) => "type" in one && this.#isAtomic(one.type) && one.align > packed && !isFine(one));
    if (bad !== undefined && "type" in bad) {
      restrictions.atomics = { record, field: bad.name };
      throw new Restricted();
    }
    const inner = reachable(record.members.flatMap(({ type }) => recordsIn(type)));
    const raised = inner.filter((one) => this.#raised.has(one));
    for (const one of raised) restrictions.unaligned.add(one);
    if (raised.length > 0) throw new Restricted();
  }

  /** Bits in place are called after struct and field; where that is too long for C, they have a name of their own. */
  #namedBits(field: Field, struct: string, own: string, aliases: string[]): Field {
    if (struct.length + own.length + "Bits".length <= NAME_MAX) return field;
    const name = this.#names.give(`${struct.slice(0, DERIVED_MAX)}_bits`);
    aliases.push(`export type ${name} = ${field.type};\n\n`);
    return { ...field, type: name };
  }

  #bits(unit: BitUnit): Field {
    const [first] = unit.fields;
    // A bit-field that fills its unit is an integer.
    if (first !== undefined && unit.fields.length === 1 && first.width === unit.size * 8) {
      const { name, docs, isSigned } = first;
      const { size, offset } = unit;
      return { name, docs, type: `${isSigned ? "i" : "u"}${size * 8}`, size, align: size, offset };
    }
    const members = bitMembers(unit);
    const isCommented = members.some(({ docs }) => docs.length > 0);
    const list = isCommented
      ? `{\n${members.map(({ name, width, docs }) => `${jsdoc(docs, "      ")}      ${name}: ${width};\n`).join("")}    }`
      : `{ ${members.map(({ name, width }) => `${name}: ${width}`).join("; ")} }`;
    const type = isCommented ? `bits<\n    ${list},\n    u${unit.size * 8}\n  >` : `bits<${list}, u${unit.size * 8}>`;
    return {
      name: `${first?.name ?? "flags"}_bits`,
      docs: [],
      type,
      size: unit.size,
      align: unit.size,
      offset: unit.offset,
    };
  }

  /** An alias of a union, or a packed struct around it where C packs it: an alias has no packing. */
  #union(record: CRecord, name: string): SchemaDeclaration {
    const { size } = record;
    const align = record.align ?? inferredAlign(record);
    const names = new MemberNames();
    const fields = this.#unionFields(record, name).map((field) =>
      Object.assign(field, { name: names.give(field.name) }),
    );
    const natural = Math.max(1, ...fields.map((field) => field.align));
    const isPacked = natural > align;
    const own = Math.min(natural, align);
    const largest = Math.max(0, ...fields.map((field) => field.size));
    // What C makes larger than its members is as large by one of bytes.
    if (Math.ceil(largest / own) * own !== size)
      fields.push({ name: names.give("bytes"), docs: [], type: `bytes<${size}>`, size, align: 1, offset: 0 });
    if (isPacked)
      this.#checkPacked(
        record,
        fields.map((field) => Object.assign(field, { at: false })),
        own,
        false,
      );
    if (fields.some(({ type }) => this.#isAtomic(type))) this.#atomic.add(name);
    this.#aligns.set(record, own);
    const indent = isPacked ? "    " : "  ";
    const lines = fields
      .map((field) => `${jsdoc(field.docs, indent)}${indent}${field.name}: ${field.type};\n`)
      .join("");
    const docs = jsdoc(this.#recordDocs(record));
    const bases = `Packed${own === 1 ? "" : `<${own}>`}, Sized<${size}>`;
    const text = isPacked
      ? `${docs}export interface ${name} extends ${bases} {\n  value: union<{\n${lines}  }>;\n}\n`
      : `${docs}export type ${name} = union<{\n${lines}}>;\n`;
    const offsets = new Map(isPacked ? [["value", 0]] : fields.map((field) => [field.name, 0] as const));
    const members = new Map(
      fields.flatMap(({ name: own, member }) => (member === undefined ? [] : [[own, member] as const])),
    );
    const spelling = isPacked ? undefined : spellingOf(record, this.#options.language);
    return { name, kind: "union", place: record.place, spelling, layout: { size, align: own, offsets, members }, text };
  }

  /** Members of a union; those of a union without a name in it are its own, and a struct without a name is called by its members. */
  #unionFields(record: CRecord, owner: string): Field[] {
    return record.members.flatMap((member): Field[] => {
      const inner = bare(member.type);
      if (member.name === undefined && inner.kind === "record" && inner.record.tag === "union")
        return this.#unionFields(inner.record, owner);
      if (member.isBitField) {
        const bit = this.#bitField({ member, offsetBits: member.offsetBits });
        const sizes = [bit.unit, 1, 2, 4, 8];
        const unit = sizes.find(
          (one) => one <= record.size && (bit.width === one * 8 || bit.width <= Math.min(one * 8, WIDTH_MAX)),
        );
        if (unit !== undefined) return [this.#bits({ offset: 0, size: unit, fields: [bit] })];
        this.#report.add(member.place, `${owner}.${bit.name}`, LOOSE);
        return [];
      }
      const name = member.name ?? unnamed(member, "and");
      const docs = this.#memberDocs(member);
      if (flexibleElement(member) !== undefined) {
        this.#report.add(member.place, `${owner}.${name}`, "a flexible array in a union; it is left out");
        return [];
      }
      const type = this.#type(member, owner, name);
      if (type === undefined) return [];
      return [fieldOf(member, { name, docs, type, offset: 0 })];
    });
  }

  #bitField({ member, offsetBits }: FlatMember): BitField {
    const type = bare(member.type);
    const isSigned = type.kind === "basic" ? type.encoding === "signed" : type.kind === "enum" && type.enum.isSigned;
    const docs = this.#memberDocs(member);
    const name = member.name ?? "unnamed";
    return { name, docs, offsetBits, width: member.sizeBits, isSigned, unit: Math.min(8, sizeOf(type)) };
  }

  /** Members as they are reached in C: those of bases and of structs without a name are the struct's own. */
  #flatten(record: CRecord, base: number): FlatMember[] {
    return record.members.flatMap((member) => {
      const offsetBits = base + member.offsetBits;
      const inner = bare(member.type);
      const isOwn =
        member.isBase || (member.name === undefined && inner.kind === "record" && inner.record.tag !== "union");
      if (isOwn && inner.kind === "record") return this.#flatten(inner.record, offsetBits);
      return [{ member, offsetBits }];
    });
  }

  #parts(record: CRecord, owner: string, members: readonly FlatMember[]): { parts: Part[]; tail: Field | undefined } {
    const parts: Part[] = [];
    let run: BitField[] | undefined;
    let tail: Field | undefined;
    let end = 0;
    for (const [index, { member, offsetBits }] of members.entries()) {
      const name = member.name ?? unnamed(member);
      const docs = this.#memberDocs(member);
      if (offsetBits < end) {
        this.#report.add(member.place, `${owner}.${name}`, "lies in bytes of another member; it is left out");
        continue;
      }
      if (member.isBitField) {
        const bit = this.#bitField({ member, offsetBits });
        if (run === undefined) parts.push({ bits: (run = [bit]) });
        else run.push(bit);
        end = offsetBits + member.sizeBits;
        continue;
      }
      run = undefined;
      const flexible = flexibleElement(member);
      if (flexible !== undefined) {
        const of = schemaType(flexible, `${owner}_${name}`, sizeOf(flexible), this.#context());
        if (index === members.length - 1)
          tail = { name, docs, type: of.text, size: 0, align: of.align, offset: offsetBits / 8 };
        continue;
      }
      const type = this.#type(member, owner, name);
      if (type === undefined) continue;
      parts.push({ field: fieldOf(member, { name, docs, type, offset: offsetBits / 8 }) });
      end = offsetBits + type.size * 8;
    }
    return { parts, tail };
  }

  #type(member: CMember, owner: string, name: string): SchemaType | undefined {
    const size = member.sizeBits / 8;
    if (size === 0) return undefined;
    const type = schemaType(member.type, `${owner}_${name}`, size, this.#context());
    const found = type.size === size ? type : rawBytes(size, "a type of another size in the schema");
    if (found.lost !== undefined)
      this.#report.add(member.place, `${owner}.${name}`, `${found.lost}; ${found.text} stands there`);
    return found;
  }

  #context(): TypeContext {
    return {
      text: this.#options.text,
      atomics: this.#options.restrictions.atomics === undefined,
      record: (record: CRecord, name: string): SchemaType => {
        const { size } = record;
        if (record.isIncomplete) return rawBytes(size, "a type that is defined elsewhere");
        if (record.obstacle !== undefined)
          return rawBytes(size, `${record.tag} ${displayName(record) ?? ""} ${record.obstacle}`);
        if (!this.addRecord(record, name)) return rawBytes(size, "a struct without members");
        return { text: this.#nameOf(record, name), size, align: this.#aligns.get(record) ?? 1, notes: [] };
      },
      enum: (declared: CEnum, name: string): SchemaType | undefined => {
        if (!this.addEnum(declared, name)) return undefined;
        return { text: this.#nameOf(declared, name), size: declared.size, align: declared.size, notes: [] };
      },
    };
  }

  #enum(declared: CEnum, name: string): SchemaDeclaration {
    const { place, isSigned, size, members } = declared;
    const source = this.#options.source(place.file);
    const comments = source?.enumComments(place.line, declared.name) ?? new Map<string, string>();
    const docs = commentLines(source?.recordComment(place.line, declared.name) ?? "").filter(
      (line, at) => line !== "" || at > 0,
    );
    const repr = `${isSigned ? "i" : "u"}${size * 8}`;
    const names = new MemberNames();
    const wide = size === 8;
    const known = new Map<bigint, string>();
    const kept = members.filter((member) => {
      const first = known.get(member.value);
      if (first === undefined) known.set(member.value, member.name);
      if (first === undefined || this.#options.isForeign(declared)) return true;
      const text = `has the value of ${first}, which only enums of foreign memory may have twice; it is left out`;
      this.#report.add(place, `${name}.${member.name}`, text);
      return false;
    });
    const lines = kept.map((member) => {
      const comment = comments.get(member.name);
      const own = names.give(member.name);
      const value = wide ? `: ${member.value}${isSafe(member.value) ? "" : "n"};` : ` = ${member.value},`;
      return `${jsdoc(comment === undefined ? [] : commentLines(comment), "  ")}  ${own}${value}\n`;
    });
    const text = wide
      ? `${jsdoc(docs)}export type ${name} = enumOf<{\n${lines.join("")}}, ${repr}>;\n`
      : `${jsdoc([...docs, `@repr ${repr}`])}export enum ${name} {\n${lines.join("")}}\n`;
    return { name, kind: "enum", place, text };
  }

  #recordDocs({ place, name }: CRecord): string[] {
    const comment = this.#options.source(place.file)?.recordComment(place.line, name);
    return comment === undefined ? [] : commentLines(comment);
  }

  #memberDocs({ place, name }: CMember): string[] {
    const comment = name === undefined ? undefined : this.#options.source(place.file)?.memberComment(place.line, name);
    return comment === undefined ? [] : commentLines(comment);
  }
}

/** Characters of a name that C tells apart. */
const NAME_MAX = 63;
/** Of names that are made up, so that others may begin with them. */
const DERIVED_MAX = 40;

const LOOSE = "a bit-field that no unit of 1, 2, 4 or 8 bytes holds; its bytes stand there";

const isSafe = (value: bigint): boolean =>
  value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER);

/** A name for a union without one: `sample_period_or_sample_freq`. */
function unnamed({ type }: CMember, word: "and" | "or" = "or"): string {
  const inner = bare(type);
  const names = inner.kind === "record" ? inner.record.members.map(firstName) : [];
  const [first = "unnamed", second] = names;
  return names.length === 2 && second !== undefined ? `${first}_${word}_${second}` : `${first}_${word}_others`;
}

function fieldOf(
  member: CMember,
  { name, docs, type, offset }: { name: string; docs: readonly string[]; type: SchemaType; offset: number },
): Field {
  const { text, size, align, notes } = type;
  return { name, docs: [...docs, ...notes], type: text, size, align, offset, member: offsetName(member) };
}

/** What `offsetof` takes for a member; undefined for a bit-field. */
function offsetName({ name, type, isBitField }: CMember): string | undefined {
  const inner = bare(type);
  if (isBitField || name !== undefined || inner.kind !== "record") return isBitField ? undefined : name;
  return inner.record.members
    .filter((one) => one.offsetBits === 0)
    .map(offsetName)
    .find((one) => one !== undefined);
}

/** The name of a member, or of what comes first in one without a name. */
function firstName({ name, type }: CMember): string | undefined {
  const inner = bare(type);
  if (name !== undefined || inner.kind !== "record") return name;
  return inner.record.members.map(firstName).find((one) => one !== undefined);
}

/** The element of an array without a length, or undefined. */
function flexibleElement({ type }: CMember): CMember["type"] | undefined {
  const inner = bare(type);
  return inner.kind === "array" && inner.count === undefined ? inner.of : undefined;
}

/** The records that lie in a type. */
export function recordsIn(type: CMember["type"]): CRecord[] {
  const inner = bare(type);
  if (inner.kind === "record") return [inner.record];
  if (inner.kind === "array" || inner.kind === "atomic") return recordsIn(inner.of);
  return [];
}

/** Records and all that lie in them. */
export function reachable(records: readonly CRecord[]): CRecord[] {
  const found = new Set(records);
  // A set that grows while it is walked is walked to its end.
  for (const record of found)
    for (const { type } of record.members) for (const inner of recordsIn(type)) found.add(inner);
  return [...found];
}

/** The alignment of a record that has no name to ask for: the largest that all of it agrees with. */
function inferredAlign(record: CRecord): number {
  const natural = Math.max(
    1,
    ...record.members.map(({ type, isBitField }) => (isBitField ? sizeOf(type) : naturalAlign(type))),
  );
  let align = Math.min(natural, 16);
  const agrees = (): boolean =>
    record.size % align === 0 &&
    record.members.every(
      ({ offsetBits, type, isBitField }) => isBitField || (offsetBits / 8) % Math.min(align, naturalAlign(type)) === 0,
    );
  while (align > 1 && !agrees()) align /= 2;
  return align;
}

function naturalAlign(type: CMember["type"]): number {
  const inner = bare(type);
  switch (inner.kind) {
    case "array":
      return naturalAlign(inner.of);
    case "record":
      return inner.record.align ?? inferredAlign(inner.record);
    case "atomic":
      return naturalAlign(inner.of);
    case "enum":
      return inner.enum.size;
    default:
      return inner.kind === "typedef" ? 1 : Math.max(1, inner.size & -inner.size);
  }
}
