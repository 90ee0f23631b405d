/** One field -> what the templates of TypeScript show of it, for the writing and the reading class. */
import type { ScalarName, TypeIr } from "../../ir/ir.js";
import type { FieldLayout, LayoutModel, StructLayout } from "../../layout/layout.js";
import { elementOf, type ElementModel } from "./elements.js";
import { docLines } from "./docs.js";
import type { ModuleNames } from "./names.js";
import { defaultLiteral } from "./region.js";
import { ARRAY_CLASS, DATA_VIEW, RUNTIME, scalarOf, SIZES } from "./scalars.js";
import type { FieldScope } from "./scope.js";

/** How bits are moved between memory and a value. */
export interface CellModel {
  readonly form: "plain" | "atomic" | "data";
  readonly array: string;
  readonly index: string;
  readonly method: string;
  /** `, true` for DataView's multi-byte methods. */
  readonly order: string;
}

/** The `$field` of a field. */
export interface HandleModel {
  readonly type: string;
  readonly make: string;
  readonly name: string;
  readonly struct: string;
}

export interface FieldModel {
  readonly kind: "scalar" | "text" | "numbers" | "struct" | "array";
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

/** `this.#offset + 8` */
export function plus(base: string, offset: number): string {
  return offset === 0 ? base : `${base} + ${offset}`;
}

/** A field of the class, set from what `source` of the runtime says of the accessor. */
function need(
  scope: FieldScope,
  name: string,
  type: string,
  source: "memoryOf" | "offsetOf" | "viewOf",
  rest = "",
): string {
  const isOffset = source === "offsetOf";
  const value = `${scope.names.value(RUNTIME, source)}(this)${rest}`;
  scope.privates.set(name, { name, type, value, constant: !isOffset, spoiled: isOffset ? "closed" : "", source });
  return `this.${name}`;
}
function offsetIn(scope: FieldScope, offset: number): string {
  return plus(need(scope, "#offset", "number", "offsetOf"), offset);
}
function view(scope: FieldScope): string {
  return need(scope, "#view", scope.names.type(RUNTIME, "MemoryView"), "viewOf");
}

/** What is made on first use. */
function keep(scope: FieldScope, field: string, type: string): void {
  scope.privates.set(`#$${field}`, {
    name: `#$${field}`,
    type: `${type} | undefined`,
    value: undefined,
    constant: false,
    spoiled: "undefined",
    source: undefined,
  });
}

/** The comparison that is true for values out of range, written out because it is faster than a call. */
function refusal(scalar: ScalarName, names: ModuleNames, path: string): { check: string; encoded: string } {
  const refuse = (condition: string): { check: string; encoded: string } => ({
    // A bigint would make the arithmetic throw a TypeError of its own.
    check: `if (typeof value !== "number"${condition === "" ? "" : ` || ${condition}`}) ${names.value(RUNTIME, "refuse")}("${scalar}", ${path}, value);`,
    encoded: "value",
  });
  switch (scalar) {
    case "u8":
      return refuse("value !== (value & 0xff)");
    case "u16":
      return refuse("value !== (value & 0xffff)");
    case "u32":
      return refuse("value !== value >>> 0");
    case "i8":
      return refuse("value !== (value << 24) >> 24");
    case "i16":
      return refuse("value !== (value << 16) >> 16");
    case "i32":
      return refuse("value !== (value | 0)");
    case "f64":
      return refuse("");
    case "f32":
      return { check: "", encoded: `${names.value(RUNTIME, "checkF32")}(${path}, value)` };
    case "u64":
      return { check: "", encoded: `${names.value(RUNTIME, "checkU64")}(${path}, value)` };
    case "i64":
      return { check: "", encoded: `${names.value(RUNTIME, "checkI64")}(${path}, value)` };
  }
}

/** Strips atomic, relaxed and endian; says how the bits are moved. */
function unwrap(type: TypeIr): { type: TypeIr; atomic: boolean; order: "big" | "little" | undefined } {
  if (type.kind === "atomic") return { type: type.of, atomic: true, order: undefined };
  if (type.kind === "relaxed") return { type: type.of, atomic: false, order: undefined };
  if (type.kind === "endian") return { type: type.of, atomic: false, order: type.order };
  return { type, atomic: false, order: undefined };
}

/** A number, bool, enum or flags. */
function scalarField(
  base: Common,
  field: FieldLayout,
  struct: StructLayout,
  scope: FieldScope,
): FieldModel | undefined {
  const { type, atomic, order } = unwrap(field.type);
  const scalar = scalarOf(type, scope.model);
  if (scalar === undefined) return undefined;
  const { names } = scope;
  const { path } = base;
  const runtime = (name: string): string => names.value(RUNTIME, name);
  const isFloat = scalar === "f32" || scalar === "f64";
  const bits: ScalarName = atomic && isFloat ? (scalar === "f32" ? "u32" : "u64") : scalar;
  const size = SIZES[scalar];
  const aligned =
    order !== "big" && Math.min(struct.align, scope.placement(struct.id)) % size === 0 && field.offset % size === 0;
  const cell = cellOf(bits, aligned, atomic, order, field.offset, scope);
  const shared = { ...BLANK, ...base, kind: "scalar", cell } as const;
  const handle = atomic ? atomicHandle(type, scalar, field.offset, base, scope) : undefined;
  switch (type.kind) {
    case "bool":
      return {
        ...shared,
        ...same("boolean"),
        after: " !== 0",
        encoded: `${runtime("checkBool")}(${path}, value)`,
        handle,
      };
    case "num":
      return {
        ...shared,
        ...same("number"),
        before: `${runtime("toSafeNumber")}(`,
        after: `, ${path})`,
        encoded: `${runtime("fromSafeNumber")}("${type.of}", value, ${path})`,
        handle,
      };
    case "enum": {
      const name = scope.declaration(type.enum);
      const members = (scope.model.enums.get(type.enum)?.members ?? []).map(({ value }) => value);
      return { ...shared, ...same(name), cast: ` as ${name}`, ...enumCheck(name, members, path, names), handle };
    }
    case "flags":
      return {
        ...shared,
        ...same("number"),
        ...refusal(scalar, names, path),
        handle: handle ?? plainFlags(scalar, base, scope),
      };
    default:
      if (atomic && isFloat) {
        const letter = scalar === "f32" ? "F32" : "F64";
        const float = { before: `${runtime(`${scalar}OfBits`)}(`, after: ")" };
        return {
          ...shared,
          ...same("number"),
          ...float,
          encoded: `${runtime(`bitsOf${letter}`)}(value, ${path})`,
          handle,
        };
      }
      return {
        ...shared,
        ...same(SIZES[scalar] === 8 && !isFloat ? "bigint" : "number"),
        ...refusal(scalar, names, path),
        handle,
      };
  }
}

function same(type: string): { type: string; writeType: string } {
  return { type, writeType: type };
}

function cellOf(
  bits: ScalarName,
  aligned: boolean,
  atomic: boolean,
  order: "big" | "little" | undefined,
  offset: number,
  scope: FieldScope,
): CellModel {
  const size = SIZES[bits];
  if (!aligned && size > 1) {
    need(scope, "#dataView", "DataView", "memoryOf", ".dataView");
    const index = offsetIn(scope, offset);
    return { form: "data", array: "dataView", index, method: DATA_VIEW[bits], order: `, ${order !== "big"}` };
  }
  need(scope, `#${bits}`, ARRAY_CLASS[bits], "memoryOf", `.${bits}`);
  const index =
    size === 1
      ? offsetIn(scope, offset)
      : plus(need(scope, `#b${size}`, "number", "offsetOf", ` / ${size}`), offset / size);
  return { form: atomic ? "atomic" : "plain", array: bits, index, method: "", order: "" };
}

function enumCheck(
  name: string,
  members: readonly number[],
  path: string,
  names: ModuleNames,
): { check: string; encoded: string } {
  const values = [...new Set(members)].sort((a, b) => a - b);
  const [first = 0, last = 0] = [values[0], values.at(-1)];
  const dense = last - first === values.length - 1;
  if (!dense && values.length > 4) {
    return { check: "", encoded: `${names.value(RUNTIME, "checkEnum")}(${name}, ${path}, value)` };
  }
  const range = first === 0 ? `value > ${last}` : `value < ${first} || value > ${last}`;
  const condition = dense ? `value !== value >>> 0 || ${range}` : values.map((v) => `value !== ${v}`).join(" && ");
  return {
    // A bigint would make the arithmetic throw a TypeError of its own.
    check: `if (typeof value !== "number" || ${condition}) ${names.value(RUNTIME, "refuseEnum")}(${name}, ${path}, value);`,
    encoded: "value",
  };
}

function atomicHandle(
  type: TypeIr,
  scalar: ScalarName,
  offset: number,
  base: Common,
  scope: FieldScope,
): HandleModel | undefined {
  const { names, writer } = scope;
  /** `args` stand between offset and path; a generic handle shows its value's type. */
  const make = (name: string, args: string, value: string, generic = false): HandleModel => {
    const local = names.value(RUNTIME, name, writer);
    const made = `new ${local}(${view(scope)}, ${offsetIn(scope, offset)}, ${args}, ${base.path})`;
    const named = { name: base.name, struct: base.owner };
    if (writer) return { ...named, type: generic ? `${local}<${value}>` : local, make: made };
    const flags = name === "AtomicFlags";
    const reader = names.value(RUNTIME, flags ? "AtomicFlagsReader" : "AtomicReader", true);
    const shown = flags ? reader : `${reader}<${value}>`;
    return { ...named, type: shown, make: `new ${reader}(${view(scope)}, ${made}, ${base.path})` };
  };
  const codec = (shown: string): string => `${names.value(RUNTIME, "codec")}.${shown}`;
  switch (type.kind) {
    case "bool":
      return make("AtomicValue", `"u8", ${codec("bool")}`, "boolean", true);
    case "enum": {
      const name = scope.declaration(type.enum);
      return make("AtomicValue", `"${scalar}", ${codec(`enumeration(${name})`)}`, name, true);
    }
    case "flags":
      return make("AtomicFlags", `"${scalar}"`, "number");
    case "num":
      return make("AtomicNum", `"${scalar}"`, "number");
    default:
      if (scalar === "f32") return make("AtomicFloat", `"u32", ${codec("f32")}`, "number");
      if (scalar === "f64") return make("AtomicFloat", `"u64", ${codec("f64")}`, "number");
      if (SIZES[scalar] === 8) return make("AtomicBigInt", `"${scalar}"`, "bigint");
      return make("AtomicInteger", `"${scalar}"`, "number");
  }
}

function plainFlags(scalar: ScalarName, base: Common, scope: FieldScope): HandleModel {
  const made = scope.names.value(RUNTIME, "PlainFlags", scope.writer);
  const type = scope.writer ? made : scope.names.type(RUNTIME, "FlagsLoad");
  const write = scope.writer ? `, (value) => (this.${base.name} = value)` : "";
  // Where the field is missing, no flag is set.
  const read = `this.${base.name}${base.optional ? " ?? 0" : ""}`;
  const make = `new ${made}("${scalar}", ${base.path}, ${view(scope)}, () => ${read}${write})`;
  return { name: base.name, struct: base.owner, type, make };
}

/** `owner` is the class that has the field. */
type Common = Pick<FieldModel, "name" | "doc" | "path" | "writer" | "owner"> & {
  /** True where an older region may lack the field, which then reads as undefined. */
  readonly optional: boolean;
};

/** The model of one field of one class. */
export function fieldModel(field: FieldLayout, struct: StructLayout, scope: FieldScope): FieldModel {
  const model = presentField(field, struct, scope);
  return isOptional(field) ? { ...model, type: `${model.type} | undefined` } : model;
}

function isOptional({ since }: FieldLayout): boolean {
  return since !== undefined && since.default === undefined;
}

/** The comment of a field, and what it is in an older region. */
function fieldDoc({ docs, type, since }: FieldLayout, model: LayoutModel): string[] {
  const doc = docLines(docs);
  if (since === undefined) return doc;
  const older = since.default === undefined ? "undefined" : defaultLiteral(type, since.default, model);
  return [...doc, ...docLines(`Since version ${since.version}; ${older} in an older region.`)];
}

/** The model of a field that is there. */
function presentField(field: FieldLayout, struct: StructLayout, scope: FieldScope): FieldModel {
  const { names, writer } = scope;
  const path = JSON.stringify(`${struct.name}.${field.name}`);
  const base: Common = {
    name: field.name,
    doc: fieldDoc(field, scope.model),
    path,
    writer,
    owner: writer ? struct.name : `${struct.name}Reader`,
    optional: isOptional(field),
  };
  const scalar = scalarField(base, field, struct, scope);
  if (scalar !== undefined) {
    if (scalar.handle !== undefined) keep(scope, field.name, scalar.handle.type);
    return scalar;
  }
  const runtime = (name: string): string => names.value(RUNTIME, name);
  const shared = { ...BLANK, ...base };
  const type = field.type;
  if (type.kind === "utf8") {
    const memory = need(scope, "#u8", "Uint8Array", "memoryOf", ".u8");
    const place = `${memory}, ${offsetIn(scope, field.offset)}, ${type.size}`;
    const write = writer ? `${runtime("writeText")}(${place}, value, ${path});` : "";
    return { ...shared, kind: "text", ...same("string"), make: `${runtime("readText")}(${place})`, write };
  }
  const alignment = Math.min(struct.align, scope.placement(struct.id));
  const place = `${view(scope)}, ${offsetIn(scope, field.offset)}`;
  const model = elementOf(type.kind === "tail" ? { kind: "array", of: type.of, length: 0 } : type, {
    ...scope,
    aligned: (size) => alignment % size === 0 && field.offset % size === 0,
  });
  return keptField(shared, model, place, type.kind === "tail" ? `${view(scope)}.tailLength` : undefined, scope);
}

/** A field whose accessor is made on first use and kept: structs, bits, bytes, arrays, tails. */
function keptField(
  shared: typeof BLANK & Common,
  element: ElementModel,
  place: string,
  tailLength: string | undefined,
  scope: FieldScope,
): FieldModel {
  const { path, name } = shared;
  const { type, writeType } = element;
  keep(scope, name, type);
  const make = element.make(place, path, tailLength);
  const kept = shared.optional ? `(this.#$${name} ??= ${make})` : `this.${name}`;
  const write = scope.writer ? element.write(kept, path) : "";
  return { ...shared, kind: element.kind, type, writeType, make, write };
}
