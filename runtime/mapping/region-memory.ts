/**
 * What a {@link Region} stands on, and what its views are made of. Two fulfil it: the mapping of a file (file-memory.ts), which other
 * processes may have as well, and memory of this process alone (local/local-memory.ts). Handles and views know nothing else of either, so that
 * a region works the same over both, and a build without files has no code for them.
 */
import type { StructLayout } from "../access/layout.js";
import type { FutexPort, MemoryView, ParticipantsPort } from "../access/memory-view.js";
import type { Extent, KnownContainers, Plan } from "../format/plan.js";
import type { Access, MappingKind } from "../os/contract.js";
import type { RegionParticipant } from "../participants/describe.js";
import type { Deadline } from "../wait/clock.js";
import type { RegionOwner } from "../wait/owners.js";
import type { SharedFacts, SharedRegion } from "./shared-form.js";
import type { OnPeerDeathOptions, PeerDeath } from "./watch-holders.js";
import type { OnRemovedOptions, RegionRemoval } from "./watch-name.js";

/**
 * "wasm": a SharedArrayBuffer over a file, which workers can share. "view": an external ArrayBuffer over a file. "local": a SharedArrayBuffer of
 * this process, which no other one can have.
 */
export type RegionKind = MappingKind | "local";

/** What views are made of: memory of this thread, which all handles of one region share. */
export interface ViewSource {
  /** Path or name, for messages. */
  readonly path: string;
  readonly access: Access;
  /** The newest, which shows all of a tail. */
  readonly buffer: ArrayBufferLike;
  /** The WebAssembly.Memory that `buffer` is of, if it is of one. */
  readonly wasm: object | undefined;
  /** Where the region begins in the buffer, bytes, a multiple of 8: beyond 0 where a window of a file does not begin at a page. Default 0. */
  readonly start?: number;
  /** Of `size` bytes at `offset`. Undefined where nobody else can change them. */
  futexOf(offset: number, size: number): FutexPort | undefined;
  /** One for all views. Undefined without containers that have owners. `payload`: where it begins, bytes. */
  participantsOf(containers: KnownContainers | undefined, payload: number): ParticipantsPort | undefined;
  /** As it was made by {@link ViewSource.participantsOf}. */
  readonly participants: ParticipantsPort | undefined;
}

/** A tail, as a handle knows it. `tailLength`: elements. */
export interface KnownTail {
  readonly plan: Plan | undefined;
  readonly memory: MemoryView;
  readonly tailLength: number;
}

/** What a {@link Region} asks of its memory. All of it is documented at the methods of Region that ask. */
export interface RegionMemory {
  readonly source: ViewSource;
  readonly kind: RegionKind;
  readonly sealed: boolean;
  readonly descriptor: number;
  /** One more handle, and one less, which is the last use of the memory by it. `keep`: the file is to stay. */
  retain(keep: boolean): void;
  release(keep: boolean): void;
  token(plan: Plan | undefined, generation: number): string;
  isCurrent(): boolean;
  /** Whether somebody has made the file shorter than `size` bytes. */
  isCutShort(size: number): boolean;
  owners(): RegionOwner[];
  listParticipants(): RegionParticipant[];
  recoverAll(): number[];
  onPeerDeath(listener: (death: PeerDeath) => void, options: OnPeerDeathOptions): () => void;
  onRemoved(listener: (removal: RegionRemoval) => void, options: OnRemovedOptions): () => void;
  growTail(tail: KnownTail, length: number, deadline: Deadline): void;
  /** Where the tail has grown: all of it, in `source.buffer`. */
  follow(tail: KnownTail, layout: StructLayout): Extent | undefined;
  share(facts: SharedFacts): SharedRegion;
}
