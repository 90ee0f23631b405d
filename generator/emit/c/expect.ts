/** Conditions in C for `expect<T, V>`: what a foreign region has to contain. */
import { encodingOf, expectedBytes, hexBytes } from "@shmgen/schema/encodings";
import { accessedType, isText } from "@shmgen/schema/type-kinds";
import type { ExpectedValue, TypeIr } from "../../ir/ir.js";
import type { FieldLayout, LayoutModel, StructLayout } from "../../layout/layout.js";
import { nameFields } from "./fields.js";
import { integerLiteral, valueType } from "./types.js";

/** One field to check: a condition, or a struct that checks itself, inside as many loops as it has dimensions. */
export interface CExpectation {
  readonly label: string;
  /** Field of a nested struct: the function that checks it, and where it is. */
  readonly nested: string | undefined;
  readonly place: string;
  /** Its type, when it has to be copied before it is looked at, because it may lie unaligned. */
  readonly copy: string | undefined;
  /** True when the value is as expected; empty for a nested struct. */
  readonly condition: string;
  readonly loops: readonly { readonly index: string; readonly length: number }[];
}

/** A string as C text; octal escapes end after three digits, so that nothing that follows joins them. */
function cString(bytes: Uint8Array): string {
  const escape = (byte: number): string =>
    byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c && byte !== 0x3f
      ? String.fromCharCode(byte)
      : `\\${byte.toString(8).padStart(3, "0")}`;
  return `"${[...bytes].map(escape).join("")}"`;
}

function float(value: number, type: string): string {
  const text = (type === "float" ? Math.fround(value) : value).toString();
  return `${/[.e]/.test(text) ? text : `${text}.0`}${type === "float" ? "f" : ""}`;
}

/** A field that is compared: its type without access and byte order. */
interface Compared {
  readonly value: string;
  readonly type: TypeIr;
  readonly isBigEndian: boolean;
}

function equals({ value, type, isBigEndian }: Compared, expected: ExpectedValue, model: LayoutModel): string {
  switch (expected.kind) {
    case "text": {
      const bytes = isText(type)
        ? expectedBytes(expected.value, encodingOf(type.kind, isBigEndian), model.metrics(type).size)
        : (hexBytes(expected.value) ?? new Uint8Array());
      return `__builtin_memcmp(${value}, ${cString(bytes)}, ${bytes.length}) == 0`;
    }
    case "bool":
      return `${value} ${expected.value ? "!=" : "=="} 0`;
    case "integer":
      return `${value} == ${integerLiteral(expected.value, model.scalarOf(type) ?? "i32")}`;
    case "float":
      return `${value} == ${float(expected.value, valueType(type, model))}`;
  }
}

/**
 * What a struct expects of its own fields and of those nested in it; empty when nothing is expected.
 * `accessor` gives the name of a field's functions, `nested` the checking function of a struct or undefined.
 */
export function expectations(
  struct: StructLayout,
  {
    model,
    accessor,
    nested,
  }: {
    readonly model: LayoutModel;
    readonly accessor: (field: FieldLayout) => string | undefined;
    readonly nested: (structId: string) => string | undefined;
  },
): CExpectation[] {
  // Nobody knows which member of a union holds.
  if (struct.union) return [];
  return nameFields(struct, model).fields.flatMap((cField): CExpectation[] => {
    const { field } = cField;
    const loops: { index: string; length: number }[] = [];
    let type = field.type;
    while (type.kind === "array") {
      loops.push({ index: `i${loops.length}`, length: type.length });
      type = type.of;
    }
    const subscripts = loops.map(({ index }) => index);
    const label = `${struct.name}.${field.name}`;
    const place = `self->${cField.member}${subscripts.map((name) => `[${name}]`).join("")}`;
    if (type.kind === "struct") {
      const check = nested(type.struct);
      if (check === undefined) return [];
      const copy = field.align < model.metrics(type).align ? valueType(type, model) : undefined;
      return [{ label, nested: check, copy, place, condition: "", loops }];
    }
    if (field.expect === undefined || field.expect.length === 0) return [];
    const functions = accessor(field);
    const value =
      functions === undefined
        ? place
        : `${functions}_${type.kind === "endian" ? "get" : "load"}(${["self", ...subscripts].join(", ")})`;
    const isBigEndian = type.kind === "endian" && type.order === "big";
    const compared = { value, type: accessedType(type), isBigEndian };
    const one = field.expect.map((expected) => `(${equals(compared, expected, model)})`).join(" || ");
    const condition = field.expect.length > 1 ? `(${one})` : one;
    return [{ label, nested: undefined, copy: undefined, place, condition, loops }];
  });
}
