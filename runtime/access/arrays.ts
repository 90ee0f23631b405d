/** Arrays whose elements are not plain aligned numbers, and the reading side of those that are. */
import { jsonOf, type Parts, parts } from "./contents.js";
import type { MemoryView } from "./memory-view.js";
import type { NumberArray } from "./numbers.js";
import { type Inspect, inspect, printable, printedAs } from "./printing.js";
import { Elementwise } from "./reading.js";
import { spoilable } from "./retire.js";
import { badIndex, badValue, readOnlyField, staleLength } from "./refusals.js";

/** How an element is read and written. `size` is the stride. `field` is the path for messages. */
export interface Element<T, W = T> {
  readonly size: number;
  readonly align: number;
  /** True when `get` makes an object that is worth keeping. */
  readonly keep: boolean;
  get(view: MemoryView, offset: number, field: string): T;
  set(view: MemoryView, offset: number, value: W, field: string): void;
}

/** Elements beyond this index are made anew at each access; keeping them all could outgrow the region. */
const KEPT_ELEMENTS = 65_536;
/** What console.log shows of a long array, as Node does. */
const SHOWN_ELEMENTS = 100;
/** Longer arrays of numbers are not copied to be shown. */
const COPIED_ELEMENTS = 65_536;

/** The first elements, and how many more there are. */
function printElements(
  array: { readonly length: number; at(index: number): unknown },
  options: unknown,
  show: Inspect,
) {
  // Of what has lost its memory, or never had any, not even the length can be read.
  const length = printable(() => array.length);
  if (typeof length !== "number") return show(length, options);
  const shown: unknown[] = [];
  // Node counts what is shown: the last line has to be within its limit.
  const count = length > SHOWN_ELEMENTS ? SHOWN_ELEMENTS - 1 : length;
  for (let index = 0; index < count; index++) shown.push(printable(() => array.at(index)));
  if (length > count) shown.push(printedAs(`... ${length - count} more`));
  return show(shown, options);
}

/** Where the elements of an array lie. `offset` is bytes in the view; `field` is the path for messages. */
export interface ArrayPlace {
  readonly view: MemoryView;
  readonly offset: number;
  readonly length: number;
  readonly field: string;
}

/** Where an array lies; not a property, so that arrays show their elements only. */
export let placeOfArray: (array: ArrayReader<unknown>) => ArrayPlace;
/** What an array is made of. */
export let elementOf: <T>(array: ArrayReader<T>) => Element<T, never>;

function checkIndex(index: number, { view, offset, length, field }: ArrayPlace): void {
  if (Number.isInteger(index) && index >= 0 && index < length) return;
  const { growing } = view;
  const grown = growing?.offset === offset ? growing.lengthNow() : 0;
  throw index >= length && index < grown ? staleLength(field, index, length, grown) : badIndex(field, index, length);
}

/** An array that can be read by index. Accessors are made on first use and kept. */
export class ArrayReader<T> extends Elementwise<T> {
  #place: ArrayPlace;
  readonly #element: Element<T, never>;
  #kept: T[] | undefined;

