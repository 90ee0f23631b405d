/** Type nodes -> TypeIr: the words of the vocabulary, and names of declarations and aliases. */
import { type EnumValue, enumValue } from "@shmgen/schema/enum-values";
import { type BitsReprName, type ReprName, TIME_UNITS, type WideName } from "@shmgen/schema/scalar-sizes";
import { typeParts } from "@shmgen/schema/type-kinds";
import { ts } from "./typescript.js";
import { declarationId } from "../ir/declaration-id.js";
import type { BitsIr, EnumIr, EnumMemberIr, ExpectedValue, FieldIr, SinceIr, StructIr, TypeIr } from "../ir/ir.js";
import { reportForeignType, reportGlobalType } from "./foreign-types.js";
import type { Project, SchemaFile } from "./project.js";
import { readMemberDocs, readPlainDocs } from "./read-docs.js";
import { readEnum } from "./read-enum.js";
import { type ExpectedContext, readDefault, readExpected } from "./read-expected.js";
import { type Member, readMembers, readPropertyName } from "./read-members.js";
import { describeNode, findLiteral, literalTarget, readInteger } from "./read-number.js";
import type { Declaration, Entity, Scopes } from "./scope.js";
import { BITS_REPRS, type Made, REPRS, WORDS } from "./vocabulary.js";

/** A field's type, and what `align`, `at`, `expect` and `since` say about the field. */
export interface FieldType {
  readonly type: TypeIr;
  readonly align?: number;
  readonly at?: number;
  readonly expect?: readonly ExpectedValue[];
  readonly since?: SinceIr;
  /** The field that says which member of a union holds. */
  readonly tag?: string;
}

/** Where a type is read: its file, and the name that an `enumOf` or `bits` in place is given. */
export interface TypePlace {
  readonly file: SchemaFile;
  /** Name for an `enumOf`; `bits` add "Bits" unless the name is an alias of their own. */
  readonly name: string;
  readonly isAlias: boolean;
  readonly docs?: string;
  /** The node whose span an alias's declaration has. */
  readonly nameNode?: ts.Node;
  /** How many words stand around this type, in its field or alias. */
  readonly depth: number;
  /** Names of the fields of the struct around it. */
  readonly siblings?: ReadonlySet<string>;
  /** Packing of the struct around it, which unions in place have as well: they stand between the same pragmas. */
  readonly packing?: Pick<StructIr, "packed" | "pack">;
}

/** Words that are about the field rather than its value. */
const FIELD_WORDS = ["align", "at", "expect", "since"] as const;
type FieldWord = (typeof FIELD_WORDS)[number];
/** Words inside one another, in a type with its aliases replaced. */
const DEPTH_MAX = 32;
/** Aliases that lead to one another. */
const CHAIN_MAX = 500;

/** Reads types, and keeps the enums, bits and unions that they declare in place. */
export class TypeReader {
  readonly enums: EnumIr[] = [];
  readonly bits: BitsIr[] = [];
  readonly unions: StructIr[] = [];
  /** Ids of declarations that lack something which has been complained about. */
  readonly incomplete = new Set<string>();
  readonly #project: Project;
  readonly #scopes: Scopes;
  readonly #aliases = new Map<ts.Node, FieldType | undefined>();
  readonly #enums = new Map<ts.Node, EnumIr>();
  readonly #open: Declaration[] = [];

  constructor(project: Project, scopes: Scopes) {
    this.#project = project;
    this.#scopes = scopes;
  }

  /** Reads a type; undefined when it cannot be read, which has been complained about. */
  read(node: ts.TypeNode, place: TypePlace): FieldType | undefined {
    const read = place.depth > DEPTH_MAX || this.#open.length > CHAIN_MAX ? "deep" : this.#read(node, place);
    if (read !== "deep" && (read === undefined || depthOf(read.type) <= DEPTH_MAX)) return read;
    this.#project.report("SHM1064", {}, place.file, node);
    return undefined;
  }

