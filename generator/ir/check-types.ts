/** Types of fields: what may stand inside what, and which numbers fit. */
import { exactValue, isWide, rangeOf } from "@shmgen/schema/enum-values";
import { ENCODINGS, encodeText, hexBytes } from "@shmgen/schema/encodings";
import { SCALAR_SIZE } from "@shmgen/schema/scalar-sizes";
import {
  accessedType,
  containerIn,
  innermostType,
  innerType,
  isNumber,
  isOrdered,
  isShared,
  isText,
  ownReference,
  unitsOf,
} from "@shmgen/schema/type-kinds";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { report } from "../diagnostics/codes.js";
import type { ExpectedValue, TypeIr } from "./ir.js";
import { bySource, type SourceHandlers } from "./by-kind.js";
import { checkContainer, checkTailElements } from "./check-containers.js";
import { fitsItsRepr } from "./check-enums.js";
import type { FieldContext } from "./field-context.js";
import type { ResolvedIr } from "./resolve.js";
import { isRoot, packOf } from "./roles.js";
import { typeNoun, typeText } from "./type-text.js";

/** Lengths of arrays, texts and bytes are counted in 32 bits. */
const LENGTH_MAX = 2 ** 32 - 1;
/** Memory begins at a page, and those of some systems are no larger. */
export const ALIGN_MAX = 4096;

/** True for a power of two from 1 to {@link ALIGN_MAX}. */
export function isAlignment(align: number): boolean {
  return align >= 1 && align <= ALIGN_MAX && (align & (align - 1)) === 0;
}

/** A reference that leads nowhere. Only a SchemaIr from JSON has any. */
function checkReference({ resolved, struct, field }: FieldContext, type: TypeIr): Diagnostic[] {
  const reference = ownReference(type);
  if (reference === undefined || resolved[reference.list].has(reference.name)) return [];
  const facts = { owner: `${struct.name}.${field.name}`, kind: LIST_NOUN[reference.list], id: reference.name };
  return [report("SHM2046", facts, { span: field.span })];
}

const LIST_NOUN = { structs: "struct", enums: "enum", bits: "bits" } as const;

/** Flags whose bits the integer does not have. */
function checkFlags({ resolved, field }: FieldContext, type: TypeIr & { kind: "flags" }): Diagnostic[] {
  const declaration = resolved.enums.get(type.enum);
  // What does not even fit the enum's own integer is complained about there.
  if (declaration === undefined || !fitsItsRepr(declaration)) return [];
  const { name, repr: held } = declaration;
  if (isWide(held) && !isWide(type.repr)) {
    const related = [{ message: "the enum", span: declaration.span }];
    return [report("SHM2075", { field: field.name, enum: name, held, repr: type.repr }, { span: field.span, related })];
  }
  const [, max] = rangeOf(type.repr);
  const wrong = declaration.members.find(({ value }) => exactValue(value) > max || exactValue(value) < 0n);
  if (wrong === undefined) return [];
  const facts = {
    field: field.name,
    enum: name,
    member: wrong.name,
    value: exactValue(wrong.value),
    repr: type.repr,
  };
  return [report("SHM2016", facts, { span: field.span, related: [{ message: "the member", span: wrong.span }] })];
}

function checkAccess({ field }: FieldContext, type: TypeIr & { kind: "atomic" | "relaxed" }): Diagnostic[] {
  const { of } = type;
  const facts = { field: field.name, type: typeText(type), found: typeNoun(of) };
  if (of.kind === "atomic" || of.kind === "relaxed") return [report("SHM2005", facts, { span: field.span })];
  if (type.kind === "relaxed") {
    const fits = of.kind === "scalar" && (of.scalar === "f64" || SCALAR_SIZE[of.scalar] <= 4);
    return fits ? [] : [report("SHM2006", facts, { span: field.span })];
  }
  return isNumber(of) ? [] : [report("SHM2004", facts, { span: field.span })];
}

