/**
 * What each kind of number is in TypeScript: one record each, for properties, handles of atomics and elements of arrays. To ask
 * for a name imports it, so what names something is a function that is called where the name is used.
 */
import type { NumberType } from "@shmgen/schema/type-kinds";
import type { OfKind } from "../../ir/by-kind.js";
import type { ScalarName } from "../../ir/ir.js";
import { enumRefusal, type Refusal, scalarRefusal } from "./refusals.js";
import { RUNTIME, scalarOf, SIZES } from "./scalars.js";
import type { FieldScope } from "./scope.js";

/** What the records need to know of a place. */
export type NumberScope = Pick<FieldScope, "model" | "names" | "declaration">;

/** What a property gives and takes, and how that becomes bits. */
export interface Conversion extends Refusal {
  readonly type: string;
  /** What it takes, where that is more than it gives. */
  readonly takes?: string;
  /** Around the bits when reading: `toSafeNumber(` and `, "T.x")`. */
  readonly before: string;
  readonly after: string;
  /** ` as Gear`, TypeScript only. */
  readonly cast: string;
}

/** A property of a class. */
export interface PropertyPlace {
  readonly scalar: ScalarName;
  readonly atomic: boolean;
  /** `"Telemetry.samples"`, quoted. */
  readonly path: string;
}

/** An atomic of some kind: the class of its handle, and what makes it an element of an array. */
export interface AtomicClass {
  readonly name:
    "AtomicValue" | "AtomicFlags" | "AtomicBigFlags" | "AtomicNum" | "AtomicFloat" | "AtomicBigInt" | "AtomicInteger";
  /** The type of its values, which a generic class shows. */
  readonly value: string;
  readonly generic?: true;
  /** What the handle converts values with, a member of the runtime's `codec`. */
  readonly codec?: string;
  /** The scalar that its bits are moved in, where that is no other than for all of its size. */
  readonly bits?: ScalarName;
  /** A member of the runtime's `element`. */
  readonly element: string;
}

/** An element of an array. */
export interface NumberElement {
  readonly type: string;
  /** A member of the runtime's `element` over a typed array; undefined where such an element is shown by its codec alone. */
  readonly aligned?: string;
  /** A member of the runtime's `codec`, for elements that are reached by a DataView. */
  readonly codec: string;
}

interface NumberKind<T extends NumberType> {
  /** Whether the bits are the value, so that a typed array shows it. */
  readonly raw: boolean;
  property(type: T, place: PropertyPlace, scope: NumberScope): Partial<Conversion> & { readonly type: string };
  atomic(type: T, scalar: ScalarName, scope: NumberScope): AtomicClass;
  element(type: T, scalar: ScalarName, scope: NumberScope): NumberElement;
}

/** `bigint` for what a number would round. */
export const valueOf = (scalar: ScalarName): "bigint" | "number" =>
  scalar === "u64" || scalar === "i64" ? "bigint" : "number";

const isFloat = (scalar: ScalarName): scalar is "f32" | "f64" => scalar === "f32" || scalar === "f64";

/** The scalar that the bits of an atomic are moved in: Atomics has no floats. */
export function atomicBits(scalar: ScalarName): ScalarName {
  return isFloat(scalar) ? ({ f32: "u32", f64: "u64" } as const)[scalar] : scalar;
}

function atomicScalar(scalar: ScalarName): AtomicClass {
  if (isFloat(scalar)) {
    return { name: "AtomicFloat", value: "number", codec: scalar, element: `atomicFloat("${scalar}")` };
  }
  return SIZES[scalar] === 8
    ? { name: "AtomicBigInt", value: "bigint", element: `atomicBigInt("${scalar}")` }
    : { name: "AtomicInteger", value: "number", element: `atomicInteger("${scalar}")` };
}

/** A float that is loaded and stored as the integer of its bits. */
function floatOfBits(scalar: "f32" | "f64", path: string, { names }: NumberScope): Partial<Conversion> {
  const encode = { f32: "bitsOfF32", f64: "bitsOfF64" }[scalar];
  return {
    before: `${names.value(RUNTIME, `${scalar}OfBits`)}(`,
    after: ")",
    encoded: `${names.value(RUNTIME, encode)}(value, ${path})`,
  };
}

