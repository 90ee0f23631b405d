/** Types of C -> types of a schema, with what they take. */
import { bare, type CRecord, type CType, type CEnum, sizeOf } from "./header-model.js";

/** A type of the schema; `notes` are lines for the comment of the field. */
export interface SchemaType {
  readonly text: string;
  readonly size: number;
  readonly align: number;
  readonly notes: readonly string[];
  /** What the schema does not say of it; it stands as bytes then. */
  readonly lost?: string;
}

export type TextKind = "utf8" | "latin1" | "bytes";

/** Who knows the declarations that types name. */
export interface TypeContext {
  /** The name of a struct in the schema; undefined where it has none, with the reason. */
  record(record: CRecord, name: string): SchemaType;
  enum(declared: CEnum, name: string): SchemaType | undefined;
  readonly text: TextKind;
  readonly atomics: boolean;
}

const WIDE_NAMES: ReadonlySet<string> = new Set([
  "wchar_t",
  "WCHAR",
  "TCHAR",
  "OLECHAR",
  "char16_t",
  "char32_t",
  "UChar",
]);
const BYTE_NAMES: ReadonlySet<string> = new Set(["char", "CHAR", "char8_t"]);

const number = (text: string, size: number, notes: readonly string[] = []): SchemaType => ({
  text,
  size,
  align: size,
  notes,
});

/** Bytes in the place of what a schema has no word for. */
export function rawBytes(size: number, lost: string): SchemaType {
  return { text: `bytes<${size}>`, size, align: 1, notes: [], lost };
}

/** The names that typedefs give a type, from the outside in, and that of the type itself. */
function namesOf(type: CType): string[] {
  if (type.kind === "typedef") return [type.name, ...namesOf(type.of)];
  return type.kind === "basic" ? [type.name] : [];
}

/** The type of a field called `name`. `size` is what the compiler says that it takes. */
export function schemaType(type: CType, name: string, size: number, context: TypeContext): SchemaType {
  const names = namesOf(type);
  const inner = bare(type);
  switch (inner.kind) {
    case "basic":
      return basicType(inner, names);
    case "pointer":
      return number(inner.size === 8 ? "u64" : `u${inner.size * 8}`, inner.size, [
        `Address of \`${inner.to}\`, in the memory of whoever wrote it.`,
      ]);
    case "enum":
      return (
        context.enum(inner.enum, name) ??
        number(`${inner.enum.isSigned ? "i" : "u"}${inner.enum.size * 8}`, inner.enum.size)
      );
    case "record":
      return context.record(inner.record, name);
    case "array":
      return arrayType(inner, name, size, context);
    case "atomic": {
      const of = schemaType(inner.of, name, size, context);
      if (!context.atomics) return of.size === size ? of : rawBytes(size, "an atomic of another size");
      const isNumber =
        of.size === of.align && of.size === size && of.size <= 8 && of.align <= 8 && of.lost === undefined;
      if (isNumber && !/^(?:bytes|utf8|array|union|be|bits)</.test(of.text))
        return { ...of, text: `atomic<${of.text}>` };
      return of.size === size ? of : rawBytes(size, "an atomic of more than 8 bytes");
    }
    case "opaque":
      return rawBytes(size, inner.what);
    case "typedef":
      throw new Error("a bare type is no typedef");
  }
}

function basicType({ name, size, encoding }: CType & { kind: "basic" }, names: readonly string[]): SchemaType {
  const swapped = names.map((one) => /^__be(16|32|64)$/.exec(one)?.[1]).find((bits) => bits !== undefined);
  if (swapped !== undefined && Number(swapped) === size * 8) return number(`be<u${swapped}>`, size);
  if (encoding === "boolean" && size === 1) return number("bool", 1);
  if (encoding === "float" && (size === 4 || size === 8)) return number(`f${size * 8}`, size);
  if (encoding === "float" || encoding === "other") return rawBytes(size, name);
  if (size === 1 || size === 2 || size === 4 || size === 8 || size === 16) {
    const isUnsigned = encoding === "unsigned" || encoding === "utf" || encoding === "boolean";
    if (size === 16) return isUnsigned ? { text: "u128", size, align: 1, notes: [] } : rawBytes(16, name);
    return number(`${isUnsigned ? "u" : "i"}${size * 8}`, size);
  }
  return rawBytes(size, name);
}

function arrayType(array: CType & { kind: "array" }, name: string, size: number, context: TypeContext): SchemaType {
  const { of, count = 0, isVector } = array;
  const element = bare(of);
  const names = namesOf(of);
  if (element.kind === "basic" && !isVector) {
    if (element.size === 1 && names.some((one) => BYTE_NAMES.has(one)) && !names.some((one) => /^u?int8_t$/i.test(one)))
      return {
        text: `${context.text}<${count}>`,
        size: count,
        align: 1,
        notes: [],
      };
    if (element.size === 1 && element.encoding === "unsigned")
      return { text: `bytes<${count}>`, size: count, align: 1, notes: [] };
    if (names.some((one) => WIDE_NAMES.has(one)) && (element.size === 2 || element.size === 4))
      return { text: `utf${element.size * 8}<${count}>`, size: count * element.size, align: element.size, notes: [] };
  }
  const inner = schemaType(of, name, sizeOf(of), context);
  if (inner.size === 0 || inner.size * count !== size)
    return rawBytes(size, "an array whose elements have gaps between them");
  // An array of bytes in bytes: one row of them is as good.
  if (inner.lost !== undefined) return rawBytes(size, inner.lost);
  return { ...inner, text: `array<${inner.text}, ${count}>`, size };
}