  /** An enum, read once: `expect` looks at values of members. */
  readEnum(declaration: Declaration & { kind: "enum" }): EnumIr {
    const { file, node } = declaration;
    let read = this.#enums.get(node);
    if (read === undefined) {
      read = readEnum(this.#project, file, node);
      this.#enums.set(node, read);
      if (read.members.length < node.members.length) this.incomplete.add(read.id);
    }
    return read;
  }

  #read(node: ts.TypeNode, place: TypePlace): FieldType | undefined {
    const { file } = place;
    if (ts.isParenthesizedTypeNode(node)) return this.read(node.type, deeper(place));
    if (!ts.isTypeReferenceNode(node)) {
      reportForeignType(this.#project, file, node);
      return undefined;
    }
    const entity = this.#resolve(file, node);
    if (entity === undefined || entity.kind === "poison") return undefined;
    if (entity.kind === "word") return this.#word(entity.word, node, place);
    if (entity.kind === "words" || entity.kind === "module") {
      this.#project.report("SHM1039", { what: `The namespace ${describeNode(file, node)}` }, file, node);
      return undefined;
    }
    return this.#declaration(entity, node, place);
  }

  /** Reads an alias, once. Aliases of literals are read where they are used; undefined for them. */
  readAlias(alias: Declaration & { kind: "alias" }): FieldType | undefined {
    const { file, name, node } = alias;
    if (this.#aliases.has(node)) return this.#aliases.get(node);
    const start = this.#open.indexOf(alias);
    if (start >= 0) {
      const cycle = [...this.#open.slice(start), alias].map((one) => one.name).join(" -> ");
      this.#project.report("SHM1061", { cycle }, file, node.name);
      this.#aliases.set(node, undefined);
      return undefined;
    }
    const parameter = node.typeParameters?.[0];
    if (parameter !== undefined) {
      this.#project.report("SHM1035", { name, parameter: parameter.name.text }, file, parameter);
      this.#aliases.set(node, undefined);
      return undefined;
    }
    const docs = readPlainDocs(this.#project, file, node, "an alias");
    if (ts.isTypeLiteralNode(node.type)) {
      this.#project.report("SHM1037", { alias: name }, file, node.name);
      this.#aliases.set(node, undefined);
      return undefined;
    }
    this.#open.push(alias);
    const type = this.read(node.type, { file, name, isAlias: true, ...docs, nameNode: node.name, depth: 0 });
    this.#open.pop();
    // In a circle the first complaint stays the only one: the alias has been set by it.
    if (!this.#aliases.has(node)) this.#aliases.set(node, type);
    return this.#aliases.get(node);
  }

  #resolve(file: SchemaFile, node: ts.TypeReferenceNode): Entity | undefined {
    const { typeName } = node;
    if (ts.isIdentifier(typeName)) {
      const entity = this.#scopes.find(file, typeName.text);
      if (entity !== undefined) return entity;
      if (reportGlobalType(this.#project, file, typeName.text, node)) return undefined;
      return this.#scopes.reportUnknown(file, typeName.text, typeName);
    }
    if (!ts.isIdentifier(typeName.left)) {
      this.#project.report("SHM1039", { what: `The name ${describeNode(file, typeName)}` }, file, typeName);
      return undefined;
    }
    const { left, right } = typeName;
    const space = this.#scopes.find(file, left.text);
    if (space === undefined) this.#scopes.reportUnknown(file, left.text, left);
    else if (space.kind === "words") return this.#scopes.word(file, right.text, right);
    else if (space.kind === "module") {
      const entity = this.#scopes.findExport(space.file, right.text);
      if (entity === undefined) this.#scopes.reportNotExported(space.file, right.text, file, right);
      return entity;
    } else if (space.kind === "enum")
      this.#project.report("SHM1038", { text: typeName.getText(file.source) }, file, typeName);
    else if (space.kind !== "poison")
      this.#project.report("SHM1039", { what: `The name ${describeNode(file, typeName)}` }, file, typeName);
    return undefined;
  }

  #declaration(entity: Declaration, node: ts.TypeReferenceNode, { file }: TypePlace): FieldType | undefined {
    // Arguments of a generic declaration: the declaration is complained about, not each of its uses.
    if (entity.kind !== "enum" && entity.node.typeParameters !== undefined) return undefined;
    const found = node.typeArguments?.length ?? 0;
    if (found > 0) {
      this.#project.report("SHM1036", { name: entity.name, form: entity.name, found }, file, node);
      return undefined;
    }
    const id = declarationId(entity.file.path, entity.name);
    if (entity.kind === "struct") return { type: { kind: "struct", struct: id } };
    if (entity.kind === "enum") return { type: { kind: "enum", enum: id } };
    const literal = literalTarget(this.#scopes, entity.file, entity.node.type);
    if (literal !== undefined) {
      reportForeignType(this.#project, literal.file, literal.node, { file, node });
      return undefined;
    }
    return this.readAlias(entity);
  }

  #word(name: string, node: ts.TypeReferenceNode, place: TypePlace): FieldType | undefined {
    const { file } = place;
    const word = WORDS.get(name);
    const args = node.typeArguments ?? [];
    if (word === undefined || word.ofStruct) {
      this.#project.report("SHM1043", { word: name, place: "a type" }, file, node);
      return undefined;
    }
    if (args.length < word.min || args.length > word.max) {
      this.#project.report("SHM1036", { name, form: word.form, found: args.length }, file, node);
      return undefined;
    }
    if (word.made !== undefined) return this.#made(name, word.made, args, place);
    const [first, second, third] = args;
    if (first === undefined) return undefined;
    if (name === "enumOf" || name === "bits") return this.#inPlace(name, node, first, second, place);
    if (name === "tail") return this.#tail(first, second, place);
    if (name === "union") return this.#union(node, first, second, place);
    if (name === "signed") {
      this.#project.report("SHM1043", { word: name, place: "the type of a field" }, file, node);
      return undefined;
    }
    if (name === "num") return this.#num(first, place);
    if (name === "timestamp") return this.#timestamp(first, second, place);
    if (name === "flags" && second !== undefined) return this.#flags(first, second, place);
    const fieldWord = FIELD_WORDS.find((one) => one === name);
    if (fieldWord !== undefined && second !== undefined) {
      return this.#fieldWord(fieldWord, node, { of: first, value: second, extra: third }, place);
    }
    throw new Error(`nothing reads the word ${name}`);
  }

  /** A word that its arguments alone make a type. */
  #made(name: string, made: Made, args: readonly ts.TypeNode[], place: TypePlace): FieldType | undefined {
    const type = (node = args[0]): TypeIr | undefined => node && this.#value(name, node, place);
    const length = (node = args[0]): number | undefined => node && this.#integer(place.file, node, name, "The length");
    switch (made.from) {
      case "nothing":
        return { type: made.type };
      case "length": {
        const size = length();
        return size === undefined ? undefined : { type: made.type(size) };
      }
      case "type": {
        const of = type();
        return of === undefined ? undefined : { type: made.type(of) };
      }
      case "type and length": {
        if (name === "array" && this.#isCounted(args, place)) return undefined;
        const [of, count] = [type(), length(args[1])];
        return of === undefined || count === undefined ? undefined : { type: made.type(of, count) };
      }
      case "key, type and length": {
        const [key, of, count] = [type(), type(args[1]), length(args[2])];
        if (key === undefined || of === undefined || count === undefined) return undefined;
        return { type: made.type(key, of, count) };
      }
    }
  }

  /** A type inside another word, where nothing may be said about the field. */
  #value(outer: string, node: ts.TypeNode, place: TypePlace): TypeIr | undefined {
    const read = this.read(node, deeper(place));
    if (read === undefined) return undefined;
    const word = FIELD_WORDS.find((name) => read[name] !== undefined) ?? (read.tag === undefined ? undefined : "union");
    if (word === undefined) return read.type;
    if (word === "union") {
      this.#project.report("SHM1083", { tag: read.tag ?? "", outer }, place.file, node);
      return undefined;
    }
    this.#project.report("SHM1058", { word, outer }, place.file, node);
    return undefined;
  }

  #fieldWord(
    name: FieldWord,
    node: ts.TypeReferenceNode,
    args: { readonly of: ts.TypeNode; readonly value: ts.TypeNode; readonly extra: ts.TypeNode | undefined },
    place: TypePlace,
  ): FieldType | undefined {
    const { file } = place;
    const inner = this.read(args.of, deeper(place));
    const values = this.#values(file, inner?.type);
    const value =
      name === "expect"
        ? readExpected(values, args.value)
        : name === "since"
          ? this.#since(values, args.value, args.extra)
          : this.#integer(file, args.value, name, name === "align" ? "The alignment" : "The offset");
    if (inner === undefined || value === undefined) return undefined;
    if (inner[name] !== undefined) {
      this.#project.report("SHM1059", { word: name }, file, node);
      return undefined;
    }
    return { ...inner, [name]: value };
  }

  #num(node: ts.TypeNode, place: TypePlace): FieldType | undefined {
    const type = this.#value("num", node, place);
    if (type === undefined) return undefined;
    if (type.kind === "scalar" && (type.scalar === "u64" || type.scalar === "i64"))
      return { type: { kind: "num", of: type.scalar } };
    this.#project.report("SHM1057", { found: describeNode(place.file, node) }, place.file, node);
    return undefined;
  }

  #timestamp(unit: ts.TypeNode, node: ts.TypeNode | undefined, place: TypePlace): FieldType | undefined {
    const { file } = place;
    const of = node === undefined ? "i64" : this.#wide(node, place);
    if (of === undefined) return undefined;
    const text = ts.isLiteralTypeNode(unit) && ts.isStringLiteral(unit.literal) ? unit.literal.text : undefined;
    const found = TIME_UNITS.find((one) => one === text);
    if (found !== undefined) return { type: { kind: "timestamp", unit: found, of } };
    this.#project.report("SHM1067", { found: describeNode(file, unit) }, file, unit);
    return undefined;
  }

  /** u64 or i64. */
  #wide(node: ts.TypeNode, place: TypePlace): WideName | undefined {
    const type = this.#value("timestamp", node, place);
    if (type === undefined) return undefined;
    if (type.kind === "scalar" && (type.scalar === "u64" || type.scalar === "i64")) return type.scalar;
    this.#project.report("SHM1068", { found: describeNode(place.file, node) }, place.file, node);
    return undefined;
  }

  #flags(first: ts.TypeNode, second: ts.TypeNode, place: TypePlace): FieldType | undefined {
    const type = this.#value("flags", first, place);
    const repr = this.#bitsRepr("flags", second, place);
    if (type === undefined || repr === undefined) return undefined;
    if (type.kind === "enum") return { type: { kind: "flags", enum: type.enum, repr } };
    this.#project.report("SHM1056", { found: describeNode(place.file, first) }, place.file, first);
    return undefined;
  }

