/** What C can do with a number that is accessed in a special way: which functions it has, and how they move its bits. */
import { isNumber, type NumberType } from "@shmgen/schema/type-kinds";
import { byKind, type Handlers } from "../../ir/by-kind.js";
import type { TypeIr } from "../../ir/ir.js";
import type { LayoutModel } from "../../layout/layout.js";
import { storageType, valueType } from "./types.js";

type AccessType = Extract<TypeIr, { readonly kind: "atomic" | "relaxed" | "endian" }>;

export interface CAccess {
  readonly kind: "atomic" | "swapped";
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

/** The functions of a number behind `atomic`, `relaxed`, `be` or `le`. */
export function accessOf(type: AccessType, model: LayoutModel): CAccess {
  const { of } = type;
  if (!isNumber(of)) throw new Error(`${type.kind}<${of.kind}> has no functions`);
  const value = valueType(of, model);
  const bytes = model.metrics(of).size;
  const isBool = of.kind === "bool";
  return {
    ...byKind(WAYS, type, of, bytes),
    value: isBool ? "bool" : value,
    float: value === "float" || value === "double",
    bool: isBool,
    storage: storageType(type, model).storage,
    raw: `uint${bytes * 8}_t`,
  };
}