const KINDS: { readonly [K in NumberType["kind"]]: NumberKind<OfKind<K>> } = {
  scalar: {
    raw: true,
    property: (_, { scalar, atomic, path }, scope) => ({
      type: valueOf(scalar),
      ...(atomic && isFloat(scalar) ? floatOfBits(scalar, path, scope) : scalarRefusal(scalar, path, scope.names)),
    }),
    atomic: (_, scalar) => atomicScalar(scalar),
    element: (_, scalar) => ({ type: valueOf(scalar), codec: `number("${scalar}")` }),
  },
  num: {
    raw: false,
    property: ({ of }, { path }, { names }) => ({
      type: "number",
      before: `${names.value(RUNTIME, "toSafeNumber")}(`,
      after: `, ${path})`,
      encoded: `${names.value(RUNTIME, "fromSafeNumber")}("${of}", value, ${path})`,
    }),
    atomic: (_, scalar) => ({ name: "AtomicNum", value: "number", element: `atomicNum("${scalar}")` }),
    element: ({ of }) => ({ type: "number", aligned: `num("${of}")`, codec: `num("${of}")` }),
  },
  timestamp: {
    raw: false,
    property: ({ unit, of }, { path }, { names }) => ({
      type: "number",
      takes: "number | Date",
      before: `${names.value(RUNTIME, "toMoment")}("${unit}", `,
      after: `, ${path})`,
      encoded: `${names.value(RUNTIME, "fromMoment")}("${unit}", "${of}", value, ${path})`,
    }),
    atomic: ({ unit, of }) => ({
      name: "AtomicValue",
      value: "number",
      generic: true,
      codec: `moment("${unit}", "${of}")`,
      bits: "u64",
      element: `atomicMoment("${unit}", "${of}")`,
    }),
    element: ({ unit, of }) => ({
      type: "number",
      aligned: `moment("${unit}", "${of}")`,
      codec: `moment("${unit}", "${of}")`,
    }),
  },
  bool: {
    raw: false,
    property: (_, { path }, { names }) => ({
      type: "boolean",
      after: " !== 0",
      encoded: `${names.value(RUNTIME, "checkBool")}(${path}, value)`,
    }),
    atomic: () => ({ name: "AtomicValue", value: "boolean", generic: true, codec: "bool", element: "atomicBool" }),
    element: () => ({ type: "boolean", aligned: "bool", codec: "bool" }),
  },
  enum: {
    raw: false,
    property: (type, { path }, scope) => {
      const name = scope.declaration(type.enum);
      const declared = scope.model.enums.get(type.enum);
      return { type: name, cast: ` as ${name}`, ...enumRefusal(name, declared, path, scope.names) };
    },
    atomic: (type, scalar, { declaration }) => {
      const name = declaration(type.enum);
      const element = `atomicEnumeration("${scalar}", ${name})`;
      return { name: "AtomicValue", value: name, generic: true, codec: `enumeration(${name})`, element };
    },
    element: (type, scalar, { declaration }) => {
      const name = declaration(type.enum);
      return { type: name, aligned: `enumeration("${scalar}", ${name})`, codec: `enumeration(${name})` };
    },
  },
  flags: {
    raw: true,
    property: (_, { scalar, path }, { names }) => ({ type: valueOf(scalar), ...scalarRefusal(scalar, path, names) }),
    atomic: (_, scalar) =>
      scalar === "u64"
        ? { name: "AtomicBigFlags", value: "bigint", element: "atomicBigFlags" }
        : { name: "AtomicFlags", value: "number", element: `atomicFlags("${scalar}")` },
    element: (_, scalar) => ({ type: valueOf(scalar), codec: `number("${scalar}")` }),
  },
};

/** The record of a number's own kind. TypeScript cannot tell that they belong together. */
export function numberKind<T extends NumberType>({ kind }: T): NumberKind<T> {
  return KINDS[kind] as unknown as NumberKind<T>;
}

/** The scalar that holds the bits of a number. */
export function holderOf(type: NumberType, { model }: NumberScope): ScalarName {
  const scalar = scalarOf(type, model);
  if (scalar === undefined) throw new Error(`no scalar holds a value of kind ${type.kind}`);
  return scalar;
}