function checkEndian({ resolved, field }: FieldContext, type: TypeIr & { kind: "endian" }): Diagnostic[] {
  const { of } = type;
  if (isOrdered(of) && (of.kind === "odd" || resolved.alignOf(of) >= 2)) return [];
  const found =
    isNumber(of) || of.kind === "bits"
      ? `${typeNoun(of)}, one byte`
      : isText(of)
        ? `${typeNoun(of)}, whose units are one byte`
        : typeNoun(of);
  return [report("SHM2008", { field: field.name, type: typeText(type), found }, { span: field.span })];
}

/** A length that is zero, or more than 32 bits count. */
function checkLength({ field }: FieldContext, length: number, word: string): Diagnostic[] {
  if (length >= 1 && length <= LENGTH_MAX) return [];
  return [report("SHM2017", { field: field.name, word, length, max: LENGTH_MAX }, { span: field.span })];
}

/** A struct that is the root of a region, which nothing can contain. */
function checkStruct({ resolved, field }: FieldContext, type: TypeIr & { kind: "struct" }): Diagnostic[] {
  const target = resolved.structs.get(type.struct);
  if (target === undefined || !isRoot(target.role)) return [];
  const facts = { field: field.name, struct: target.name, role: target.role.kind };
  const related = [{ message: "declared here", span: target.span }];
  return [report("SHM2029", facts, { span: field.span, related })];
}

/** A tail inside another type. */
function checkTail({ field }: FieldContext, outer: TypeIr | undefined): Diagnostic[] {
  if (outer === undefined) return [];
  return [report("SHM2023", { field: field.name, type: typeText(field.type) }, { span: field.span })];
}

const nothing = (): Diagnostic[] => [];
const chars = (
  type: TypeIr & { kind: "utf8" | "latin1" | "utf16" | "utf32" | "bytes" },
  context: FieldContext,
  outer: TypeIr | undefined,
): Diagnostic[] => checkLength(context, unitsOf(type), outer?.kind === "reserved" ? "padding" : type.kind);

/** What is checked on one level of a type; `outer` is the type around it. */
const LEVELS: SourceHandlers<[context: FieldContext, outer: TypeIr | undefined], Diagnostic[]> = {
  number: (type, context) => (type.kind === "flags" ? checkFlags(context, type) : []),
  odd: nothing,
  bits: nothing,
  reserved: nothing,
  struct: (type, context) => checkStruct(context, type),
  utf8: chars,
  latin1: chars,
  utf16: chars,
  utf32: chars,
  bytes: chars,
  array: ({ length }, context) => checkLength(context, length, "an array"),
  tail: ({ of }, context, outer) => [...checkTail(context, outer), ...checkTailElements(context, of)],
  atomic: (type, context) => checkAccess(context, type),
  relaxed: (type, context) => checkAccess(context, type),
  endian: (type, context) => checkEndian(context, type),
  container: (type, context) => checkContainer(context, type),
};

/** The type of a field from the outside inwards; what lies inside a complaint is left alone. */
export function checkType(context: FieldContext): Diagnostic[] {
  let outer: TypeIr | undefined;
  for (let type: TypeIr | undefined = context.field.type; type !== undefined; type = innerType(type)) {
    const missing = checkReference(context, type);
    const found = missing.length > 0 ? missing : bySource(LEVELS, type, context, outer);
    if (found.length > 0) return found;
    outer = type;
  }
  return [];
}

/** `align<T, N>` and `at<T, N>`. */
export function checkPlace({ resolved, struct, field }: FieldContext): Diagnostic[] {
  const found: Diagnostic[] = [];
  const { name, span, align, at } = field;
  if (align !== undefined) {
    const natural = resolved.alignOf(field.type);
    const what = `Field '${name}'`;
    if (!isAlignment(align)) {
      found.push(report("SHM2032", { what: `The alignment of field '${name}'`, align, max: ALIGN_MAX }, { span }));
    } else if (packOf(struct) !== undefined)
      found.push(report("SHM2031", { struct: struct.name, what: `align<> of field '${name}'` }, { span }));
    else if (align < natural) found.push(report("SHM2033", { what, align, natural }, { span }));
  }
  if (at !== undefined && at < 0) found.push(report("SHM2034", { field: name, at }, { span }));
  return found;
}

