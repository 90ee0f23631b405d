/** Types that are shown by an object of their own -> expressions that make it, alone or as the element of an array. */
import type { ScalarName, TypeIr } from "../../ir/ir.js";
import type { FieldScope } from "./scope.js";
import { ARRAY_CLASS, RUNTIME, scalarOf, SIZES } from "./scalars.js";

export interface ElementScope extends Omit<FieldScope, "privates"> {
  /** True when values of this many bytes are aligned at this place. */
  aligned(size: number): boolean;
}

/** An object over memory: its types, how it is made at a place, how values are copied into it. */
export interface ElementModel {
  readonly kind: "struct" | "numbers" | "array";
  readonly type: string;
  readonly writeType: string;
  /** `place` is `view, offset`; `length` replaces the declared one for tails. */
  make(place: string, path: string, length: string | undefined): string;
  write(target: string, path: string): string;
}

/** `element.x(..)` of the runtime, with its types. `handle` is undefined unless it is an atomic. */
interface Expression {
  readonly text: string;
  readonly type: string;
  readonly writeType: string;
  readonly handle: string | undefined;
}

/** The scalar of an array that a typed array can show: aligned numbers and flags with plain access. */
function plainNumbers(type: TypeIr, scope: ElementScope): ScalarName | undefined {
  const of = type.kind === "relaxed" ? type.of : type.kind === "endian" && type.order === "little" ? type.of : type;
  const scalar = of.kind === "scalar" || of.kind === "flags" ? scalarOf(of, scope.model) : undefined;
  return scalar !== undefined && scope.aligned(SIZES[scalar]) ? scalar : undefined;
}

const valueOf = (scalar: ScalarName): string => (scalar === "u64" || scalar === "i64" ? "bigint" : "number");

function numbers(scalar: ScalarName, length: number, scope: ElementScope): ElementModel {
  const { names, writer } = scope;
  const value = valueOf(scalar);
  if (writer) {
    const type = ARRAY_CLASS[scalar];
    return {
      kind: "numbers",
      type,
      writeType: `${names.type(RUNTIME, "Elements")}<${value}>`,
      make: (place, _path, count) =>
        `${names.value(RUNTIME, "numbersAt")}(${insert(place, `"${scalar}"`)}, ${count ?? length})`,
      write: (target, path) => `${names.value(RUNTIME, "copyNumbers")}(${target}, value, "${scalar}", ${path});`,
    };
  }
  const type =
    scalar === "u8" ? names.type(RUNTIME, "BytesReader") : `${names.type(RUNTIME, "NumberArrayReader")}<${value}>`;
  return {
    kind: "numbers",
    type,
    writeType: type,
    make: (place, path, count) =>
      `${names.value(RUNTIME, "numbersReaderAt")}(${insert(place, `"${scalar}"`)}, ${count ?? length}, ${path})`,
    write: () => "",
  };
}

/** `view, offset` -> `view, kind, offset` */
function insert(place: string, kind: string): string {
  const comma = place.indexOf(",");
  return `${place.slice(0, comma)}, ${kind}${place.slice(comma)}`;
}

/** A struct, bits, bytes or array as an object. */
export function elementOf(type: TypeIr, scope: ElementScope): ElementModel {
  const { names, writer } = scope;
  if (type.kind === "bytes") return numbers("u8", type.size, scope);
  const bits = bitsOf(type);
  if (type.kind === "struct" || bits !== undefined) {
    const id = type.kind === "struct" ? type.struct : (bits?.id ?? "");
    const local = scope.declaration(id, !writer);
    return {
      kind: "struct",
      type: local,
      writeType: writer ? `${names.type(RUNTIME, "Assignable")}<${local}>` : local,
      make: (place) => `new ${local}(${place}${bits?.big === true ? ", false" : ""})`,
      write: (target) => `${names.value(RUNTIME, "assign")}(${target}, value);`,
    };
  }
  if (type.kind !== "array") throw new Error(`a field of kind ${type.kind} has no accessor`);
  const scalar = plainNumbers(type.of, scope);
  if (scalar !== undefined) return numbers(scalar, type.length, scope);
  const of = expression(type.of, scope);
  const array = arrayClass(of, scope);
  return {
    kind: "array",
    type: array.type,
    writeType: writer ? `${names.type(RUNTIME, "Elements")}<${of.writeType}>` : array.type,
    make: (place, path, count) => `new ${array.local}(${place}, ${count ?? type.length}, ${of.text}, ${path})`,
    write: (target, path) => `${names.value(RUNTIME, "copyElements")}(${target}, value, ${path});`,
  };
}

function bitsOf(type: TypeIr): { id: string; big: boolean } | undefined {
  if (type.kind === "bits") return { id: type.bits, big: false };
  if (type.kind === "endian" && type.of.kind === "bits") return { id: type.of.bits, big: type.order === "big" };
  return undefined;
}

