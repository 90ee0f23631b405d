/**
 * A view of a mapping: typed arrays, accessor and futexes of its own, so that one handle can close while others stay open.
 *
 *   in   a {@link RegionMapping}, the accessor class, where the payload begins and how long the tail is
 *   out  a {@link RegionView}: what a handle hands out as `memory` and `data`
 */
import * as threads from "node:worker_threads";
import type { OtherVersion } from "../access/other-version.js";
import type { FlyweightClass } from "../access/definition.js";
import type { Flyweight } from "../access/flyweight.js";
import { HEADER_OFFSET as AT } from "../../schema/region-format.js";
import { MemoryView } from "../access/memory-view.js";
import type { KnownContainers } from "../format/plan.js";
import { Participants } from "../participants/participants.js";
import type { RegionMapping } from "./region-mapping.js";
import { RegionFutex } from "../wait/region-futex.js";

/** What is to be viewed, and by which accessor. */
export interface RegionViewRequest<D extends Flyweight> {
  readonly mapping: RegionMapping;
  readonly accessor: FlyweightClass<D>;
  /** Of the payload, bytes. */
  readonly offset: number;
  /** Bytes of the file that the view shows. */
  readonly size: number;
  readonly tailLength: number;
  /** Whether the tail's length stands in a header, so that it can grow. */
  readonly hasHeader: boolean;
  /** Of a region of another version. */
  readonly otherVersion?: OtherVersion | undefined;
  readonly containers?: KnownContainers | undefined;
}

/** What a handle hands out. */
export interface RegionView<D extends Flyweight> {
  readonly memory: MemoryView;
  readonly data: D;
}

export function createView<D extends Flyweight>(request: RegionViewRequest<D>): RegionView<D> {
  const { mapping, accessor, offset, size, tailLength, hasHeader, otherVersion, containers } = request;
  const { access, path } = mapping.request;
  const { buffer, range, memory: wasm } = mapping.current;
  const { layout } = accessor;
  // Nobody sees what is stored in private copies.
  if (containers !== undefined && containers.participants > 0 && access !== "private") {
    mapping.participants ??= new Participants(mapping, containers, offset);
  }
  const tail = hasHeader && layout.tailStride !== undefined ? layout.fields.at(-1) : undefined;
  const memory = new MemoryView({
    buffer,
    byteLength: size,
    readOnly: access === "read-only",
    tailLength,
    label: path,
    // Whoever waits on private copies would sleep for ever: nobody else can change them.
    futex: access === "private" ? undefined : new RegionFutex({ address: range.address, size }, buffer, path),
    participants: mapping.participants,
    wasm,
    otherVersion,
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

/** The part that {@link createPartialView} shows, in bytes from the start of `memory`. */
export interface PartialViewRequest {
  readonly offset: number;
  readonly length: number;
  readonly readOnly: boolean;
  readonly otherVersion?: OtherVersion | undefined;
}

/** A part of a mapping, as a memory of its own. */
export function createPartialView(
  mapping: RegionMapping,
  { offset, length, readOnly, otherVersion }: PartialViewRequest,
): MemoryView {
  const { access, path } = mapping.request;
  const { buffer, range, memory: wasm } = mapping.current;
  const futex = new RegionFutex({ address: range.address + offset, size: length }, buffer, path, offset);
  return new MemoryView({
    buffer,
    byteOffset: offset,
    byteLength: length,
    readOnly,
    label: path,
    otherVersion,
    futex: access === "private" ? undefined : futex,
    // Whatever part of the memory a view shows, who takes part in the region is the same.
    participants: mapping.participants,
    wasm,
  });
}
