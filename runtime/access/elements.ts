/** How each kind of array element is read and written. Generated code builds these: `element.atomic("u32")`. */
import type { EncodingName } from "../../schema/encodings.js";
import {
  ArrayAccessor,
  ArrayReader,
  AtomicArray,
  AtomicArrayReader,
  type AtomicElement,
  BytesReader,
  type Element,
  elementOf,
  placeOfArray,
  type Elements,
  listOf,
  NumberArrayReader,
} from "./arrays.js";
import type { AtomicLoad } from "./atomic-handle.js";
import type { TimeUnit } from "./moments.js";
import { AtomicBigFlags, AtomicBigInt, AtomicFlags, AtomicInteger, AtomicNum } from "./atomic-integers.js";
import { AtomicReader } from "./atomic-readers.js";
import { AtomicFloat, AtomicValue, type BitsKind } from "./atomic-values.js";
import { isStoring, isTrying, leaveCopy, readFrom, takeCopy, tryThenStore } from "./checked-write.js";
import { type Codec, codec } from "./codecs.js";
import type { FlyweightClass } from "./definition.js";
import type { FlagsKind } from "./flags.js";
import type { Flyweight } from "./flyweight.js";
import type { StructLayout } from "./layout.js";
import type { MemoryView } from "./memory-view.js";
import { mayBeShared, rawMemory } from "./memory-view.js";
import {
  type ArrayOf,
  ARRAYS,
  type BigKind,
  checkNumber,
  type FloatKind,
  getData,
  type NumberArray,
  type NumberKind,
  type NumberOf,
  setData,
  SIZE,
  type SmallKind,
} from "./numbers.js";
import { type OddKind, type OddOf, oddSize, readOdd, writeOdd } from "./odd.js";
import { assign, type Assignable } from "./plain.js";
import { type CountedAccessor, look, mappedOf } from "./counted.js";
import { scratchView } from "./scratch.js";
import { badValue, containerNotAssigned, readOnlyField } from "./refusals.js";
import { readText, writeText } from "./text.js";

/** Members of an enum by name. */
type Members<T> = Readonly<Record<string, T>>;
type ReprKind = SmallKind | BigKind;

/** Accessors of bit fields work at any place, in either byte order. */
interface BitsClass<T extends Flyweight> {
  new (view: MemoryView, offset: number, little: boolean): T;
  readonly layout: StructLayout;
}

/** Aligned bits with plain access, shown through a codec. */
function plain<T>(kind: NumberKind, shown: Codec<T>): Element<T> {
  const size = SIZE[kind];
  return {
    size,
    align: size,
    keep: false,
    get: (view, offset, field) => shown.fromBits(rawMemory(view)[kind][offset / size] as number, field),
    set: (view, offset, value, field) => {
      (rawMemory(view)[kind] as Float64Array)[offset / size] = shown.toBits(value, field) as number;
    },
  };
}

/** Bits at any place, in either byte order. */
function data<T>(kind: NumberKind, little: boolean, shown: Codec<T>): Element<T> {
  return {
    size: SIZE[kind],
    align: 1,
    keep: false,
    get: (view, offset, field) => shown.fromBits(getData(kind, rawMemory(view).dataView, offset, little), field),
    set: (view, offset, value, field) => {
      setData(kind, rawMemory(view).dataView, offset, shown.toBits(value, field), little);
    },
  };
}

function atomic<T, H>(
  kind: SmallKind | BigKind,
  shown: Codec<T>,
  handle: AtomicElement<T, H>["handle"],
): AtomicElement<T, H> {
  const size = SIZE[kind];
  return {
    size,
    align: size,
    keep: false,
    handle,
    // The compiler has no overload for a union of number and bigint arrays; the codec's bits fit the kind's array.
    get: (view, offset, field) =>
      shown.fromBits(Atomics.load(rawMemory(view)[kind] as Uint8Array, offset / size), field),
    set: (view, offset, value, field) => {
      Atomics.store(rawMemory(view)[kind] as Uint8Array, offset / size, shown.toBits(value, field) as number);
    },
  };
}

