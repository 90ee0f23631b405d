/**
 * Memory of another program, as its handle sees it. Nobody has told us how long it is: a file is asked, and it may grow and be made shorter by its
 * owner at any time. `refresh()` follows both ways, as far as the window goes.
 *
 * What cannot be had: a file that is made shorter takes its pages away at once, and an access to one of them ends the process (SIGBUS, see mmap(2)).
 * From the next `refresh()` on those pages are zeros.
 */
import type { StructLayout } from "../access/layout.js";
import { namedFate, segmentStatus, sizeOf, statOf, statOfTarget } from "../os/index.js";
import type { FileId } from "../os/contract.js";
import { pathLeadsTo } from "../file/entry.js";
import type { Extent } from "../format/plan.js";
import type { RegionOwner } from "../wait/owners.js";
import { deathsNotSeen, fileCutShort, lengthNotKnown, removalNotSeen } from "./refusals.js";
import { FileMemory } from "./file-memory.js";
import type { RegionMapping } from "./region-mapping.js";
import type { KnownTail } from "./region-memory.js";
import { type OnRemovedOptions, type RegionRemoval, watchName } from "./watch-name.js";

/** The part of a file, a device or a segment that is shown. */
export interface Window {
  /** Bytes from its start. */
  readonly offset: number;
  /** Undefined up to its end, wherever that is. */
  readonly length: number | undefined;
}

/** What is known of the memory behind a mapping. */
export interface ForeignOrigin {
  /** "path": a file attached by it. By a descriptor "file", "memory" without a name, and "device", whose length only its owner knows. "segment": of System V. "mapping": what has a name on Windows. */
  readonly kind: "path" | "file" | "memory" | "device" | "segment" | "mapping";
  readonly window: Window;
}

export class ForeignMemory extends FileMemory {
  readonly #origin: ForeignOrigin;

  constructor(mapping: RegionMapping, origin: ForeignOrigin) {
    super(mapping);
    this.#origin = origin;
  }

  override isCurrent(): boolean {
    const { path, file, request } = this.source;
    switch (this.#origin.kind) {
      case "path": {
        // Links were followed when it was attached.
        const found = statOfTarget(path);
        return found !== undefined && found.dev === file.dev && found.ino === file.ino;
      }
      case "file":
        return pathLeadsTo(path, file);
      case "segment":
        return isThere(request.segment ?? -1, path);
      case "mapping":
        return this.#namedFate() === "same";
      default:
        return true;
    }
  }

  override isCutShort(size: number): boolean {
    const { lease, path } = this.source;
    return lease !== undefined && !(sizeOf(lease.fd, path) >= this.#origin.window.offset + size);
  }

  /** See {@link namedFate}. */
  #namedFate(): ReturnType<typeof namedFate> {
    const { path, request, current } = this.source;
    return namedFate(request.named ?? "", current.range, request.offset ?? 0, path);
  }

  /** Nobody of those who have it open has a lock that we know of. */
  override owners(): RegionOwner[] {
    return this.#origin.kind === "segment" || this.#origin.kind === "mapping" ? [] : super.owners();
  }
  override onPeerDeath(): () => void {
    throw deathsNotSeen(this.source.path);
  }

  override onRemoved(listener: (removal: RegionRemoval) => void, options: OnRemovedOptions): () => void {
    const { file, path } = this.source;
    switch (this.#origin.kind) {
      case "path":
        return watchName(file, path, listener, options, statOfTarget);
      case "file":
        return watchName(file, path, listener, options, statOf);
      case "segment":
        throw removalNotSeen(path);
      case "mapping":
        return watchName(file, path, listener, options, () => {
          const fate = this.#namedFate();
          return fate === "gone" ? undefined : fate === "same" ? file : ANOTHER;
        });
      default:
        return () => undefined;
    }
  }

  override follow({ memory }: KnownTail, layout: StructLayout): Extent | undefined {
    const { lease, path, start, mapped } = this.source;
    const { kind, window } = this.#origin;
    if (kind === "device" || kind === "segment" || kind === "mapping") return undefined;
    if (lease === undefined) throw lengthNotKnown(path);
    const end = sizeOf(lease.fd, path);
    const size = (window.length === undefined ? end : Math.min(end, window.offset + window.length)) - window.offset;
    if (size === memory.byteLength && mapped >= start + size) return undefined;
    this.source.cutTo(start + Math.max(0, size));
    if (size < Math.max(1, layout.size)) throw fileCutShort(layout.name, Math.max(1, layout.size), size, path);
    this.source.extendTo(start + size);
    const length = tailLengthOf(layout, size);
    this.source.tailLength = length;
    return { size, tailLength: length, descriptorOffset: size };
  }
}

/** Memory that has another's name now, which no number tells from others. */
const ANOTHER: FileId = { dev: -2, ino: -2 };

/** Elements of a tail that end in so many bytes. */
export function tailLengthOf({ size: head, tailStride = 0 }: StructLayout, size: number): number {
  return tailStride === 0 ? 0 : Math.floor((size - head) / tailStride);
}

function isThere(segment: number, path: string): boolean {
  try {
    return !segmentStatus(segment, path).isRemoved;
  } catch {
    return false;
  }
}
