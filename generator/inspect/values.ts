/** Single values: bytes of one type, and how people and JSON read them. */
import { exactValue } from "@shmgen/schema/enum-values";
import { type EncodingName, textIn } from "@shmgen/schema/encodings";
import { printable, printableJson } from "@shmgen/schema/printable";
import { SCALAR_SIZE, type TimeUnit } from "@shmgen/schema/scalar-sizes";
import { accessedType, isAccess, type NumberType } from "@shmgen/schema/type-kinds";
import { typeText } from "../ir/type-text.js";
import { byKind, type Handlers, type OfKind } from "../ir/by-kind.js";
import type { EnumIr, ReprName, ScalarName, TypeIr } from "../ir/ir.js";
import type { LayoutModel } from "../layout/layout.js";

/** What a field holds. */
export type Value =
  | { readonly kind: "integer"; readonly value: number | bigint }
  /** As many of the unit since 1970. */
  | { readonly kind: "moment"; readonly value: bigint; readonly unit: TimeUnit }
  /** `single`: it has the precision of an f32. */
  | { readonly kind: "float"; readonly value: number; readonly single: boolean }
  | { readonly kind: "bool"; readonly value: boolean }
  /** `name`: undefined when no member has that value. */
  | { readonly kind: "enum"; readonly value: number | bigint; readonly name: string | undefined }
  /** `rest`: bits that no member has. */
  | {
      readonly kind: "flags";
      readonly value: number | bigint;
      readonly names: readonly string[];
      readonly rest: number | bigint;
    }
  /** `more`: bytes that were not looked at. */
  | { readonly kind: "text"; readonly value: string; readonly more: number }
  | { readonly kind: "bytes"; readonly value: Uint8Array; readonly more: number }
  /** It cannot be shown. */
  | { readonly kind: "hidden"; readonly why: string };

/** A type without what says how it is accessed, and whether its most significant byte comes first. */
export function bareType(type: TypeIr): { readonly bare: TypeIr; readonly big: boolean } {
  let big = false;
  for (let outer = type; isAccess(outer); outer = outer.of) if (outer.kind === "endian") big = outer.order === "big";
  return { bare: accessedType(type), big };
}

const DECODERS: Handlers<NumberType["kind"], [big: boolean, view: DataView, model: LayoutModel], Value> = {
  scalar: ({ scalar }, big, view) => decodeScalar(scalar, big, view),
  num: ({ of }, big, view) => decodeScalar(of, big, view),
  timestamp: ({ unit, of }, big, view) => {
    const value = of === "i64" ? view.getBigInt64(0, !big) : view.getBigUint64(0, !big);
    return { kind: "moment", value, unit };
  },
  bool: (_, __, view) => ({ kind: "bool", value: view.getUint8(0) !== 0 }),
  enum: (type, big, view, model) => {
    const declaration = model.enums.get(type.enum);
    const value = integerIn(declaration?.repr ?? "u8", big, view);
    return { kind: "enum", value, name: declaration && namesOf(declaration).get(BigInt(value)) };
  },
  flags: (type, big, view, model) =>
    flagsOf(integerIn(type.repr, big, view), model.enums.get(type.enum)?.members ?? []),
};

/** A number, bool, enum or flags; `view` holds its bytes. */
export function decodeNumber(type: NumberType, big: boolean, view: DataView, model: LayoutModel): Value {
  return byKind(DECODERS, type, big, view, model);
}

function flagsOf(value: number | bigint, members: EnumIr["members"]): Value {
  const names: string[] = [];
  const all = BigInt(value);
  let rest = all;
  for (const member of members) {
    const bits = exactValue(member.value);
    if (bits === 0n || (all & bits) !== bits) continue;
    names.push(member.name);
    rest &= ~bits;
  }
  return { kind: "flags", value, names, rest: typeof value === "bigint" ? rest : Number(rest) };
}

const names = new WeakMap<EnumIr, Map<bigint, string>>();

/** The first member of each value. */
function namesOf(declaration: EnumIr): Map<bigint, string> {
  let known = names.get(declaration);
  if (known === undefined) {
    known = new Map(declaration.members.toReversed().map(({ name, value }) => [exactValue(value), name]));
    names.set(declaration, known);
  }
  return known;
}

/** An integer that holds an enum or flags. */
function integerIn(repr: ReprName, big: boolean, view: DataView): number | bigint {
  const { value } = decodeScalar(repr, big, view) as Extract<Value, { readonly kind: "integer" }>;
  return value;
}

function decodeScalar(scalar: ScalarName, big: boolean, view: DataView): Value {
  switch (scalar) {
    case "i8":
      return { kind: "integer", value: view.getInt8(0) };
    case "i16":
      return { kind: "integer", value: view.getInt16(0, !big) };
    case "i32":
      return { kind: "integer", value: view.getInt32(0, !big) };
    case "i64":
      return { kind: "integer", value: view.getBigInt64(0, !big) };
    case "u64":
      return { kind: "integer", value: view.getBigUint64(0, !big) };
    case "f32":
      return { kind: "float", value: view.getFloat32(0, !big), single: true };
    case "f64":
      return { kind: "float", value: view.getFloat64(0, !big), single: false };
    default:
      return { kind: "integer", value: unsigned(scalar, big, view) };
  }
}

function unsigned(scalar: "u8" | "u16" | "u32", big: boolean, view: DataView): number {
  if (SCALAR_SIZE[scalar] === 1) return view.getUint8(0);
  return SCALAR_SIZE[scalar] === 2 ? view.getUint16(0, !big) : view.getUint32(0, !big);
}

