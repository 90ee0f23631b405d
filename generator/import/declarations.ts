/** Nodes of debug information -> what the header declares. */
import { posix, win32 } from "node:path";
import { type Node, Reader } from "./debug-info.js";
import type { CEnum, CMember, CRecord, CType, Encoding, HeaderModel, Place } from "./header-model.js";

const RECORD_TAGS: Readonly<Record<string, CRecord["tag"]>> = {
  DW_TAG_structure_type: "struct",
  DW_TAG_union_type: "union",
  DW_TAG_class_type: "class",
};

const ENCODINGS: Readonly<Record<string, Encoding>> = {
  DW_ATE_signed: "signed",
  DW_ATE_signed_char: "signed",
  DW_ATE_unsigned: "unsigned",
  DW_ATE_unsigned_char: "unsigned",
  DW_ATE_boolean: "boolean",
  DW_ATE_float: "float",
  DW_ATE_UTF: "utf",
};

/** Reads all declarations that clang tells of. */
export function readDeclarations(nodes: ReadonlyMap<number, Node>): HeaderModel {
  return new Declarations(new Reader(nodes)).read();
}

class Declarations {
  readonly #reader: Reader;
  readonly #records = new Map<number, CRecord>();
  readonly #enums = new Map<number, CEnum>();
  readonly #types = new Map<number, CType>();

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  read(): HeaderModel {
    const composites = [...this.#reader.all()].filter(({ kind }) => kind === "DICompositeType");
    for (const node of composites) {
      const tag = RECORD_TAGS[this.#reader.words(node, "tag")];
      if (tag !== undefined) this.#records.set(node.id, this.#record(node, tag));
      else if (this.#reader.words(node, "tag") === "DW_TAG_enumeration_type")
        this.#enums.set(node.id, this.#enum(node));
    }
    for (const node of composites) {
      const record = this.#records.get(node.id);
      if (record !== undefined) record.members = this.#members(node, record);
    }
    this.#nameByTypedefs();
    return { records: [...this.#records.values()], enums: [...this.#enums.values()] };
  }

  #record(node: Node, tag: CRecord["tag"]): CRecord {
    const reader = this.#reader;
    return {
      id: node.id,
      tag,
      name: reader.text(node, "name"),
      scope: this.#scope(node),
      typedefs: [],
      place: this.#place(node),
      size: reader.number(node, "size") / 8,
      members: [],
      isIncomplete: reader.hasFlag(node, "DIFlagFwdDecl"),
      align: undefined,
      obstacle: undefined,
    };
  }

  #enum(node: Node): CEnum {
    const reader = this.#reader;
    const base = reader.node(node, "baseType");
    const members = reader.nodes(node, "elements").map((one) => ({
      name: reader.text(one, "name") ?? "",
      value: BigInt(reader.words(one, "value")),
    }));
    const encoding = base === undefined ? undefined : ENCODINGS[reader.words(this.#underlying(base), "encoding")];
    return {
      id: node.id,
      name: reader.text(node, "name"),
      scope: this.#scope(node),
      typedefs: [],
      place: this.#place(node),
      size: reader.number(node, "size") / 8,
      isSigned: encoding === undefined ? members.some(({ value }) => value < 0n) : encoding === "signed",
      members,
    };
  }

  /** The type that a typedef stands for. */
  #underlying(node: Node): Node {
    const next = node.kind === "DIDerivedType" ? this.#reader.node(node, "baseType") : undefined;
    return next === undefined ? node : this.#underlying(next);
  }

  #place(node: Node): Place {
    const file = this.#reader.node(node, "file");
    const name = (file && this.#reader.text(file, "filename")) ?? "";
    const folder = (file && this.#reader.text(file, "directory")) ?? "";
    const path = win32.isAbsolute(folder) && !posix.isAbsolute(folder) ? win32 : posix;
    return { file: name === "" ? "" : path.resolve(folder, name), line: this.#reader.number(node, "line") };
  }

  #scope(node: Node): string[] | undefined {
    const around = this.#reader.node(node, "scope");
    // The scope of what stands in a function is a node that is not read, and that of a file is a file.
    if (around === undefined)
      return node.attributes.has("scope") && this.#reader.words(node, "scope") !== "null" ? undefined : [];
    if (around.kind === "DIFile" || around.kind === "DICompileUnit") return [];
    const name = this.#reader.text(around, "name") ?? "";
    const outer = this.#scope(around);
    return outer && (name === "" ? outer : [...outer, name]);
  }

  #members(node: Node, record: CRecord): CMember[] {
    const reader = this.#reader;
    const members: CMember[] = [];
    for (const element of reader.nodes(node, "elements")) {
      const tag = reader.words(element, "tag");
      const isBase = tag === "DW_TAG_inheritance";
      if (!isBase && tag !== "DW_TAG_member") continue;
      if (reader.hasFlag(element, "DIFlagStaticMember")) continue;
      const name = reader.text(element, "name");
      const isBitField = reader.hasFlag(element, "DIFlagBitField");
      // Later versions of clang tell of bit-fields without a name as well.
      if (isBitField && name === undefined) continue;
      if (reader.hasFlag(element, "DIFlagArtificial") || name?.startsWith("_vptr$") === true)
        record.obstacle = "has virtual functions, so that a pointer to code is in it";
      if (isBase && reader.hasFlag(element, "DIFlagVirtual")) record.obstacle = "has a virtual base";
      const base = reader.node(element, "baseType");
      const type = this.#type(base);
      members.push({
        name,
        type,
        place: this.#place(element),
        offsetBits: reader.number(element, "offset"),
        sizeBits: isBase && type.kind === "record" ? type.record.size * 8 : reader.number(element, "size"),
        isBitField,
        isBase,
      });
    }
    return members;
  }

  #type(node: Node | undefined): CType {
    if (node === undefined) return { kind: "opaque", what: "void", size: 0 };
    const known = this.#types.get(node.id);
    if (known !== undefined) return known;
    const type = this.#newType(node);
    this.#types.set(node.id, type);
    return type;
  }

  #newType(node: Node): CType {
    const reader = this.#reader;
    const tag = reader.words(node, "tag");
    const size = reader.number(node, "size") / 8;
    const of = (): CType => this.#type(reader.node(node, "baseType"));
    const record = this.#records.get(node.id);
    if (record !== undefined) return { kind: "record", record };
    const found = this.#enums.get(node.id);
    if (found !== undefined) return { kind: "enum", enum: found };
    if (node.kind === "DIBasicType") {
      const name = reader.text(node, "name") ?? "";
      const encoding = ENCODINGS[reader.words(node, "encoding")] ?? "other";
      return { kind: "basic", name, size, encoding };
    }
    switch (tag) {
      case "DW_TAG_const_type":
      case "DW_TAG_volatile_type":
      case "DW_TAG_restrict_type":
        return of();
      case "DW_TAG_typedef":
        return { kind: "typedef", name: reader.text(node, "name") ?? "", of: of() };
      case "DW_TAG_atomic_type":
        return { kind: "atomic", of: of() };
      case "DW_TAG_array_type":
        return this.#array(node, of(), size);
      case "DW_TAG_pointer_type":
      case "DW_TAG_reference_type":
      case "DW_TAG_rvalue_reference_type":
        return { kind: "pointer", size, to: this.#text(reader.node(node, "baseType")) };
      case "DW_TAG_ptr_to_member_type":
        return { kind: "opaque", what: "a pointer to a member", size };
      default:
        return { kind: "opaque", what: reader.text(node, "name") ?? "a type that clang does not describe", size };
    }
  }

  #array(node: Node, of: CType, size: number): CType {
    const isVector = this.#reader.hasFlag(node, "DIFlagVector");
    const dimensions = this.#reader.nodes(node, "elements").map((one) => {
      const count = this.#reader.number(one, "count");
      return count > 0 ? count : undefined;
    });
    if (isVector) {
      const element = of.kind === "basic" ? of.size : 0;
      return { kind: "array", of, count: element > 0 ? size / element : undefined, isVector };
    }
    return dimensions.reduceRight<CType>((inner, count) => ({ kind: "array", of: inner, count, isVector }), of);
  }

