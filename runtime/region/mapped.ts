/** From a locked file to an open region: mapping, view, accessor, and what watches over them. */
import type { Flyweight } from "../access/flyweight.js";
import type { FlyweightClass } from "../access/definition.js";
import { MemoryView } from "../access/memory-view.js";
import { type MapRequest, discard, mapFile } from "../os/memory.js";
import type { Held } from "./entry.js";
import { type Lifeline, guardLock, guardRange } from "./lifeline.js";
import { Region, type RegionParts } from "./region.js";
import { RegionFutex } from "./region-futex.js";

/** What to map, and how it is let go. */
export interface OpenRequest<D extends Flyweight> extends MapRequest {
  readonly accessor: FlyweightClass<D>;
  /** Of the payload, bytes. */
  readonly offset: number;
  readonly tailLength: number;
  readonly name: string;
  readonly dev: number;
  readonly ino: number;
  /** Absent for foreign memory. */
  readonly held?: Held;
  readonly removeIfLast: boolean;
}

/** Mapped, but not yet a region that anybody else knows of. */
export interface Opened<D extends Flyweight> {
  readonly memory: MemoryView;
  readonly data: D;
  readonly parts: Omit<RegionParts<D>, "outcome" | "generation" | "headerCopy">;
  /** Undoes it all, except for the file descriptor. */
  abandon(): void;
}

export function openMapping<D extends Flyweight>(request: OpenRequest<D>): Opened<D> {
  const { size, readOnly, tailLength, name, path, dev, ino, held, removeIfLast } = request;
  const mapping = mapFile(request);
  const { kind, range, buffer } = mapping;
  const lifeline: Lifeline = { dev, ino, range, kind, path, removeIfLast, ...(held && { held }) };
  guardRange(lifeline, buffer);
  try {
    const futex = new RegionFutex(mapping, path);
    const memory = new MemoryView({ buffer, byteLength: size, readOnly, tailLength, label: path, futex });
    const data = new request.accessor(memory, request.offset);
    const abandon = (): void => {
      futex.close();
      discard(range);
    };
    return { memory, data, parts: { name, path, data, memory, kind, lifeline, futex }, abandon };
  } catch (error) {
    discard(range);
    throw error;
  }
}

export function regionOf<D extends Flyweight>(
  opened: Opened<D>,
  how: Pick<RegionParts<D>, "outcome" | "generation" | "headerCopy">,
): Region<D> {
  guardLock(opened.parts.lifeline);
  return new Region<D>({ ...opened.parts, ...how });
}