/** Atomic elements whose handles are those of readers. */
function loads<T>(of: AtomicElement<T, AtomicLoad<T>>): AtomicElement<T, AtomicReader<T>> {
  return {
    ...of,
    handle: (view, offset, field) => new AtomicReader<T>(view, of.handle(view, offset, field), field),
  };
}

/** An object over its bytes, kept; written by assigning to what it shows. Structs check their own alignment. */
function kept<T extends object, W>(
  size: number,
  align: number,
  get: (view: MemoryView, offset: number, field: string) => T,
  set: (target: T, value: W, field: string) => void,
): Element<T, W> {
  return {
    size,
    align,
    keep: true,
    get,
    set: (view, offset, value, field) => set(get(view, offset, field), value, field),
  };
}

/** An array as an element of another. */
function row<E extends { readonly size: number; readonly align: number }, A extends object, W>(
  Row: new (view: MemoryView, offset: number, length: number, of: E, field: string) => A,
  of: E,
  length: number,
  set: (target: A, value: W, field: string) => void,
): Element<A, W> {
  return kept(of.size * length, of.align, (view, offset, field) => new Row(view, offset, length, of, field), set);
}

function handles<K extends SmallKind | BigKind, T, H>(
  Handle: new (view: MemoryView, offset: number, kind: K, field: string) => H,
  kind: K,
  shown: Codec<T>,
): AtomicElement<T, H> {
  return atomic(kind, shown, (view, offset, field) => new Handle(view, offset, kind, field));
}

function values<T, H>(
  Handle: new (view: MemoryView, offset: number, kind: BitsKind, shown: Codec<T>, field: string) => H,
  kind: BitsKind,
  shown: Codec<T>,
): AtomicElement<T, H> {
  return atomic(kind, shown, (view, offset, field) => new Handle(view, offset, kind, shown, field));
}

/** Copies numbers into a typed array of the same length, after a look at each. */
export function copyNumbers<K extends NumberKind>(
  target: ArrayOf[K],
  values: Elements<NumberOf<K>>,
  kind: K,
  field: string,
): void {
  if (isStoring()) (target as Float64Array).set(values as ArrayLike<number>);
  else if (isTrying()) leaveCopy(readFrom(() => ownNumbers(values, target, kind, field)));
  else (target as Float64Array).set(ownNumbers(values, target, kind, field) as ArrayLike<number>);
}

/** Numbers that nobody else changes until they are stored: each is read once, and none lies in memory that may be shared. */
function ownNumbers(
  values: Elements<number | bigint>,
  target: NumberArray,
  kind: NumberKind,
  field: string,
): ArrayLike<number | bigint> {
  const list = listOf(values, target.length, field);
  const Numbers = ARRAYS[kind] as Float64ArrayConstructor;
  if (list instanceof Numbers) {
    // It holds nothing that this kind does not, and set() copes with an overlap in one buffer; two mappings of the same pages
    // are two buffers.
    return list.buffer === target.buffer || !mayBeShared(list.buffer) ? list : new Numbers(list);
  }
  const own: (number | bigint)[] = [];
  for (let index = 0; index < list.length; index++) {
    own.push(checkNumber(kind, `${field}[${index}]`, list[index] as number | bigint));
  }
  return own;
}

/** Writes all elements of an array, or none. */
export function copyElements<T, W>(target: ArrayAccessor<T, W>, values: Elements<W>, field: string): void {
  if (isStoring()) return storeElements(target, values as ArrayLike<W>);
  const list = readFrom(() => ownList(listOf(values, target.length, field)));
  const of = elementOf(target) as unknown as Element<T, W>;
  if (isTrying()) {
    const { view, offset } = placeOfArray(target);
    tryElements(of, list, view, offset, field);
    return leaveCopy(list);
  }
  const scratch = scratchView(of.size, 0, placeOfArray(target).view.otherVersion);
  tryThenStore(
    () => tryElements(of, list, scratch, 0, field),
    () => storeElements(target, list),
  );
}

