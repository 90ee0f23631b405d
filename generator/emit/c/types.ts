/** Types of the schema as C writes them. */
import { ODD_SIZE, type OddName } from "@shmgen/schema/scalar-sizes";
import { ownReference } from "@shmgen/schema/type-kinds";
import { byForm, type FormHandlers } from "../../ir/by-kind.js";
import type { ScalarName, StructRole, TypeIr } from "../../ir/ir.js";
import type { LayoutModel } from "../../layout/layout.js";
import { declaredName } from "./names.js";

const SCALARS: Readonly<Record<ScalarName, string>> = {
  i8: "int8_t",
  u8: "uint8_t",
  i16: "int16_t",
  u16: "uint16_t",
  i32: "int32_t",
  u32: "uint32_t",
  i64: "int64_t",
  u64: "uint64_t",
  f32: "float",
  f64: "double",
};

/** What the functions of integers of bytes in a row take and return. */
export const ODD_VALUES: Readonly<Record<OddName, string>> = { u24: "uint32_t", i24: "int32_t", u128: "shmgen_u128" };

/** A type taken apart: what an element is, and how many there are per dimension. */
export interface CType {
  /** Type of the innermost element as it stands in memory. */
  readonly storage: string;
  /** Array dimensions, outermost first; that of text and bytes is one of them. */
  readonly dimensions: readonly number[];
}

const single = (type: TypeIr, model: LayoutModel): CType => ({ storage: valueType(type, model), dimensions: [] });
const inside = ({ of }: { readonly of: TypeIr }, model: LayoutModel): CType => storageType(of, model);

const STORAGE: FormHandlers<[model: LayoutModel], CType> = {
  number: single,
  odd: ({ integer }) => ({ storage: "uint8_t", dimensions: [ODD_SIZE[integer]] }),
  bits: single,
  struct: single,
  utf8: ({ size }) => ({ storage: "char", dimensions: [size] }),
  latin1: ({ length }) => ({ storage: "char", dimensions: [length] }),
  // Not wchar_t, which is 2 bytes on Windows and 4 elsewhere, nor char16_t, which C has in a header of its own.
  utf16: ({ length }) => ({ storage: "uint16_t", dimensions: [length] }),
  utf32: ({ length }) => ({ storage: "uint32_t", dimensions: [length] }),
  bytes: ({ size }) => ({ storage: "uint8_t", dimensions: [size] }),
  array: ({ of, length }, model) => {
    const { storage, dimensions } = storageType(of, model);
    return { storage, dimensions: [length, ...dimensions] };
  },
  tail: inside,
  atomic: inside,
  relaxed: inside,
  endian: ({ of, order }, model) => {
    const { storage, dimensions } = storageType(of, model);
    // The bytes of a unit, since no bit-field of C has its most significant byte first.
    const unit = of.kind === "bits" && order === "big" ? model.bits.get(of.bits) : undefined;
    if (unit !== undefined) return { storage: SCALARS[unit.repr], dimensions };
    const bits = { float: "uint32_t", double: "uint64_t" }[storage];
    return { storage: bits ?? storage, dimensions };
  },
  reserved: (type, model) => ({ storage: "uint8_t", dimensions: [model.metrics(type).size] }),
};

/**
 * How a value stands in memory. A bool is a byte of its own type: other processes may store any value, and C may take a
 * `_Bool` that is neither 0 nor 1 for anything. A swapped float is stored as the integer of its bytes.
 */
export function storageType(type: TypeIr, model: LayoutModel): CType {
  return byForm(STORAGE, type, model);
}

/** The type in which a single value is passed and returned. Flags name an enum and are their integer. */
export function valueType(type: TypeIr, model: LayoutModel): string {
  const reference = type.kind === "flags" ? undefined : ownReference(type);
  if (reference !== undefined) return declared(model[reference.list].get(reference.name));
  const scalar = model.scalarOf(type);
  if (scalar === undefined) throw new Error(`${type.kind} is no single value`);
  return SCALARS[scalar];
}

/** `uint32_t values[3][4]` */
export function declaration(type: TypeIr, name: string, model: LayoutModel): string {
  const { storage, dimensions } = storageType(type, model);
  return `${storage} ${name}${dimensions.map((length) => `[${length}]`).join("")}`;
}

/** `uint32_t` for u32, as C writes it. */
export function scalarType(name: ScalarName): string {
  return SCALARS[name];
}

/** A constant of an integer type. The smallest 64-bit integer has no literal of its own. */
export function integerLiteral(value: number | string, of: ScalarName): string {
  if (BigInt(value) === -(2n ** 63n)) return "INT64_MIN";
  const macro = { u64: "UINT64_C", i64: "INT64_C", u32: "UINT32_C" }[of as string];
  return macro === undefined ? `${value}` : `${macro}(${value})`;
}

/** The alignment that C gives to a struct of these types by itself. Reserved bytes are bytes to it. */
export function naturalAlign(types: readonly TypeIr[], model: LayoutModel): number {
  return Math.max(1, ...types.map((type) => (type.kind === "reserved" ? 1 : model.metrics(type).align)));
}

function declared(found: { readonly name: string; readonly role?: StructRole } | undefined): string {
  if (found === undefined) throw new Error("the layout model lacks a declaration");
  return declaredName(found);
}