  constructor(view: MemoryView, offset: number, length: number, element: Element<T, never>, field: string) {
    super();
    view.checkRange(offset, length * element.size, element.align, field);
    view.track(this);
    this.#place = { view, offset, length, field };
    this.#element = element;
    this.#kept = element.keep ? [] : undefined;
  }
  override get length(): number {
    return this.#place.length;
  }
  override at(index: number): T {
    // An element that is kept has proved its index. Text would find properties of the list.
    const kept = typeof index === "number" ? this.#kept?.[index] : undefined;
    if (kept !== undefined) return kept;
    const { view, offset, field } = this.#place;
    checkIndex(index, this.#place);
    const element = this.#element;
    const list = this.#kept;
    if (list !== undefined && index < KEPT_ELEMENTS) return keepElement(list, element, this.#place, index);
    return element.get(view, offset + index * element.size, list === undefined ? field : `${field}[${index}]`);
  }
  /** What `JSON.stringify()` has of it: a list. The names of enums and flags are known to the struct that has the array. @throws ShmError ERR_SHM_CLOSED */
  toJSON(): unknown[] {
    return jsonOf(this) as unknown[];
  }
  /** @internal */
  [parts](): Parts {
    return { kind: "list", of: this };
  }
  [inspect](_depth: number, options: unknown, show: Inspect): string {
    return printElements(this, options, show);
  }

  static {
    spoilable<ArrayReader<unknown>, ArrayPlace & unknown[]>(this, (own, closed) => {
      own.#place = own.#kept = closed;
    });
    placeOfArray = (array) => array.#place;
    elementOf = (array) => array.#element;
    const set = function (this: ArrayReader<unknown>): never {
      throw readOnlyField(this.#place.field);
    };
    Object.defineProperty(this.prototype, "set", { value: set, configurable: true, writable: true });
  }
}

function makeElement<T>(kept: T[], element: Element<T, never>, { view, offset, field }: ArrayPlace, index: number): T {
  return (kept[index] = element.get(view, offset + index * element.size, `${field}[${index}]`));
}

/**
 * Makes an element and keeps it. V8 does not inline a call of a Proxy: it would put the making of accessors, which happens once,
 * into every loop over an array, and have nothing left to spend on the setters (measured: twice the time of a loop).
 */
const keepElement = new Proxy(makeElement, Object.create(null) as object);

/** An array that can be read and written by index. */
export class ArrayAccessor<T, W = T> extends ArrayReader<T> {
  constructor(view: MemoryView, offset: number, length: number, element: Element<T, W>, field: string) {
    super(view, offset, length, element as Element<T, never>, field);
  }
  /** Writes element `index`. @throws ShmRangeError */
  set(index: number, value: W): void {
    const { view, offset, field } = placeOfArray(this);
    if (view.readOnly) throw readOnlyField(field);
    checkIndex(index, placeOfArray(this));
    const element = elementOf(this) as unknown as Element<T, W>;
    element.set(view, offset + index * element.size, value, `${field}[${index}]`);
  }
}

/** An array of atomics: `at` and `set` are Atomics.load and store, `field` has the other operations. */
export class AtomicArray<T, H> extends ArrayAccessor<T> {
  #handles: H[] = [];
  readonly #element: AtomicElement<T, H>;

  constructor(view: MemoryView, offset: number, length: number, element: AtomicElement<T, H>, field: string) {
    super(view, offset, length, element, field);
    this.#element = element;
  }
  /** The handle of element `index`, made on first use and kept. */
  field(index: number): H {
    const kept = typeof index === "number" ? this.#handles[index] : undefined;
    return kept === undefined ? handleOf(this, index, this.#handles, this.#element) : kept;
  }

  static {
    spoilable<AtomicArray<unknown, unknown>, unknown[]>(this, (own, closed) => {
      own.#handles = closed;
    });
  }
}

/** An array of atomics over read-only memory. */
export class AtomicArrayReader<T, H> extends ArrayReader<T> {
  #handles: H[] = [];
  readonly #element: AtomicElement<T, H>;

  constructor(view: MemoryView, offset: number, length: number, element: AtomicElement<T, H>, field: string) {
    super(view, offset, length, element, field);
    this.#element = element;
  }
  /** The handle of element `index`: load, wait and waitAsync. */
  field(index: number): H {
    const kept = typeof index === "number" ? this.#handles[index] : undefined;
    return kept === undefined ? handleOf(this, index, this.#handles, this.#element) : kept;
  }

  static {
    spoilable<AtomicArrayReader<unknown, unknown>, unknown[]>(this, (own, closed) => {
      own.#handles = closed;
    });
  }
}

/** An element that also makes `$field` handles. */
export interface AtomicElement<T, H> extends Element<T, T> {
  readonly handle: (view: MemoryView, offset: number, field: string) => H;
}

function handleOf<H>(
  array: ArrayReader<unknown>,
  index: number,
  handles: H[],
  element: { readonly size: number; readonly handle: AtomicElement<unknown, H>["handle"] },
): H {
  const { view, offset, field } = placeOfArray(array);
  checkIndex(index, placeOfArray(array));
  const made = element.handle(view, offset + index * element.size, `${field}[${index}]`);
  if (index < KEPT_ELEMENTS) handles[index] = made;
  return made;
}

/** Numbers over read-only memory. */
export class NumberArrayReader<T extends number | bigint> extends Elementwise<T> {
  #array: NumberArray;
  readonly #place: ArrayPlace;

  /** `offset` is where `array` begins, bytes in the view. */
  constructor(view: MemoryView, array: NumberArray, field: string, offset: number) {
    super();
    view.track(this);
    this.#array = array;
    this.#place = { view, offset, length: array.length, field };
  }
  override get length(): number {
    return this.#array.length;
  }
  override at(index: number): T {
    const value = this.#array[index];
    if (value === undefined) checkIndex(index, this.#place);
    return value as T;
  }
  /** Copies as many elements from `start` on as fit into `target`; returns how many. */
  copyTo(target: { readonly length: number; [index: number]: T }, start = 0): number {
    const count = Math.max(0, Math.min(target.length, this.length - start));
    if (count > 0) checkIndex(start, this.#place);
    if (!ArrayBuffer.isView(target)) for (let index = 0; index < count; index++) target[index] = this.at(start + index);
    // Not the target's own `set`, which would be handed memory that must not be written.
    else Float64Array.prototype.set.call(target, this.#array.subarray(start, start + count) as Float64Array);
    return count;
  }
  /** What `JSON.stringify()` has of it: a list of numbers, those of 64 bits as decimal text; of bytes, hexadecimal text. @throws ShmError ERR_SHM_CLOSED */
  toJSON(): unknown {
    return jsonOf(this);
  }
  /** @internal */
  [parts](): Parts {
    return { kind: this.#array instanceof Uint8Array ? "bytes" : "numbers", of: this.#array };
  }
  [inspect](_depth: number, options: unknown, show: Inspect): string {
    // Not the array itself, which must not be written to.
    const copy = printable(() => (this.length > COPIED_ELEMENTS ? undefined : this.#array.slice()));
    return copy === undefined ? printElements(this, options, show) : show(copy, options);
  }
  static {
    spoilable<NumberArrayReader<number>, NumberArray>(this, (own, closed) => {
      own.#array = closed;
    });
  }
}

/** Bytes over read-only memory. */
export class BytesReader extends NumberArrayReader<number> {
  /** A copy of all bytes. */
  toUint8Array(): Uint8Array {
    const copy = new Uint8Array(this.length);
    this.copyTo(copy);
    return copy;
  }
}

/** What a setter of an array accepts. */
export type Elements<T> = Iterable<T> | ArrayLike<T>;

/** Accepts what has elements: arrays, typed arrays, iterables. @throws ShmRangeError otherwise. */
export function listOf<W>(values: Elements<W>, length: number, field: string): ArrayLike<W> {
  if (typeof values !== "object" || values === null) throw badValue(field, `${length} elements`, values);
  const list = Array.isArray(values) || ArrayBuffer.isView(values) ? (values as ArrayLike<W>) : Array.from(values);
  if (list.length !== length) throw badValue(field, `exactly ${length} elements`, `${list.length} elements`);
  return list;
}
