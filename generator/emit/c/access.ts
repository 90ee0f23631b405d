/** What C can do with a number that is accessed in a special way: which functions it has, and how they move its bits. */
import { ODD_SIZE } from "@shmgen/schema/scalar-sizes";
import { isAccess, isNumber, isText, type NumberType } from "@shmgen/schema/type-kinds";
import { byKind, type Handlers } from "../../ir/by-kind.js";
import type { TypeIr } from "../../ir/ir.js";
import type { LayoutModel } from "../../layout/layout.js";
import { macroNames } from "./macros.js";
import { memberName, NameScope } from "./names.js";
import { ODD_VALUES, scalarType, storageType, valueType } from "./types.js";

type AccessType = Extract<TypeIr, { readonly kind: "atomic" | "relaxed" | "endian" }>;

type OddType = Extract<TypeIr, { readonly kind: "odd" }>;

export interface CAccess {
  readonly kind: "atomic" | "swapped" | "odd" | "unit";
  /** Endings of the functions' names. */
  readonly suffixes: readonly string[];
  readonly value: string;
  readonly order: string;
  /** add and sub */
  readonly arithmetic: boolean;
  /** and, or, xor */
  readonly bitwise: boolean;
  /** Relaxed fields have load and store only. */
  readonly relaxed: boolean;
  readonly float: boolean;
  readonly bool: boolean;
  /** Stored in the integer of its bytes. */
  readonly storage: string;
  /** The unsigned integer of the same size. */
  readonly raw: string;
  /** `__builtin_bswap32`, or empty when the order is that of the host or there is one byte. */
  readonly swap: string;
  /** Of an integer of bytes in a row: how many, which of them holds the bits from 8 times `byte`, and its sign. */
  readonly bytes: number;
  readonly byteAt: string;
  readonly signed: boolean;
  /** Bit fields of a unit whose bytes are swapped. */
  readonly members: readonly CUnitMember[];
}

/** A bit field that is reached by shifts. */
export interface CUnitMember {
  readonly name: string;
  readonly value: string;
  readonly shift: number;
  /** Its bits, at bit 0, and its highest one. */
  readonly mask: string;
  readonly top: string;
  readonly signed: boolean;
}

/** What atomics of a kind can do beyond load, store and exchange. */
interface Operations {
  readonly arithmetic: boolean;
  readonly bitwise: boolean;
}
const ALL: Operations = { arithmetic: true, bitwise: true };
const NONE: Operations = { arithmetic: false, bitwise: false };

const OPERATIONS: Handlers<NumberType["kind"], [], Operations> = {
  scalar: ({ scalar }) => (scalar.startsWith("f") ? NONE : ALL),
  num: () => ALL,
  timestamp: () => ALL,
  bool: () => NONE,
  enum: () => NONE,
  flags: () => ({ arithmetic: false, bitwise: true }),
};

const LOADS = ["_load", "_store"];
const EXCHANGES = ["_exchange", "_compare_exchange"];
const ARITHMETIC = ["_add", "_sub"];
const BITWISE = ["_and", "_or", "_xor"];

type Ways = Pick<CAccess, "kind" | "suffixes" | "order" | "arithmetic" | "bitwise" | "relaxed" | "swap">;
const NO_BYTES = { bytes: 0, byteAt: "", signed: false, members: [] } as const;
const PLAIN = { ...NONE, relaxed: false, swap: "", order: "__ATOMIC_SEQ_CST" } as const;

const WAYS: Handlers<AccessType["kind"], [of: NumberType, bytes: number], Ways> = {
  atomic: (_, of) => {
    const can = byKind(OPERATIONS, of);
    const more = [...(can.arithmetic ? ARITHMETIC : []), ...(can.bitwise ? BITWISE : [])];
    return { ...PLAIN, kind: "atomic", suffixes: [...LOADS, ...EXCHANGES, ...more], ...can };
  },
  relaxed: () => ({ ...PLAIN, kind: "atomic", suffixes: LOADS, relaxed: true, order: "__ATOMIC_RELAXED" }),
  endian: ({ order }, _, bytes) => {
    const swap = order === "big" && bytes > 1 ? `__builtin_bswap${bytes * 8}` : "";
    return { ...PLAIN, kind: "swapped", suffixes: ["_get", "_set"], swap };
  },
};

/** Whether C reaches a type by functions. */
export function hasFunctions(type: TypeIr): type is AccessType | OddType {
  // Little-endian bits are what C's own are.
  if (type.kind === "endian" && type.of.kind === "bits") return type.order === "big";
  // Text in another byte order is its units as they are.
  if (type.kind === "endian" && isText(type.of)) return false;
  return isAccess(type) || type.kind === "odd";
}

/** The functions of a number behind `atomic`, `relaxed`, `be` or `le`, and of what C has no type for. */
export function accessOf(type: AccessType | OddType, model: LayoutModel): CAccess {
  if (type.kind === "odd") return oddAccess(type, "little");
  const { of } = type;
  if (type.kind === "endian" && of.kind === "odd") return oddAccess(of, type.order);
  if (type.kind === "endian" && of.kind === "bits") return unitAccess(of.bits, model);
  if (!isNumber(of)) throw new Error(`${type.kind}<${of.kind}> has no functions`);
  const value = valueType(of, model);
  const bytes = model.metrics(of).size;
  const isBool = of.kind === "bool";
  return {
    ...NO_BYTES,
    ...byKind(WAYS, type, of, bytes),
    value: isBool ? "bool" : value,
    float: value === "float" || value === "double",
    bool: isBool,
    storage: storageType(type, model).storage,
    raw: `uint${bytes * 8}_t`,
  };
}

const NO_VALUE = { ...PLAIN, ...NO_BYTES, float: false, bool: false, storage: "uint8_t" } as const;

/** An integer of bytes in a row. */
function oddAccess({ integer }: OddType, order: "big" | "little"): CAccess {
  const bytes = ODD_SIZE[integer];
  return {
    ...NO_VALUE,
    kind: "odd",
    suffixes: ["_get", "_set"],
    value: ODD_VALUES[integer],
    raw: integer === "u128" ? ODD_VALUES[integer] : "uint32_t",
    bytes,
    byteAt: order === "big" ? `${bytes - 1} - byte` : "byte",
    signed: integer === "i24",
  };
}

/** Bit fields whose unit has its most significant byte first, which no bit-field of C can say. */
function unitAccess(id: string, model: LayoutModel): CAccess {
  const declared = model.bits.get(id);
  if (declared === undefined) throw new Error("the layout model lacks a declaration");
  const raw = scalarType(declared.repr);
  const scope = new NameScope(macroNames(model));
  let shift = 0;
  const members = declared.fields.flatMap(({ name, width, signed = false, pad }): CUnitMember[] => {
    const from = shift;
    shift += width;
    if (pad === true) return [];
    const hex = (value: bigint): string => `UINT64_C(0x${value.toString(16).toUpperCase()})`;
    const value = signed ? raw.slice(1) : raw;
    const [mask, top] = [hex((1n << BigInt(width)) - 1n), hex(1n << BigInt(width - 1))];
    return [{ name: scope.claim(memberName(name)), value, shift: from, mask, top, signed }];
  });
  const suffixes = members.flatMap(({ name }) => [`_${name}_get`, `_${name}_set`]);
  return {
    ...NO_VALUE,
    kind: "unit",
    suffixes: ["_get", "_set", ...suffixes],
    value: raw,
    raw,
    storage: raw,
    swap: `__builtin_bswap${declared.repr.slice(1)}`,
    members,
  };
}
