/** One look at a mapping: typed arrays, accessor and futexes of its own, so that a handle can close without the others. */
import * as threads from "node:worker_threads";
import type { Acting } from "../access/acting.js";
import type { FlyweightClass } from "../access/definition.js";
import type { Flyweight } from "../access/flyweight.js";
import { HEADER_OFFSET as AT } from "../../schema/region-format.js";
import { MemoryView } from "../access/memory-view.js";
import type { Hold } from "./hold.js";
import { RegionFutex } from "../wait/region-futex.js";

/** What to look at, and as what. */
export interface SightRequest<D extends Flyweight> {
  readonly hold: Hold;
  readonly accessor: FlyweightClass<D>;
  /** Of the payload, bytes. */
  readonly offset: number;
  /** Bytes of the file that are looked at. */
  readonly size: number;
  readonly tailLength: number;
  /** Whether the tail's length stands in a header, so that it can grow. */
  readonly hasHeader: boolean;
  /** Of a region of another version. */
  readonly acting?: Acting | undefined;
}

/** What a handle hands out. */
export interface Sight<D extends Flyweight> {
  readonly memory: MemoryView;
  readonly data: D;
}

export function lookAt<D extends Flyweight>(request: SightRequest<D>): Sight<D> {
  const { hold, accessor, offset, size, tailLength, hasHeader, acting } = request;
  const { access, path } = hold.request;
  const { buffer, range } = hold.mapping;
  const { layout } = accessor;
  const tail = hasHeader && layout.tailStride !== undefined ? layout.fields.at(-1) : undefined;
  const memory = new MemoryView({
    buffer,
    byteLength: size,
    readOnly: access === "read-only",
    tailLength,
    label: path,
    // Whoever waits on private copies would sleep for ever: nobody else can change them.
    futex: access === "private" ? undefined : new RegionFutex({ address: range.address, size }, buffer, path),
    acting,
    growing: tail && { offset: offset + tail.offset, lengthNow: tailLengthIn(buffer) },
  });
  const data = new accessor(memory, offset);
  markAsUncloneable?.(data);
  return { memory, data };
}

/** Node 22.10 and later. Before, `structuredClone` makes an empty object of an accessor. */
const { markAsUncloneable } = threads as { readonly markAsUncloneable?: (value: object) => void };

/** Reads the word that growTail() stores last: Atomics.load, elements. */
function tailLengthIn(buffer: ArrayBufferLike): () => number {
  const word = new BigUint64Array(buffer, AT.tailLength, 1);
  return () => Number(Atomics.load(word, 0));
}

/** What to look at through {@link partOf}, in bytes from the start of `memory`. */
export interface PartRequest {
  readonly offset: number;
  readonly length: number;
  readonly readOnly: boolean;
  readonly acting?: Acting | undefined;
}

/** A part of a mapping, as a memory of its own. */
export function partOf(hold: Hold, { offset, length, readOnly, acting }: PartRequest): MemoryView {
  const { access, path } = hold.request;
  const { buffer, range } = hold.mapping;
  const futex = new RegionFutex({ address: range.address + offset, size: length }, buffer, path, offset);
  return new MemoryView({
    buffer,
    byteOffset: offset,
    byteLength: length,
    readOnly,
    label: path,
    acting,
    futex: access === "private" ? undefined : futex,
  });
}