/** Shared fields of a packed struct, its own or those of structs in it, which need more than it aligns to. */
export function checkPacked({ resolved, struct, field }: FieldContext): Diagnostic[] {
  const pack = packOf(struct);
  if (pack === undefined) return [];
  const inner = resolved.structOf(field.type);
  const isContainer = containerIn(field.type) !== undefined;
  const isOwn = isShared(field.type);
  const shared = isOwn
    ? { field: "", align: isContainer ? Infinity : resolved.alignOf(innermostType(field.type)) }
    : inner && resolved.sharedField(inner);
  if (shared === undefined || shared.align <= pack) return [];
  // Of what lies in a root, the layout knows whether it is aligned.
  if (isRoot(struct.role) && shared.align !== Infinity) return [];
  // The inner struct is packed as well: the complaint stands there.
  if (!isOwn && inner !== undefined && (packOf(inner) ?? Infinity) < shared.align) return [];
  const facts = { field: field.name, struct: struct.name, through: shared.field, pack, align: shared.align };
  return [report("SHM2007", facts, { span: field.span })];
}

/** Least and greatest value of an integer type; undefined for others. */
function integerRange(resolved: ResolvedIr, type: TypeIr): readonly [bigint, bigint] | undefined {
  const name = type.kind === "bool" ? undefined : resolved.scalarOf(type);
  if (name === undefined || name.startsWith("f")) return undefined;
  const bits = BigInt(8 * SCALAR_SIZE[name]);
  return name.startsWith("i") ? [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n] : [0n, (1n << bits) - 1n];
}

/** True for types that have literals. Bytes have some to compare with, and none that an accessor could show. */
export function isComparable(resolved: ResolvedIr, type: TypeIr): boolean {
  return isText(type) || resolved.scalarOf(type) !== undefined;
}

/** A literal as it stands in a schema. */
export function literalText({ kind, value }: ExpectedValue): string {
  return kind === "text" ? JSON.stringify(value) : `${value}`;
}

export function canHold(resolved: ResolvedIr, type: TypeIr, expected: ExpectedValue): boolean {
  const range = integerRange(resolved, type);
  if (range !== undefined) {
    return expected.kind === "integer" && BigInt(expected.value) >= range[0] && BigInt(expected.value) <= range[1];
  }
  if (type.kind === "bool") return expected.kind === "bool";
  if (type.kind === "scalar") {
    return expected.kind === "float" && (type.scalar === "f64" || Math.fround(expected.value) === expected.value);
  }
  if (expected.kind !== "text") return false;
  if (type.kind === "bytes") return hexBytes(expected.value)?.length === type.size;
  if (!isText(type)) return false;
  const size = unitsOf(type) * ENCODINGS[type.kind].unit;
  return encodeText(expected.value, type.kind, size).problem === undefined;
}

/** The values of `expect<T, V>`: of the field's kind and within its range. */
export function checkExpected({ resolved, field }: FieldContext): Diagnostic[] {
  const { expect, name, span } = field;
  if (expect === undefined) return [];
  const type = accessedType(field.type);
  if (type.kind !== "bytes" && !isComparable(resolved, type))
    return [report("SHM2037", { field: name, type: typeText(field.type) }, { span })];
  if (expect.length === 0) return [report("SHM2038", { field: name }, { span })];
  return expect
    .filter((expected) => !canHold(resolved, type, expected))
    .map((expected) => {
      return report("SHM2036", { field: name, value: literalText(expected), type: typeText(type) }, { span });
    });
}