/** Writes all elements that count, or none. On private memory, where values are only tried, nobody has said how many count. */
export function copyCounted<T, W>(
  target: CountedAccessor<T, W>,
  values: Iterable<W> | ArrayLike<W>,
  field: string,
): void {
  if (typeof values !== "object" || values === null) throw badValue(field, "a list of elements", values);
  const list = Array.from(values);
  const { length } = target;
  if (isStoring() && list.length !== length)
    throw badValue(field, `exactly ${length} elements`, `${list.length} elements`);
  const most = placeOfArray(mappedOf(target)).length;
  const many = isTrying() ? Math.min(list.length, most) : length;
  copyElements(
    look(target, many) as unknown as ArrayAccessor<T, W>,
    isStoring() ? (values as ArrayLike<W>) : list,
    field,
  );
}

/** The elements in an array of our own. */
function ownList<W>(list: ArrayLike<W>): W[] {
  const own: W[] = [];
  for (let index = 0; index < list.length; index++) own.push(list[index] as W);
  return own;
}

/** Writes each to the same private bytes, and puts what has to be stored in its place. */
function tryElements<T, W>(of: Element<T, W>, list: W[], scratch: MemoryView, offset: number, field: string): void {
  for (let index = 0; index < list.length; index++) {
    of.set(scratch, offset, list[index] as W, `${field}[${index}]`);
    if (of.keep) list[index] = takeCopy(list[index]) as W;
  }
}

function storeElements<T, W>(target: ArrayAccessor<T, W>, list: ArrayLike<W>): void {
  for (let index = 0; index < list.length; index++) target.set(index, list[index] as W);
}

/** A typed array over aligned numbers of writable memory. */
export function numbersAt<K extends NumberKind>(view: MemoryView, kind: K, offset: number, length: number): ArrayOf[K] {
  view.checkRange(offset, length * SIZE[kind], SIZE[kind], kind);
  // One signature stands for the union of ten constructors.
  const Numbers = ARRAYS[kind] as Float64ArrayConstructor;
  const raw = rawMemory(view);
  return new Numbers(raw.buffer, raw.byteOffset + offset, length) as NumberArray as ArrayOf[K];
}

/** What {@link numbersReaderAt} makes: bytes can also be copied as a whole. */
export type NumbersReader<K extends NumberKind> = K extends "u8" ? BytesReader : NumberArrayReader<NumberOf<K>>;

/** The reading side of {@link numbersAt}. */
export function numbersReaderAt<K extends NumberKind>(
  view: MemoryView,
  kind: K,
  offset: number,
  length: number,
  field: string,
): NumbersReader<K> {
  const array = numbersAt(view, kind, offset, length);
  const Reader = kind === "u8" ? BytesReader : NumberArrayReader;
  return new Reader(view, array, field, offset) as NumbersReader<K>;
}

const refuseWrite = (_target: object, _value: never, field: string): never => {
  throw readOnlyField(field);
};

const refuseContainer = (_target: object, _value: never, field: string): never => {
  throw containerNotAssigned(field);
};