/** An integer of bytes in a row. */
export function decodeOdd({ integer }: OfKind<"odd">, big: boolean, bytes: Uint8Array): Value {
  const text = Buffer.from(big ? bytes : bytes.toReversed()).toString("hex");
  const bits = BigInt(`0x${text}`);
  if (integer === "u128") return { kind: "integer", value: bits };
  return { kind: "integer", value: Number(integer === "i24" ? BigInt.asIntN(24, bits) : bits) };
}

/** Bits `from` to `from + width` of an integer; a bigint where a number would round. */
export function bitsOf(word: bigint, from: number, width: number, signed: boolean): Value {
  const value = (signed ? BigInt.asIntN : BigInt.asUintN)(width, word >> BigInt(from));
  return { kind: "integer", value: width > 53 ? value : Number(value) };
}

/** Text up to the first NUL, of the first `bytes` of a field; `more` bytes follow. */
export function decodeText(bytes: Uint8Array, encoding: EncodingName, more: number): Value {
  const { text: value, isWhole } = textIn(bytes, encoding, more > 0);
  return { kind: "text", value, more: isWhole ? 0 : more };
}

/** About how many characters it takes to show a value. */
export function weightOf(value: Value): number {
  switch (value.kind) {
    case "text":
      return value.value.length;
    case "bytes":
      return 3 * value.value.length;
    case "enum":
      return value.name?.length ?? 10;
    case "flags":
      return value.names.reduce((sum, name) => sum + name.length, 10);
    default:
      return 10;
  }
}

/** A value for people, on one line. Nothing in it can control a terminal. */
export function valueText(value: Value): string {
  switch (value.kind) {
    case "integer":
    case "bool":
      return String(value.value);
    case "moment":
      return momentText(value.value, value.unit);
    case "float":
      return floatText(value.value, value.single);
    case "enum":
      return value.name === undefined ? `${value.value} (no member)` : `${safeText(value.name)} (${value.value})`;
    case "flags": {
      const names = value.names.map(safeText);
      if (BigInt(value.rest) !== 0n) names.push(hex(value.rest));
      return names.length === 0 ? "0" : `${names.join("|")} (${hex(value.value)})`;
    }
    case "text":
      return `"${safeText(value.value).replaceAll('"', '\\"')}"${moreText(value.more)}`;
    case "bytes":
      return `${hexBytes(value.value)}${moreText(value.more)}`;
    case "hidden":
      return `(${value.why})`;
  }
}

/**
 * A value as JSON: integers of 64 bits as decimal text, moments as dates have it (as decimal text where no date can be that), NaN and the infinities as text, enums as the member's name or the number,
 * flags as a list of names in which unknown bits are hexadecimal, bytes as hexadecimal text.
 */
export function valueJson(value: Value): string {
  switch (value.kind) {
    case "integer":
      return typeof value.value === "bigint" ? `"${value.value}"` : String(value.value);
    case "bool":
      return String(value.value);
    case "moment": {
      const date = dateOf(value.value, value.unit);
      return `"${Number.isNaN(date.getTime()) ? value.value : date.toISOString()}"`;
    }
    case "float":
      return Number.isFinite(value.value) ? floatText(value.value, value.single) : `"${value.value}"`;
    case "enum":
      if (value.name !== undefined) return jsonText(value.name);
      return typeof value.value === "bigint" ? `"${value.value}"` : String(value.value);
    case "flags":
      return `[${[...value.names.map(jsonText), ...(BigInt(value.rest) === 0n ? [] : [`"${hex(value.rest)}"`])].join(", ")}]`;
    case "text":
      return jsonText(value.value);
    case "bytes":
      return `"${Buffer.from(value.value).toString("hex")}"`;
    case "hidden":
      return "null";
  }
}

/** Digits behind the second, of each unit. */
const FRACTION: Readonly<Record<TimeUnit, number>> = { s: 0, ms: 3, us: 6, ns: 9 };

/** To the millisecond below, or above before 1970, as accessors have it. Invalid beyond what a Date can be. */
function dateOf(value: bigint, unit: TimeUnit): Date {
  const seconds = 10n ** BigInt(FRACTION[unit]);
  const parts = unit === "s" ? 1n : seconds / 1000n;
  const moment = Number(value / parts) + Number(value % parts) / Number(parts);
  return new Date(unit === "s" ? moment * 1000 : moment);
}

/** `2026-11-30T07:27:33.123456789Z`, with all digits of the unit. */
function momentText(value: bigint, unit: TimeUnit): string {
  const digits = FRACTION[unit];
  const second = 10n ** BigInt(digits);
  const rest = ((value % second) + second) % second;
  const date = new Date(Number((value - rest) / second) * 1000);
  if (Number.isNaN(date.getTime())) return `${value} ${unit} since 1970`;
  const whole = date.toISOString().slice(0, -".000Z".length);
  return digits === 0 ? `${whole}Z` : `${whole}.${String(rest).padStart(digits, "0")}Z`;
}

/** The fewest digits that give the same number again. */
function floatText(value: number, single: boolean): string {
  if (Object.is(value, -0)) return "-0";
  if (!single || !Number.isFinite(value)) return String(value);
  for (let digits = 1; digits < 9; digits += 1) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(Number(value.toPrecision(9)));
}

const hex = (value: number | bigint): string => `0x${value.toString(16)}`;
const moreText = (more: number): string => (more === 0 ? "" : ` ... ${more} more bytes`);

/** `"05 00 ff"` */
export function hexBytes(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString("hex")
    .replaceAll(/..(?!$)/g, "$& ");
}

/** Text from a region, or a name from its description, {@link printable}, and such that no two texts look the same. */
export function safeText(text: string): string {
  return printable(text.replaceAll("\\", "\\\\"));
}

/** A JSON string that a terminal may show as well. */
export function jsonText(text: string): string {
  return printableJson(text);
}

/** A type for people. */
export function shownType(type: TypeIr): string {
  return safeText(typeText(type));
}