function arrayClass(of: Expression, { names, writer }: ElementScope): { local: string; type: string } {
  const name = `${of.handle === undefined ? "Array" : "AtomicArray"}${writer ? (of.handle === undefined ? "Accessor" : "") : "Reader"}`;
  const local = names.value(RUNTIME, name, true);
  if (of.handle !== undefined) return { local, type: `${local}<${of.type}, ${of.handle}>` };
  return {
    local,
    type: writer && of.writeType !== of.type ? `${local}<${of.type}, ${of.writeType}>` : `${local}<${of.type}>`,
  };
}

/** The `element.…` expression of an array's element. */
function expression(type: TypeIr, scope: ElementScope): Expression {
  const { names, writer } = scope;
  const element = names.value(RUNTIME, "element");
  const plain = (text: string, shown: string, writeType = shown): Expression => ({
    text: `${element}.${text}`,
    type: shown,
    writeType,
    handle: undefined,
  });
  if (type.kind === "atomic") return atomic(type.of, element, scope);
  if (type.kind === "utf8") return plain(`text(${type.size})`, "string");
  if (type.kind === "bytes" || type.kind === "array") {
    const scalar = type.kind === "bytes" ? "u8" : plainNumbers(type.of, scope);
    const whole = elementOf(type, scope);
    const length = type.kind === "bytes" ? type.size : type.length;
    if (scalar !== undefined)
      return plain(`numbers${writer ? "" : "Reader"}("${scalar}", ${length})`, whole.type, whole.writeType);
    if (type.kind === "bytes") throw new Error("bytes are numbers");
    const of = expression(type.of, scope);
    const word = `${of.handle === undefined ? "array" : "atomicArray"}${writer ? "" : "Reader"}`;
    return plain(`${word}(${of.text}, ${length})`, whole.type, whole.writeType);
  }
  const bits = bitsOf(type);
  if (type.kind === "struct" || bits !== undefined) {
    const { type: local, writeType } = elementOf(type, scope);
    // The class of one byte of bits takes no byte order: it is made as a struct is.
    const ordered = bits !== undefined && scope.model.bits.get(bits.id)?.repr !== "u8";
    const text = ordered ? `bits(${local}${bits.big ? ", false" : ""})` : `struct(${local})`;
    return plain(text, local, writeType);
  }
  return scalarExpression(type, scope, plain);
}

function scalarExpression(
  type: TypeIr,
  scope: ElementScope,
  plain: (text: string, shown: string) => Expression,
): Expression {
  const order = type.kind === "endian" ? type.order : undefined;
  const of = type.kind === "endian" || type.kind === "relaxed" ? type.of : type;
  const scalar = scalarOf(of, scope.model);
  if (scalar === undefined) throw new Error(`an element of kind ${type.kind} has no accessor`);
  const direct = order !== "big" && scope.aligned(SIZES[scalar]);
  // Asked for where it is used: to ask for a name imports it.
  const data = (shown: string): string =>
    `data("${scalar}", ${order !== "big"}, ${scope.names.value(RUNTIME, "codec")}.${shown})`;
  switch (of.kind) {
    case "bool":
      return plain("bool", "boolean");
    case "num":
      return plain(direct ? `num("${of.of}")` : data(`num("${of.of}")`), "number");
    case "enum": {
      const name = scope.declaration(of.enum);
      return plain(direct ? `enumeration("${scalar}", ${name})` : data(`enumeration(${name})`), name);
    }
    default:
      return plain(data(`number("${scalar}")`), valueOf(scalar));
  }
}

function atomic(type: TypeIr, element: string, scope: ElementScope): Expression {
  const { names, writer } = scope;
  const scalar = scalarOf(type, scope.model);
  if (scalar === undefined) throw new Error(`atomic<${type.kind}> has no accessor`);
  const make = (text: string, value: string, handle: string): Expression => {
    if (writer) {
      const [name = handle, rest] = handle.split("<");
      const local = names.type(RUNTIME, name);
      return {
        text: `${element}.${text}`,
        type: value,
        writeType: value,
        handle: rest === undefined ? local : `${local}<${rest}`,
      };
    }
    const reader = `${names.type(RUNTIME, "AtomicReader")}<${value}>`;
    return { text: `${element}.loads(${element}.${text})`, type: value, writeType: value, handle: reader };
  };
  switch (type.kind) {
    case "bool":
      return make("atomicBool", "boolean", "AtomicValue<boolean>");
    case "enum": {
      const name = scope.declaration(type.enum);
      return make(`atomicEnumeration("${scalar}", ${name})`, name, `AtomicValue<${name}>`);
    }
    case "flags":
      return make(`atomicFlags("${scalar}")`, "number", "AtomicFlags");
    case "num":
      return make(`atomicNum("${scalar}")`, "number", "AtomicNum");
    default:
      if (scalar === "f32" || scalar === "f64") return make(`atomicFloat("${scalar}")`, "number", "AtomicFloat");
      return SIZES[scalar] === 8
        ? make(`atomicBigInt("${scalar}")`, "bigint", "AtomicBigInt")
        : make(`atomicInteger("${scalar}")`, "number", "AtomicInteger");
  }
}
