/**
 * A tail of foreign memory that another field counts: the elements that are mapped, and how many of them count just now.
 *
 *   all that is mapped (an array of arrays.ts) -> the count, asked at every access, within what is mapped -> elements
 *
 * The other program may change its count at any moment, to any number: so what proves bounds is the mapping, and what is behind the count is
 * refused as what is behind an array's end is.
 */
import {
  ArrayAccessor,
  type ArrayReader,
  type AtomicArray,
  type AtomicArrayReader,
  elementOf,
  placeOfArray,
} from "./arrays.js";
import { jsonOf, type Parts, parts } from "./contents.js";
import { type Inspect, inspect } from "./printing.js";
import { Elementwise } from "./reading.js";
import { badIndex } from "./refusals.js";

/** What a field says, as its accessor gives it. */
type Count = () => number | bigint;

const LOOKING = [
  "values",
  "keys",
  "entries",
  "forEach",
  "map",
  "filter",
  "find",
  "findIndex",
  "some",
  "every",
  "reduce",
] as const satisfies readonly (keyof Elementwise<unknown>)[];

/** All that is mapped of a counted tail. */
export let mappedOf: <T>(counted: CountedReader<T>) => ArrayReader<T>;

/** Elements up to a count that another field has. */
export class CountedReader<T> extends Elementwise<T> {
  readonly #mapped: ArrayReader<T>;
  readonly #count: Count;

  constructor(mapped: ArrayReader<T>, count: Count) {
    super();
    this.#mapped = mapped;
    this.#count = count;
  }
  /** What the field says at this moment, and no more than is mapped; all that is mapped where it says less than none or more. */
  override get length(): number {
    const { length } = this.#mapped;
    const count = Number(this.#count());
    return count >= 0 && count <= length ? count : length;
  }
  /** Element `index` of those that count at this moment. @throws ShmRangeError */
  override at(index: number): T {
    checkCounted(this, index);
    return this.#mapped.at(index);
  }
  /** @internal */
  toJSON(): unknown[] {
    return jsonOf(look(this)) as unknown[];
  }
  /** @internal */
  [parts](): Parts {
    return { kind: "list", of: look(this) };
  }
  [inspect](depth: number, options: unknown, show: Inspect): string {
    return look(this)[inspect](depth, options, show);
  }

  static {
    mappedOf = (counted) => counted.#mapped;
    // One look each: what counts when the method is called.
    for (const name of LOOKING) {
      const value = function (this: CountedReader<unknown>, ...given: unknown[]): unknown {
        const array = look(this);
        return Reflect.apply(array[name] as (...given: unknown[]) => unknown, array, given);
      };
      Object.defineProperty(this.prototype, name, { value, configurable: true, writable: true });
    }
  }
}

function checkCounted(counted: CountedReader<unknown>, index: number): void {
  const { length } = counted;
  if (Number.isInteger(index) && index >= 0 && index < length) return;
  throw badIndex(placeOfArray(mappedOf(counted)).field, index, length);
}

/** As many elements as count now, as an array that keeps its length. */
export function look<T>(counted: CountedReader<T>, length = counted.length): ArrayAccessor<T> {
  const mapped = mappedOf(counted);
  const { view, offset, field } = placeOfArray(mapped);
  return new ArrayAccessor<T>(view, offset, length, elementOf(mapped) as never, field);
}

/** The same, with elements that can be written. */
export class CountedAccessor<T, W = T> extends CountedReader<T> {
  constructor(mapped: ArrayAccessor<T, W>, count: Count) {
    super(mapped as ArrayReader<T>, count);
  }
  /** Writes element `index` of those that count at this moment. @throws ShmRangeError */
  set(index: number, value: W): void {
    checkCounted(this, index);
    (mappedOf(this) as ArrayAccessor<T, W>).set(index, value);
  }
}

/** Atomic elements up to a count that another field has. */
export class CountedAtomics<T, H> extends CountedAccessor<T> {
  constructor(mapped: AtomicArray<T, H>, count: Count) {
    super(mapped as ArrayAccessor<T>, count);
  }
  /** The handle of element `index`, of those that count at this moment. @throws ShmRangeError */
  field(index: number): H {
    checkCounted(this, index);
    return (mappedOf(this) as AtomicArray<T, H>).field(index);
  }
}

/** The same over read-only memory. */
export class CountedAtomicsReader<T, H> extends CountedReader<T> {
  constructor(mapped: AtomicArrayReader<T, H>, count: Count) {
    super(mapped as ArrayReader<T>, count);
  }
  /** The handle of element `index`, of those that count at this moment: load. @throws ShmRangeError */
  field(index: number): H {
    checkCounted(this, index);
    return (mappedOf(this) as AtomicArrayReader<T, H>).field(index);
  }
}