/** The kinds of elements. Those that end in Reader are for read-only memory. */
export const element = {
  number: <K extends NumberKind>(kind: K): Element<NumberOf<K>> =>
    plain(kind, codec.number(kind) as Codec<NumberOf<K>>),
  bool: plain("u8", codec.bool),
  num: (kind: BigKind): Element<number> => plain(kind, codec.num(kind)),
  moment: (unit: TimeUnit, kind: BigKind): Element<number> => plain(kind, codec.moment(unit, kind)),
  enumeration: <T extends number | bigint>(kind: ReprKind, enumerators: Members<T>): Element<T> =>
    plain(kind, codec.enumeration(enumerators)),
  data,
  odd: <K extends OddKind>(kind: K, little: boolean): Element<OddOf<K>> => ({
    size: oddSize(kind),
    align: 1,
    keep: false,
    get: (view, offset) => readOdd(kind, rawMemory(view).u8, offset, little),
    set: (view, offset, value, field) => writeOdd(kind, rawMemory(view).u8, offset, little, value, field),
  }),
  text: (size: number, encoding?: EncodingName): Element<string> => ({
    size,
    align: 1,
    keep: false,
    get: (view, offset) => readText(rawMemory(view).u8, offset, size, encoding),
    set: (view, offset, value, field) => writeText(rawMemory(view).u8, offset, size, value, field, encoding),
  }),
  struct: <T extends Flyweight>(type: FlyweightClass<T>): Element<T, Assignable<T>> =>
    kept(type.layout.size, 1, (view, offset) => new type(view, offset), assign),
  container: <T extends object>(size: number, align: number, make: Element<T>["get"]): Element<T, never> =>
    kept(size, align, make, refuseContainer),
  bits: <T extends Flyweight>(type: BitsClass<T>, little = true): Element<T, Assignable<T>> =>
    kept(type.layout.size, 1, (view, offset) => new type(view, offset, little), assign),
  numbers: <K extends NumberKind>(kind: K, length: number): Element<ArrayOf[K], Elements<NumberOf<K>>> =>
    kept(
      SIZE[kind] * length,
      SIZE[kind],
      (view, offset) => numbersAt(view, kind, offset, length),
      (target, values, field) => copyNumbers(target, values, kind, field),
    ),
  numbersReader: <K extends NumberKind>(kind: K, length: number): Element<NumbersReader<K>, never> =>
    kept(
      SIZE[kind] * length,
      SIZE[kind],
      (view, offset, field) => numbersReaderAt(view, kind, offset, length, field),
      refuseWrite,
    ),
  array: <T, W>(of: Element<T, W>, length: number): Element<ArrayAccessor<T, W>, Elements<W>> =>
    row(ArrayAccessor<T, W>, of, length, copyElements),
  arrayReader: <T, W>(of: Element<T, W>, length: number): Element<ArrayReader<T>, never> =>
    row(ArrayReader<T>, of as Element<T, never>, length, refuseWrite),
  atomicArray: <T, H>(of: AtomicElement<T, H>, length: number): Element<AtomicArray<T, H>, Elements<T>> =>
    row(AtomicArray<T, H>, of, length, copyElements),
  atomicArrayReader: <T, H>(of: AtomicElement<T, H>, length: number): Element<AtomicArrayReader<T, H>, never> =>
    row(AtomicArrayReader<T, H>, of, length, refuseWrite),
  atomicInteger: (kind: SmallKind) => handles(AtomicInteger, kind, codec.number(kind)),
  atomicBigInt: (kind: BigKind) => handles(AtomicBigInt, kind, codec.number(kind)),
  atomicNum: (kind: BigKind) => handles(AtomicNum, kind, codec.num(kind)),
  atomicFloat: (kind: FloatKind) => values(AtomicFloat, kind === "f32" ? "u32" : "u64", codec[kind]),
  atomicBool: values(AtomicValue<boolean>, "u8", codec.bool),
  atomicMoment: (unit: TimeUnit, kind: BigKind) => values(AtomicValue<number>, "u64", codec.moment(unit, kind)),
  atomicEnumeration: <T extends number | bigint>(kind: ReprKind, enumerators: Members<T>) =>
    values(AtomicValue<T>, kind, codec.enumeration(enumerators)),
  atomicFlags: (kind: FlagsKind) => handles(AtomicFlags, kind, codec.number(kind)),
  atomicBigFlags: handles(AtomicBigFlags, "u64", codec.number("u64")),
  loads,
};
