/** Memory of System V that another program has made: looked for by key or number, never made, changed or removed by us. */
import type { ForeignDefinition } from "../access/definition.js";
import type { Flyweight } from "../access/flyweight.js";
import { findSegment, segmentStatus } from "../os/index.js";
import type { Region } from "../region/region.js";
import { attachMemory, checkAttachOptions } from "./attach-memory.js";
import type { AttachOptions } from "./options.js";
import { notASegment } from "./refusals.js";

/** A segment by its number, as `ipcs -m` shows it: for segments that have no key. */
export interface SegmentId {
  readonly id: number;
}

/**
 * Attaches a segment of System V, read-only unless asked otherwise, after checking its size and the values of all `expect` fields. It is
 * detached when the region closes.
 * @throws ShmError ERR_SHM_NOT_FOUND, _PERMISSION; _FORMAT with field, expected and found; ShmRangeError for what is no key, and a window beyond it
 */
export function attachForeignSegment<T extends Flyweight, R extends Flyweight>(
  definition: ForeignDefinition<T, R>,
  segment: number | SegmentId,
  options: AttachOptions & { readonly access: "read-write" },
): Region<T>;
export function attachForeignSegment<T extends Flyweight, R extends Flyweight>(
  definition: ForeignDefinition<T, R>,
  segment: number | SegmentId,
  options?: AttachOptions & { readonly access?: "read-only" },
): Region<R>;
export function attachForeignSegment<T extends Flyweight, R extends Flyweight>(
  definition: ForeignDefinition<T, R>,
  segment: number | SegmentId,
  options: AttachOptions = {},
): Region<T | R> {
  const { id, path } = identified(segment);
  checkAttachOptions(options, path);
  const status = segmentStatus(id ?? findSegment(segment as number, path), path);
  const found = { kind: "segment", path, name: path, total: status.size, fd: -1, segment: status.id } as const;
  // No file has these numbers.
  return attachMemory(definition, { ...found, lease: undefined, file: { dev: -1, ino: status.id } }, options);
}

function identified(segment: unknown): { readonly id?: number; readonly path: string } {
  if (typeof segment === "number") {
    // Keys are signed in C, and shown without sign. 0 is IPC_PRIVATE, under which shmget makes a new one.
    const isKey = Number.isInteger(segment) && segment >= -(2 ** 31) && segment < 2 ** 32 && segment !== 0;
    if (isKey) return { path: `sysv:0x${(segment >>> 0).toString(16).padStart(8, "0")}` };
  }
  const { id } = Object(segment) as { readonly id?: unknown };
  if (typeof id !== "number" || !Number.isInteger(id) || id < 0 || id >= 2 ** 31) throw notASegment(segment);
  return { id, path: `sysv:id=${id}` };
}
