/** The plain values that stand for accessors: what is copied out of them, and what may be assigned to them. */
import type { ArrayReader, BytesReader, Elements, NumberArrayReader } from "./arrays.js";
import type { Flyweight } from "./flyweight.js";
import type { NumberArray } from "./numbers.js";

type BigArray = BigInt64Array | BigUint64Array;
/** What says itself how it is shown: a container. */
export interface Shown<S> {
  toJSON(): S;
}
type FieldsOf<T> = Extract<Exclude<keyof T, `$${string}`>, string>;

/** What {@link snapshot} makes of an accessor (or of the value of a field). */
export type Snapshot<T> = T extends Flyweight
  ? { -readonly [K in FieldsOf<T>]: Snapshot<T[K]> }
  : T extends Shown<infer S>
    ? S
    : T extends Uint8Array | BytesReader
      ? Uint8Array
      : T extends BigArray
        ? bigint[]
        : T extends NumberArray
          ? number[]
          : T extends NumberArrayReader<infer N>
            ? N[]
            : T extends ArrayReader<infer E>
              ? Snapshot<E>[]
              : T;

/** What {@link assign} accepts for an accessor: any of its fields, as deep as you like; arrays in full length. */
export type Assignable<T> = T extends Flyweight
  ? { readonly [K in FieldsOf<T>]?: Assignable<T[K]> }
  : T extends Shown<unknown>
    ? never
    : T extends BigArray
      ? Elements<bigint>
      : T extends NumberArray
        ? Elements<number>
        : T extends ArrayReader<infer E>
          ? Elements<Assignable<E>>
          : T;
