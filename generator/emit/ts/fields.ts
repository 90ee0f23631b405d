/** One field -> what the templates of TypeScript show of it, for the writing and the reading class. */
import { isChars, isNumber, isText, type TextType } from "@shmgen/schema/type-kinds";
import { byForm, type FormHandlers, type OfKind } from "../../ir/by-kind.js";
import type { TypeIr } from "../../ir/ir.js";
import { typeText } from "../../ir/type-text.js";
import type { FieldLayout, LayoutModel, StructLayout } from "../../layout/layout.js";
import { holdsContainer } from "./containers.js";
import { docLines } from "./docs.js";
import { countedTail, elementOf, type ObjectType, textArguments } from "./elements.js";
import { atomicHandle, type HandleModel, type HandleOf, plainFlags } from "./handles.js";
import { byteOffset, cellOf, type CellModel, keep, memoryBytes, memoryView } from "./members.js";
import { atomicBits, holderOf, numberKind } from "./number-kinds.js";
import { defaultLiteral } from "./region.js";
import { RUNTIME, SIZES } from "./scalars.js";
import type { FieldScope } from "./scope.js";

export interface FieldModel {
  readonly kind: "scalar" | "text" | "numbers" | "struct" | "array" | "container";
  readonly name: string;
  readonly doc: readonly string[];
  /** `"Telemetry.samples"`, quoted. */
  readonly path: string;
  readonly writer: boolean;
  readonly owner: string;
  /** What reading gives; `undefined` is in it where an older region may lack the field. */
  readonly type: string;
  readonly writeType: string;
  readonly cell: CellModel | undefined;
  /** Around the bits when reading: `toSafeNumber(` and `, "T.x")`. */
  readonly before: string;
  readonly after: string;
  /** ` as Gear`, TypeScript only. */
  readonly cast: string;
  /** Statement that refuses a bad value; empty when `encoded` does. */
  readonly check: string;
  /** What is stored. */
  readonly encoded: string;
  /** Expression that makes the kept object; or the read expression of a text. */
  readonly make: string;
  /** Statement that writes. */
  readonly write: string;
  readonly handle: HandleModel | undefined;
}

const BLANK = {
  cell: undefined,
  before: "",
  after: "",
  cast: "",
  check: "",
  encoded: "value",
  make: "",
  write: "",
  handle: undefined,
} as const;

/** What every field has. */
type Common = HandleOf & Pick<FieldModel, "doc" | "writer">;

/** A field, in its struct and in the class that is made. */
interface FieldPlace {
  readonly base: Common;
  readonly field: FieldLayout;
  readonly struct: StructLayout;
  readonly scope: FieldScope;
}

/** How a number is accessed. */
interface Access {
  readonly atomic: boolean;
  readonly order: "big" | "little" | undefined;
}

const PLAIN: Access = { atomic: false, order: undefined };

const FIELDS: FormHandlers<[place: FieldPlace], FieldModel> = {
  number: (type, place) => numberField(type, PLAIN, place),
  relaxed: ({ of }, place) => numberField(of, PLAIN, place),
  atomic: ({ of }, place) => numberField(of, { atomic: true, order: undefined }, place),
  endian: orderedField,
  odd: (type, place) => oddField(type, "little", place),
  utf8: (type, place) => textField(type, place),
  latin1: (type, place) => textField(type, place),
  utf16: (type, place) => textField(type, place),
  utf32: (type, place) => textField(type, place),
  bits: (type, place) => keptField(type, place),
  bytes: (type, place) => keptField(type, place),
  struct: (type, place) => keptField(type, place),
  array: (type, place) => keptField(type, place),
  tail: ({ of, count }, place) =>
    keptField({ kind: "array", of, length: 0 }, place, { length: `${memoryView(place.scope)}.tailLength`, count }),
  reserved: ({ kind }) => {
    throw new Error(`a field of kind ${kind} has no accessor`);
  },
};

/** The model of one field of one class. */
export function fieldModel(field: FieldLayout, struct: StructLayout, scope: FieldScope): FieldModel {
  const { writer } = scope;
  const base: Common = {
    name: field.name,
    doc: fieldDoc(field, scope.model),
    path: JSON.stringify(`${struct.name}.${field.name}`),
    writer,
    owner: writer ? struct.name : `${struct.name}Reader`,
    optional: isOptional(field),
  };
  const model = byForm(FIELDS, field.type, { base, field, struct, scope });
  return base.optional ? { ...model, type: `${model.type} | undefined` } : model;
}

function isOptional({ since }: FieldLayout): boolean {
  return since !== undefined && since.default === undefined;
}

/** The comment of a field, what it is in an older region, and what it is in memory: editors show all of it. */
function fieldDoc(field: FieldLayout, model: LayoutModel): string[] {
  const { docs, type, since, tag, cases } = field;
  const doc = docLines(docs);
  if (since !== undefined) {
    const older = since.default === undefined ? "undefined" : defaultLiteral(type, since.default, model);
    doc.push(...docLines(`Since version ${since.version}; ${older} in an older region.`));
  }
  if (tag !== undefined) doc.push(...docLines(`\`${tag}\` says which member holds.`));
  if (cases !== undefined) doc.push(...docLines(`Holds in case ${cases.join(", ")}.`));
  return [...doc, ...(doc.length > 0 ? [""] : []), ...docLines(placeText(field))];
}