  /** What an address leads to, as C would say it. */
  #text(node: Node | undefined, depth = 0): string {
    if (node === undefined) return "void";
    const reader = this.#reader;
    const name = reader.text(node, "name");
    const tag = reader.words(node, "tag");
    const inner = (): string => (depth > 8 ? "..." : this.#text(reader.node(node, "baseType"), depth + 1));
    if (node.kind === "DISubroutineType") return "function";
    if (tag === "DW_TAG_pointer_type") return name ?? (inner() === "function" ? "function *" : `${inner()} *`);
    if (tag === "DW_TAG_const_type") return `const ${inner()}`;
    if (tag === "DW_TAG_volatile_type") return `volatile ${inner()}`;
    if (tag === "DW_TAG_array_type") return `${inner()}[]`;
    const record = RECORD_TAGS[tag];
    if (record !== undefined) return name === undefined ? `unnamed ${record}` : `${record} ${name}`;
    return name ?? "something";
  }

  /** `typedef struct { ... } Point;` names the struct. */
  #nameByTypedefs(): void {
    for (const node of this.#reader.all()) {
      if (this.#reader.words(node, "tag") !== "DW_TAG_typedef") continue;
      const base = this.#reader.node(node, "baseType");
      const name = this.#reader.text(node, "name");
      const named = base && (this.#records.get(base.id) ?? this.#enums.get(base.id));
      // A name that another header gives is not the one that readers of this header know.
      const isNear = named !== undefined && this.#place(node).file === named.place.file;
      if (isNear && name !== undefined && this.#scope(node) !== undefined) named.typedefs.push(name);
    }
  }
}
