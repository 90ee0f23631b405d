/** Types that are shown by an object of their own -> expressions that make it, alone or as the element of an array. */
import { ENCODINGS, encodingOf } from "@shmgen/schema/encodings";
import { isNumber, isText, type TextType, unitsOf } from "@shmgen/schema/type-kinds";
import { byForm, byKind, type FormHandlers, type Handlers, type OfKind } from "../../ir/by-kind.js";
import type { ScalarName, TypeIr } from "../../ir/ir.js";
import { type ContainerStruct, containerModel, containerOf, type Held } from "./containers.js";
import { holderOf, numberKind, valueOf } from "./number-kinds.js";
import type { FieldScope } from "./scope.js";
import { ARRAY_CLASS, RUNTIME, SIZES } from "./scalars.js";

export interface ElementScope extends Omit<FieldScope, "privates"> {
  /** True when values of this many bytes are aligned at this place. */
  aligned(size: number): boolean;
}

/** An object over memory: its types, how it is made at a place, how values are copied into it. */
export interface ElementModel {
  readonly kind: "struct" | "numbers" | "array" | "container";
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

/** A type that is shown by an object: the others are single values. */
export type ObjectType = OfKind<"bytes" | "struct" | "bits" | "array">;

type Order = "big" | "little";

const OBJECTS: Handlers<ObjectType["kind"], [scope: ElementScope, order: Order], ElementModel> = {
  bytes: ({ size }, scope) => numbers("u8", size, scope),
  struct: (type, scope) => {
    const container = containerOf(type, scope.model);
    return container === undefined ? objectOf(type.struct, scope) : containerObject(container, scope);
  },
  bits: (type, scope, order) => objectOf(type.bits, scope, order),
  array: (type, scope) => arrayObject(type, scope),
};

/** A struct, bits, bytes or array as an object. */
export function elementOf(type: ObjectType, scope: ElementScope, order: Order = "little"): ElementModel {
  return byKind(OBJECTS, type, scope, order);
}

/** The generated class of a declaration. */
function objectOf(id: string, { names, writer, declaration }: ElementScope, order: Order = "little"): ElementModel {
  const local = declaration(id, !writer);
  return {
    kind: "struct",
    type: local,
    writeType: writer ? `${names.type(RUNTIME, "Assignable")}<${local}>` : local,
    make: (place) => `new ${local}(${place}${order === "big" ? ", false" : ""})`,
    write: (target) => `${names.value(RUNTIME, "assign")}(${target}, value);`,
  };
}

/** A container, which is what the runtime's class does with it: nothing is assigned to it. */
function containerObject(container: ContainerStruct, scope: ElementScope): ElementModel {
  const { local, type, shape } = containerModel(container, heldBy(container, scope), scope);
  return {
    kind: "container",
    type,
    writeType: "never",
    make: (place, path) => `new ${local}(${place}, ${shape}, ${path})`,
    write: () => "",
  };
}

/** What a container holds lies at its natural alignment. */
function heldBy({ role }: ContainerStruct, scope: ElementScope): Held | undefined {
  if (role.of === undefined) return undefined;
  const held = expression(role.of, { ...scope, aligned: () => true });
  if (role.key === undefined) return held;
  // Keys are copies wherever they are seen.
  const key = expression(role.key, { ...scope, writer: true, aligned: () => true });
  const is = role.key.kind === "utf8" ? "text" : role.key.kind === "bytes" ? "bytes" : "number";
  return { ...held, key: { text: key.text, type: key.type, is } };
}

/** The scalar of an array that a typed array can show: aligned numbers whose bits are their value, with plain access. */
function plainNumbers(type: TypeIr, scope: ElementScope): ScalarName | undefined {
  const of = type.kind === "relaxed" ? type.of : type.kind === "endian" && type.order === "little" ? type.of : type;
  if (!isNumber(of) || !numberKind(of).raw) return undefined;
  const scalar = holderOf(of, scope);
  return scope.aligned(SIZES[scalar]) ? scalar : undefined;
}

/** Numbers in a row: a typed array, or what only reads one. */
function numbers(scalar: ScalarName, length: number, scope: ElementScope): ElementModel {
  return scope.writer ? writableNumbers(scalar, length, scope) : readableNumbers(scalar, length, scope);
}

function writableNumbers(scalar: ScalarName, length: number, { names }: ElementScope): ElementModel {
  return {
    kind: "numbers",
    type: ARRAY_CLASS[scalar],
    writeType: `${names.type(RUNTIME, "Elements")}<${valueOf(scalar)}>`,
    make: (place, _path, count) =>
      `${names.value(RUNTIME, "numbersAt")}(${insert(place, `"${scalar}"`)}, ${count ?? length})`,
    write: (target, path) => `${names.value(RUNTIME, "copyNumbers")}(${target}, value, "${scalar}", ${path});`,
  };
}

function readableNumbers(scalar: ScalarName, length: number, { names }: ElementScope): ElementModel {
  const type =
    scalar === "u8"
      ? names.type(RUNTIME, "BytesReader")
      : `${names.type(RUNTIME, "NumberArrayReader")}<${valueOf(scalar)}>`;
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

/** Numbers where a typed array can show them; else an object that makes its elements one by one. */
function arrayObject({ of: inner, length }: OfKind<"array">, scope: ElementScope): ElementModel {
  const { names, writer } = scope;
  const scalar = plainNumbers(inner, scope);
  if (scalar !== undefined) return numbers(scalar, length, scope);
  const of = expression(inner, scope);
  const array = arrayClass(of, scope);
  return {
    kind: "array",
    type: array.type,
    writeType: writer ? `${names.type(RUNTIME, "Elements")}<${of.writeType}>` : array.type,
    make: (place, path, count) => `new ${array.local}(${place}, ${count ?? length}, ${of.text}, ${path})`,
    write: (target, path) => `${names.value(RUNTIME, "copyElements")}(${target}, value, ${path});`,
  };
}

/** A tail that another field counts: what is mapped of it, and the count, which is asked at every access. */
export function countedTail(inner: TypeIr, count: string, scope: ElementScope): ElementModel {
  const { names, writer } = scope;
  const scalar = plainNumbers(inner, scope);
  const of = scalar === undefined ? expression(inner, scope) : plainNumber(scalar, scope);
  const array = arrayClass(of, scope);
  const kind = of.handle === undefined ? (writer ? "Accessor" : "Reader") : writer ? "Atomics" : "AtomicsReader";
  const local = names.value(RUNTIME, `Counted${kind}`, true);
  const type = `${local}${array.type.slice(array.local.length)}`;
  return {
    kind: "array",
    type,
    writeType: writer ? `${names.type(RUNTIME, "Elements")}<${of.writeType}>` : type,
    make: (place, path, length) =>
      `new ${local}(new ${array.local}(${place}, ${length ?? 0}, ${of.text}, ${path}), () => this.${count})`,
    write: (target, path) => `${names.value(RUNTIME, "copyCounted")}(${target}, value, ${path});`,
  };
}

/** An aligned number as the element of an object. */
function plainNumber(scalar: ScalarName, { names }: ElementScope): Expression {
  const value = valueOf(scalar);
  const text = `${names.value(RUNTIME, "element")}.number("${scalar}")`;
  return { text, type: value, writeType: value, handle: undefined };
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

/** A tail is the last thing of a region, and nobody accesses what is reserved. */
const noElement = ({ kind }: TypeIr): never => {
  throw new Error(`an element of kind ${kind} has no accessor`);
};

const EXPRESSIONS: FormHandlers<[scope: ElementScope], Expression> = {
  number: (type, scope) => numberElement(type, undefined, scope),
  relaxed: ({ of }, scope) => numberElement(of, undefined, scope),
  endian: ({ of, order }, scope) => {
    if (isText(of)) return textElement(of, order === "big");
    if (of.kind === "odd") return oddElement(of, order);
    return of.kind === "bits" ? bitsElement(of, order, scope) : numberElement(of, order, scope);
  },
  odd: (type) => oddElement(type, "little"),
  atomic: ({ of }, scope) => atomicElement(of, scope),
  utf8: (type) => textElement(type),
  latin1: (type) => textElement(type),
  utf16: (type) => textElement(type),
  utf32: (type) => textElement(type),
  bytes: (type, scope) => shown(numbersWord("u8", type.size, scope), elementOf(type, scope)),
  array: arrayElement,
  struct: (type, scope) => {
    const object = elementOf(type, scope);
    const container = containerOf(type, scope.model);
    if (container === undefined) return shown(`struct(${object.type})`, object);
    const { size, align } = container.struct;
    const place = ["view", "offset", "field"].map((name) => scope.names.parameter(name));
    const make = object.make(place.slice(0, 2).join(", "), place[2] as string, undefined);
    return shown(`container(${size}, ${align}, (${place.join(", ")}) => ${make})`, object);
  },
  bits: (type, scope) => bitsElement(type, "little", scope),
  tail: noElement,
  reserved: noElement,
};

/** The `element.…` expression of an array's element. */
function expression(type: TypeIr, scope: ElementScope): Expression {
  const element = scope.names.value(RUNTIME, "element");
  const { text, ...types } = byForm(EXPRESSIONS, type, scope);
  return { text: `${element}.${text}`, ...types };
}

/** A member of the runtime's `element` that makes values or objects of these types. */
function shown(text: string, { type, writeType }: { type: string; writeType: string }): Expression {
  return { text, type, writeType, handle: undefined };
}

function textElement(type: TextType, isBigEndian = false): Expression {
  return shown(`text(${textArguments(type, isBigEndian).join(", ")})`, { type: "string", writeType: "string" });
}

/** What functions of texts are told: bytes, and the encoding where it is not UTF-8. */
export function textArguments(type: TextType, isBigEndian: boolean): readonly [size: string, encoding?: string] {
  const encoding = encodingOf(type.kind, isBigEndian);
  const size = `${unitsOf(type) * ENCODINGS[encoding].unit}`;
  return encoding === "utf8" ? [size] : [size, JSON.stringify(encoding)];
}

const numbersWord = (scalar: ScalarName, length: number, { writer }: ElementScope): string =>
  `numbers${writer ? "" : "Reader"}("${scalar}", ${length})`;

/** The class of one byte of bits takes no byte order: it is made as a struct is. */
function bitsElement(type: OfKind<"bits">, order: Order, scope: ElementScope): Expression {
  const object = elementOf(type, scope, order);
  if (scope.model.bits.get(type.bits)?.repr === "u8") return shown(`struct(${object.type})`, object);
  return shown(`bits(${object.type}${order === "big" ? ", false" : ""})`, object);
}

/** An integer of bytes in a row. */
function oddElement({ integer }: OfKind<"odd">, order: Order): Expression {
  const type = integer === "u128" ? "bigint" : "number";
  return shown(`odd("${integer}", ${order === "little"})`, { type, writeType: type });
}

/** An array in an array. */
function arrayElement(type: OfKind<"array">, scope: ElementScope): Expression {
  const scalar = plainNumbers(type.of, scope);
  const whole = elementOf(type, scope);
  if (scalar !== undefined) return shown(numbersWord(scalar, type.length, scope), whole);
  const of = expression(type.of, scope);
  const word = `${of.handle === undefined ? "array" : "atomicArray"}${scope.writer ? "" : "Reader"}`;
  return shown(`${word}(${of.text}, ${type.length})`, whole);
}

/** A number, bool, enum or flags. */
function numberElement(type: TypeIr, order: "big" | "little" | undefined, scope: ElementScope): Expression {
  if (!isNumber(type)) throw new Error(`an element of kind ${type.kind} has no accessor`);
  const scalar = holderOf(type, scope);
  const { type: value, aligned, codec } = numberKind(type).element(type, scalar, scope);
  const direct = order !== "big" && scope.aligned(SIZES[scalar]) ? aligned : undefined;
  const types = { type: value, writeType: value };
  if (direct !== undefined) return shown(direct, types);
  return shown(`data("${scalar}", ${order !== "big"}, ${scope.names.value(RUNTIME, "codec")}.${codec})`, types);
}

/** An element that is shown by a handle, or by its value where it is only read. */
function atomicElement(type: TypeIr, scope: ElementScope): Expression {
  if (!isNumber(type)) throw new Error(`atomic<${type.kind}> has no accessor`);
  const { names, writer } = scope;
  const { element, value, name, generic } = numberKind(type).atomic(type, holderOf(type, scope), scope);
  const types = { type: value, writeType: value };
  if (writer) {
    const local = names.type(RUNTIME, name);
    return { text: element, ...types, handle: generic === true ? `${local}<${value}>` : local };
  }
  const reader = `${names.type(RUNTIME, "AtomicReader")}<${value}>`;
  return { text: `loads(${names.value(RUNTIME, "element")}.${element})`, ...types, handle: reader };
}