/** Type, bytes and atomicity: `` `atomic<u8>` at 8, 1 byte, atomic. `` */
function placeText({ type, offset, size }: FieldLayout): string {
  // How long a tail is depends on the region.
  const bytes = type.kind === "tail" ? "" : `, ${size} byte${size === 1 ? "" : "s"}`;
  return `\`${typeText(type)}\` at ${offset}${bytes}${atomicity(type)}.`;
}

/** What one access to a value is to others; objects leave it to what is in them. */
function atomicity(type: TypeIr): string {
  if (type.kind === "array" || type.kind === "tail") return atomicity(type.of);
  if (type.kind === "atomic") return ", atomic";
  if (type.kind === "relaxed") return ", never torn";
  const isPlain = isNumber(type) || type.kind === "endian" || type.kind === "odd" || isChars(type);
  return isPlain ? ", not atomic" : "";
}

/** Whether a field of `size` bytes is aligned wherever its struct may be placed. */
function isAligned({ field, struct, scope }: FieldPlace, size: number): boolean {
  return scope.placement(struct.id) % size === 0 && field.offset % size === 0;
}

/** A number, bool, enum or flags: a property that moves bits. */
function numberField(type: TypeIr, { atomic, order }: Access, place: FieldPlace): FieldModel {
  if (!isNumber(type)) throw new Error(`a ${type.kind} is no number`);
  const { base, field, scope } = place;
  const scalar = holderOf(type, scope);
  const bits = atomic ? atomicBits(scalar) : scalar;
  const aligned = order !== "big" && isAligned(place, SIZES[scalar]);
  if (atomic && !aligned) throw new Error(`${base.path} is atomic, but not aligned`);
  const cell = cellOf({ bits, offset: field.offset, aligned, atomic, order }, scope);
  const operations = atomic ? atomicHandle(type, scalar, field.offset, base, scope) : undefined;
  const property = numberKind(type).property(type, { scalar, atomic, path: base.path }, scope);
  const handle = operations ?? (type.kind === "flags" ? plainFlags(scalar, base, scope) : undefined);
  if (handle !== undefined) keep(scope, field.name, handle.type);
  const { takes = property.type, ...shown } = property;
  return { ...BLANK, ...base, kind: "scalar", cell, ...shown, writeType: takes, handle };
}

/** What has a byte order of its own. */
function orderedField({ of, order }: OfKind<"endian">, place: FieldPlace): FieldModel {
  if (isText(of)) return textField(of, place, order === "big");
  if (of.kind === "odd") return oddField(of, order, place);
  if (of.kind === "bits") return keptField(of, place, undefined, order);
  return numberField(of, { atomic: false, order }, place);
}

/** An integer of bytes in a row. */
function oddField({ integer }: OfKind<"odd">, order: "big" | "little", { base, field, scope }: FieldPlace): FieldModel {
  const place = `"${integer}", ${memoryBytes(scope)}, ${byteOffset(scope, field.offset)}, ${order === "little"}`;
  const runtime = (name: string): string => scope.names.value(RUNTIME, name);
  const write = scope.writer ? `${runtime("writeOdd")}(${place}, value, ${base.path});` : "";
  const type = integer === "u128" ? "bigint" : "number";
  const make = `${runtime("readOdd")}(${place})`;
  return { ...BLANK, ...base, kind: "text", type, writeType: type, make, write };
}

/** Text, which is copied out of the memory and into it. */
function textField(type: TextType, { base, field, scope }: FieldPlace, isBigEndian = false): FieldModel {
  const [size, ...encoding] = textArguments(type, isBigEndian);
  const place = `${memoryBytes(scope)}, ${byteOffset(scope, field.offset)}, ${size}`;
  const runtime = (name: string): string => scope.names.value(RUNTIME, name);
  const write = scope.writer ? `${runtime("writeText")}(${[place, "value", base.path, ...encoding].join(", ")});` : "";
  const make = `${runtime("readText")}(${[place, ...encoding].join(", ")})`;
  return { ...BLANK, ...base, kind: "text", type: "string", writeType: "string", make, write };
}

/** How long a tail is: what is mapped, and the field that says how much of it counts. */
interface TailText {
  readonly length: string;
  readonly count: string | undefined;
}

/** A field whose accessor is made on first use and kept: structs, bits, bytes, arrays, tails. */
function keptField(
  type: ObjectType,
  place: FieldPlace,
  tail?: TailText,
  order: "big" | "little" = "little",
): FieldModel {
  const { base, field, scope } = place;
  const memory = `${memoryView(scope)}, ${byteOffset(scope, field.offset)}`;
  const where = { ...scope, aligned: (size: number) => isAligned(place, size) };
  const count = tail?.count;
  const element =
    count !== undefined && type.kind === "array" ? countedTail(type.of, count, where) : elementOf(type, where, order);
  keep(scope, field.name, element.type);
  const make = element.make(memory, base.path, tail?.length);
  const write = scope.writer ? element.write(keptObject(base, make), base.path) : "";
  const { kind, writeType } = element;
  // Nothing is assigned to a container.
  const writer = base.writer && !holdsContainer(field.type, scope.model);
  return { ...BLANK, ...base, kind, writer, type: element.type, writeType, make, write };
}

/** The kept object, whether or not the property gives it: where an older region may lack the field, it does not. */
function keptObject({ name, optional }: Common, make: string): string {
  return optional ? `(this.#$${name} ??= ${make})` : `this.${name}`;
}
