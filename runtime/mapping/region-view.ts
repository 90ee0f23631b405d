/**
 * A view of a mapping: typed arrays, accessor and futexes of its own, so that one handle can close while others stay open.
 *
 *   in   a {@link ViewSource}, the accessor class, where the payload begins and how long the tail is
 *   out  a {@link RegionView}: what a handle hands out as `memory` and `data`
 */
import type { OtherVersion } from "../access/other-version.js";
import type { FlyweightClass } from "../access/definition.js";
import type { Flyweight } from "../access/flyweight.js";
import { HEADER_OFFSET as AT } from "../../schema/region-format.js";
import { MemoryView } from "../access/memory-view.js";
import type { KnownContainers } from "../format/plan.js";
import { markAsUncloneable } from "../host.js";
import type { ViewSource } from "./region-memory.js";

/** What is to be viewed, and by which accessor. */
export interface RegionViewRequest<D extends Flyweight> {
  readonly source: ViewSource;
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
  const { source, accessor, offset, size, tailLength, hasHeader, otherVersion, containers } = request;
  const { buffer, wasm, start = 0 } = source;
  const { layout } = accessor;
  const tail = hasHeader && layout.tailStride !== undefined ? layout.fields.at(-1) : undefined;
  const memory = new MemoryView({
    buffer,
    byteOffset: start,
    byteLength: size,
    readOnly: source.access === "read-only",
    tailLength,
    label: source.path,
    futex: source.futexOf(start, size),
    participants: source.participantsOf(containers, offset),
    wasm,
    otherVersion,
    growing: tail && { offset: offset + tail.offset, lengthNow: tailLengthIn(buffer) },
  });
  const data = new accessor(memory, offset);
  markAsUncloneable?.(data);
  return { memory, data };
}

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

/** A part of a memory, as a memory of its own. */
export function createPartialView(
  source: ViewSource,
  { offset, length, readOnly, otherVersion }: PartialViewRequest,
): MemoryView {
  const { buffer, path, wasm, participants, start = 0 } = source;
  return new MemoryView({
    buffer,
    byteOffset: start + offset,
    byteLength: length,
    readOnly,
    label: path,
    otherVersion,
    futex: source.futexOf(start + offset, length),
    // Whatever part of the memory a view shows, who takes part in the region is the same.
    participants,
    wasm,
  });
}
