/** The plain values that stand for accessors: what is copied out of them, and what may be assigned to them. */
import type { AbortOptions } from "../arguments/wait-options.js";
import type { ArrayReader, BytesReader, Elements, NumberArrayReader } from "./arrays.js";
import type { CountedReader } from "./counted.js";
import type { Flyweight, Union, UnionReader } from "./flyweight.js";
import type { NumberArray } from "./numbers.js";

type BigArray = BigInt64Array | BigUint64Array;
/** What says itself how it is shown: a container. */
export interface Shown<S> {
  toJSON(): S;
}
/** A container of which all that it holds is copied: a seqlock. */
export interface Whole<S> {
  readonly sequence: number;
  changes(options?: AbortOptions): AsyncIterableIterator<S>;
}
type FieldsOf<T> = Extract<Exclude<keyof T, keyof Flyweight | `$${string}`>, string>;

/** What a container shows, with `Big` in the place of its bigints. */
type Plain<S, Big> = S extends bigint
  ? Big
  : S extends Uint8Array
    ? S
    : S extends object
      ? { [K in keyof S]: Plain<S[K], Big> }
      : S;

/** What {@link snapshot} makes of an accessor (or of the value of a field). `Big` stands for 64-bit integers. */
export type Snapshot<T, Big = bigint> = T extends Union | UnionReader
  ? { -readonly [K in FieldsOf<T>]?: Snapshot<T[K], Big> }
  : T extends Flyweight
    ? { -readonly [K in FieldsOf<T>]: Snapshot<T[K], Big> }
    : T extends Whole<infer S>
      ? Plain<S, Big>
      : T extends Uint8Array | BytesReader
        ? Uint8Array
        : T extends BigArray
          ? Big[]
          : T extends NumberArray
            ? number[]
            : T extends NumberArrayReader<infer N>
              ? Snapshot<N, Big>[]
              : T extends ArrayReader<infer E> | CountedReader<infer E>
                ? Snapshot<E, Big>[]
                : T extends Shown<infer S>
                  ? Plain<S, Big>
                  : T extends bigint
                    ? Big
                    : T;

/** What {@link assign} accepts for an accessor: any of its fields, as deep as you like; arrays in full length. */
export type Assignable<T> = T extends Flyweight
  ? { readonly [K in FieldsOf<T>]?: Assignable<T[K]> }
  : T extends BigArray
    ? Elements<bigint>
    : T extends NumberArray
      ? Elements<number>
      : T extends ArrayReader<infer E> | CountedReader<infer E>
        ? Elements<Assignable<E>>
        : T extends NumberArrayReader<number | bigint>
          ? T
          : T extends Shown<unknown>
            ? never
            : T;