  /** The integer that holds flags or bits. */
  #bitsRepr(word: string, node: ts.TypeNode, place: TypePlace): BitsReprName | undefined {
    return this.#repr(word, node, BITS_REPRS, place) as BitsReprName | undefined;
  }

  /** The integer that holds an enum, flags or bits, one of `allowed`. */
  #repr(word: string, node: ts.TypeNode, allowed: ReadonlySet<string>, place: TypePlace): ReprName | undefined {
    const type = this.#value(word, node, place);
    if (type === undefined) return undefined;
    if (type.kind === "scalar" && allowed.has(type.scalar)) return type.scalar as ReprName;
    const facts = { word, found: describeNode(place.file, node), allowed: [...allowed].join(", ") };
    this.#project.report("SHM1055", facts, place.file, node);
    return undefined;
  }

  /** `enumOf<{...}, R>` and `bits<{...}, R>`: a declaration in place, or that of an alias. */
  #inPlace(
    word: "enumOf" | "bits",
    node: ts.TypeReferenceNode,
    first: ts.TypeNode,
    second: ts.TypeNode | undefined,
    place: TypePlace,
  ): FieldType | undefined {
    const { file } = place;
    const repr = second === undefined ? "u32" : this.#repr(word, second, word === "bits" ? BITS_REPRS : REPRS, place);
    const read = readMembers({ project: this.#project, scopes: this.#scopes, file, word }, first);
    if (repr === undefined || read === undefined) return undefined;
    const isOwn = place.isAlias && place.depth === 0;
    const name = word === "bits" && !isOwn ? `${place.name}Bits` : place.name;
    const span = this.#project.spanOf(file, isOwn ? (place.nameNode ?? node) : node.typeName);
    const id = declarationId(file.path, name);
    const common = { id, name, file: file.path, ...(place.docs === undefined || !isOwn ? {} : { docs: place.docs }) };
    if (!read.complete) this.incomplete.add(id);
    if (word === "bits") {
      const fields = read.members.map(bitField);
      this.bits.push({ ...common, repr: repr as BitsReprName, fields, span });
      return { type: { kind: "bits", bits: id } };
    }
    const members = read.members.map(enumMember);
    this.enums.push({ ...common, repr, members, span });
    return { type: { kind: "enum", enum: id } };
  }

  /** `union<{...}, "tag">`: a declaration in place, or that of an alias. */
  #union(
    node: ts.TypeReferenceNode,
    first: ts.TypeNode,
    second: ts.TypeNode | undefined,
    place: TypePlace,
  ): FieldType | undefined {
    const { file, packing = { packed: false } } = place;
    const literal = second && findLiteral(this.#scopes, file, second);
    const tag = typeof literal === "object" && typeof literal.value === "string" ? literal.value : undefined;
    if (second !== undefined && tag === undefined) {
      if (literal !== "poison") this.#project.report("SHM1084", { found: describeNode(file, second) }, file, second);
      return undefined;
    }
    if (!ts.isTypeLiteralNode(first)) {
      this.#project.report("SHM1085", { found: describeNode(file, first) }, file, first);
      return undefined;
    }
    const isOwn = place.isAlias && place.depth === 0;
    const name = isOwn ? place.name : `${place.name}Union`;
    const id = declarationId(file.path, name);
    const read = first.members.map((member) => this.#unionMember(member, name, tag !== undefined, place));
    const fields = read.filter((member) => member !== undefined);
    if (fields.length < read.length) this.incomplete.add(id);
    const span = this.#project.spanOf(file, isOwn ? (place.nameNode ?? node) : node.typeName);
    const docs = place.docs === undefined || !isOwn ? {} : { docs: place.docs };
    const common = { id, name, file: file.path, ...docs, role: { kind: "plain" } as const, union: true as const };
    this.unions.push({ ...common, ...packing, fields, span });
    return { type: { kind: "struct", struct: id }, ...(tag === undefined ? {} : { tag }) };
  }

  #unionMember(member: ts.TypeElement, union: string, isTagged: boolean, place: TypePlace): FieldIr | undefined {
    const { file } = place;
    const nameNode = readPropertyName(this.#project, file, member);
    if (nameNode === undefined || !ts.isPropertySignature(member)) return undefined;
    const { cases, ...docs } = readMemberDocs(this.#project, file, member, isTagged);
    if (member.type === undefined) {
      this.#project.report("SHM1040", { field: nameNode.text }, file, nameNode);
      return undefined;
    }
    const values = cases.flatMap(({ value, start, length }) =>
      value.split(",").flatMap((text): EnumValue[] => {
        const found = this.#case(file, text.trim());
        if (found !== undefined) return [found];
        this.#project.reportAt("SHM1081", { found: text.trim() }, this.#project.span(file, start, length));
        this.incomplete.add(declarationId(file.path, union));
        return [];
      }),
    );
    const name = union + nameNode.text.slice(0, 1).toUpperCase() + nameNode.text.slice(1);
    const { depth, packing } = place;
    const inside = { file, name, isAlias: false, depth: depth + 1, ...(packing === undefined ? {} : { packing }) };
    const type = this.#value("union", member.type, inside);
    if (type === undefined) return undefined;
    const span = this.#project.spanOf(file, nameNode);
    return { name: nameNode.text, ...docs, type, ...(values.length === 0 ? {} : { cases: values }), span };
  }

  /** `tail<T>`, `tail<T, "count">`. */
  #tail(node: ts.TypeNode, second: ts.TypeNode | undefined, place: TypePlace): FieldType | undefined {
    const { file } = place;
    const of = this.#value("tail", node, place);
    const literal = second && findLiteral(this.#scopes, file, second);
    const count = typeof literal === "object" && typeof literal.value === "string" ? literal.value : undefined;
    if (second !== undefined && count === undefined) {
      if (literal !== "poison") this.#project.report("SHM1086", { found: describeNode(file, second) }, file, second);
      return undefined;
    }
    return of && { type: { kind: "tail", of, ...(count === undefined ? {} : { count }) } };
  }

  /** Complains about a field in the place of an array's length. */
  #isCounted([of, length]: readonly ts.TypeNode[], { file, siblings }: TypePlace): boolean {
    if (of === undefined || length === undefined) return false;
    const text = ts.isLiteralTypeNode(length) && ts.isStringLiteral(length.literal) ? length.literal.text : undefined;
    const isName = ts.isTypeReferenceNode(length) && ts.isIdentifier(length.typeName);
    const name = isName ? (length.typeName as ts.Identifier).text : undefined;
    const field = text ?? (name !== undefined && this.#scopes.find(file, name) === undefined ? name : undefined);
    if (field === undefined || siblings?.has(field) !== true) return false;
    this.#project.report("SHM1087", { field, of: of.getText(file.source).replaceAll(/\s+/g, " ") }, file, length);
    return true;
  }

  /** A value of a tag in a comment: `1`, `0x10`, `true`, `Kind.Move`. */
  #case(file: SchemaFile, text: string): EnumValue | undefined {
    if (/^(?:-?\d+|0x[0-9a-f]+)$/i.test(text)) return enumValue(BigInt(text));
    if (text === "true" || text === "false") return text === "true" ? 1 : 0;
    const [, left, right] = /^(\w+)\.(\w+)$/.exec(text) ?? [];
    const entity = left === undefined ? undefined : this.#scopes.find(file, left);
    if (entity?.kind === "enum") return this.readEnum(entity).members.find(({ name }) => name === right)?.value;
    const type = entity?.kind === "alias" ? this.readAlias(entity)?.type : undefined;
    if (type?.kind !== "enum") return undefined;
    const declared = [...this.enums, ...this.#enums.values()].find(({ id }) => id === type.enum);
    return declared?.members.find(({ name }) => name === right)?.value;
  }

  #since(values: ExpectedContext, version: ts.TypeNode, literal: ts.TypeNode | undefined): SinceIr | undefined {
    const number = this.#integer(values.file, version, "since", "The version");
    const value = literal && readDefault(values, literal);
    if (number === undefined || (literal !== undefined && value === undefined)) return undefined;
    return { version: number, ...(value === undefined ? {} : { default: value }) };
  }

  /** What the literals of a field of type `type` are read with. */
  #values(file: SchemaFile, type: TypeIr | undefined): ExpectedContext {
    const readEnum = (declaration: Declaration & { kind: "enum" }): EnumIr => this.readEnum(declaration);
    return { project: this.#project, scopes: this.#scopes, file, type, readEnum };
  }

  #integer(file: SchemaFile, node: ts.TypeNode, word: string, what: string): number | undefined {
    return readInteger(this.#project, this.#scopes, file, node, { word, what });
  }
}

function bitField({ value, around, ...rest }: Member): BitsIr["fields"][number] {
  const said = around === undefined ? {} : around === "signed" ? { signed: true as const } : { pad: true as const };
  return { ...rest, width: Number(value), ...said };
}

function enumMember({ value, around: _, ...rest }: Member): EnumMemberIr {
  return { ...rest, value: enumValue(value) };
}

/** How many words stand inside one another. */
function depthOf(type: TypeIr): number {
  return [...typeParts(type)].length;
}

const deeper = (place: TypePlace): TypePlace => ({ ...place, depth: place.depth + 1 });
