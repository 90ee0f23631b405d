/** What all arrays can do that are read by index: the methods of JavaScript's own arrays that change nothing. */
import { contentsText } from "./contents.js";
import { tagged } from "./printing.js";

/** A generator apart from the methods, so that a call of those reads the length at once, and throws after close. */
function* each<R>(length: number, get: (index: number) => R): IterableIterator<R> {
  for (let index = 0; index < length; index++) yield get(index);
}

/**
 * Elements that are read by index. Each method reads one element after the other, each once, and atomically where elements are atomic: others
 * may write meanwhile. Results are arrays of JavaScript.
 */
export abstract class Elementwise<T> implements Iterable<T> {
  /** Number of elements. */
  abstract get length(): number;
  /** Element `index`, from 0. @throws ShmRangeError */
  abstract at(index: number): T;

  [Symbol.iterator](): IterableIterator<T> {
    return this.values();
  }
  /** All elements, as `for (const element of array)` has them. */
  values(): IterableIterator<T> {
    return each(this.length, (index) => this.at(index));
  }
  /** All indexes. */
  keys(): IterableIterator<number> {
    return each(this.length, (index) => index);
  }
  /** All elements with their indexes: `for (const [index, wheel] of car.wheels.entries())`. */
  entries(): IterableIterator<[number, T]> {
    return each(this.length, (index) => [index, this.at(index)]);
  }
  /** Calls `visit` with each element. */
  forEach(visit: (element: T, index: number) => void): void {
    for (let index = 0; index < this.length; index++) visit(this.at(index), index);
  }
  /** What `change` makes of each element. */
  map<R>(change: (element: T, index: number) => R): R[] {
    return Array.from({ length: this.length }, (_, index) => change(this.at(index), index));
  }
  /** The elements for which `keep` gives true. */
  filter(keep: (element: T, index: number) => boolean): T[] {
    const kept: T[] = [];
    this.forEach((element, index) => {
      if (keep(element, index)) kept.push(element);
    });
    return kept;
  }
  /** The first element for which `is` gives true. */
  find(is: (element: T, index: number) => boolean): T | undefined {
    for (let index = 0; index < this.length; index++) {
      const element = this.at(index);
      if (is(element, index)) return element;
    }
    return undefined;
  }
  /** The index of the first element for which `is` gives true; -1 without one. */
  findIndex(is: (element: T, index: number) => boolean): number {
    for (let index = 0; index < this.length; index++) if (is(this.at(index), index)) return index;
    return -1;
  }
  /** Whether `is` gives true for any element. */
  some(is: (element: T, index: number) => boolean): boolean {
    return this.findIndex(is) >= 0;
  }
  /** Whether `is` gives true for all elements. */
  every(is: (element: T, index: number) => boolean): boolean {
    return this.findIndex((element, index) => !is(element, index)) < 0;
  }
  /** What `step` makes of all elements, from `initial` on. */
  reduce<R>(step: (result: R, element: T, index: number) => R, initial: R): R {
    let result = initial;
    for (let index = 0; index < this.length; index++) result = step(result, this.at(index), index);
    return result;
  }

  /** Says the contents, so that whoever compares deeply sees whether two are equal. */
  get [Symbol.toStringTag](): string {
    return tagged(this.constructor.name, () => contentsText(this));
  }
}
