/**
 * What a thread has of one region: the lease of its file, which is the shared lock on it, and the mappings of the file. All
 * handles of the region in this thread share one {@link RegionMapping}.
 *
 *   in   a file with its lock (file/entry.ts), and the size, rights and kind to map it with
 *   out  buffers over the file, newest last; region-view.ts makes views of them
 *
 * The lease is released when the last handle closes; or when all buffers were collected although nobody had closed the region,
 * which is a mistake of the program and gives a warning; or when the process ends in an orderly way. For the second case the
 * finalizer needs an {@link OpenRecord}, which refers to none of the objects whose collection it waits for.
 */
import { printable } from "../../schema/printable.js";
import { wording } from "../errors.js";
import { atomicLoadsStore, warn } from "../host.js";
import { JobScopedList, JobScopedRef, JobScopedWatch } from "../access/job-scoped.js";
import type { AddressRange, MapRequest, Mapping, MappingKind } from "../os/contract.js";
import {
  allocate,
  closeQuietly,
  discard,
  discardBehind,
  extendApart,
  extendMapping,
  forgetRefusal,
  mapFile,
  releaseRange,
  remapApart,
} from "../os/index.js";
import { type Deadline, deadlineIn } from "../wait/clock.js";
import { type FileLease, releaseLease } from "../file/entry.js";
import type { FutexPort } from "../access/memory-view.js";
import type { KnownContainers, Plan } from "../format/plan.js";
import { Participants } from "../participants/participants.js";
import { RegionFutex } from "../wait/region-futex.js";
import { atEnd } from "./ending.js";
import { readOnlyWithAtomics } from "./refusals.js";
import type { ViewSource } from "./region-memory.js";
import { type ThreadSlot, type ThreadSlots, newSlots, releaseSlot } from "./thread-slots.js";

/** What is left to do when a region ends, however it ends. Refers to no buffer, so that buffers can be collected. */
interface OpenRecord {
  readonly path: string;
  /** Absent for foreign memory of which nothing more is asked. */
  readonly lease: FileLease | undefined;
  /** The key in {@link byKey}, by which later openers of this thread find the mapping; this does not keep it open. */
  key: string | undefined;
  /** The key in {@link byAddress}, when threads share the mapping. */
  address: number | undefined;
  mapping: JobScopedRef<RegionMapping> | undefined;
  isOpen: boolean;
  /** Handles that want the file to stay. */
  keepers: number;
  /** Buffers over the file that have not been collected. */
  buffers: number;
}

/** What the finalizer of one buffer knows. */
interface BufferRecord {
  readonly region: OpenRecord;
  readonly range: AddressRange;
  readonly kind: MappingKind;
  /** Of the buffer's collection. Refers to the buffer only until the running job ends. */
  watch: JobScopedWatch<ArrayBufferLike, BufferRecord> | undefined;
  /** Closed when its memory was no longer that of its buffer: the addresses stay reserved for good. */
  moved: boolean;
  /** This thread's slot among those of all threads that use this buffer; undefined while no other thread does. */
  slot: ThreadSlot | undefined;
}

/** Without the lifecycle lock the file stays behind, stale, which harms nobody. */
const EXIT_TIMEOUT_MS = 100;

const open = new Set<OpenRecord>();
/** By {@link keyOf}. */
const byKey = new Map<string, OpenRecord>();
/** Over mappings that threads share, by address. */
const byAddress = new Map<number, OpenRecord>();
/** Of buffers from before a file grew. */
const bufferRecords = new WeakMap<ArrayBufferLike, BufferRecord>();
let isAwaitingEnd = false;
let hasWarned = false;

const collected = new FinalizationRegistry<BufferRecord>((buffered) => {
  const { region: record, kind, range } = buffered;
  record.buffers -= 1;
  if (kind === "wasm") forgetRefusal();
  // A byte stream may have moved the memory to a buffer that we do not know of; only close() can tell.
  if (record.isOpen) buffered.moved = true;
  if (record.isOpen && record.buffers === 0) {
    endLease(record, record.keepers === 0);
    if (record.lease) warnNotClosed(record.path);
  }
  if (kind === "view") (buffered.moved ? discard : releaseRange)(range);
});

/** What a {@link RegionMapping} is made of. */
export interface RegionMappingInit {
  readonly request: MapRequest;
  readonly lease: FileLease | undefined;
  /** Device and inode of the file. */
  readonly file: { readonly dev: number; readonly ino: number };
  readonly tailLength: number;
  /** See {@link ViewSource.start}. */
  readonly start?: number;
  /** A mapping that another thread has made and shares with this one. */
  readonly shared?: { readonly mapping: Mapping; readonly mapped: number; readonly slot: ThreadSlot };
}

/** What was read of the region when it was opened, for handles that come later. */
export interface OpenedFacts {
  readonly plan: Plan;
  readonly generation: number;
  readonly headerCopy: Uint8Array | undefined;
}

/** Whether a handle with the code of `plan` can share what was opened so. */
export function canShare(facts: OpenedFacts, plan: Plan): boolean {
  return (facts.plan.code ?? facts.plan) === plan;
}

export class RegionMapping implements ViewSource {
  readonly file: { readonly dev: number; readonly ino: number };
  readonly start: number;
  /** Set once the region is complete. */
  facts: OpenedFacts | undefined;
  /** Elements of the tail, as the header said when it was last read. */
  tailLength: number;
  /** Who takes part in the region, where its containers have owners. */
  participants: Participants | undefined;
  readonly #request: MapRequest;
  readonly #record: OpenRecord;
  /** The newest mapping. */
  #mapping: Mapping;
  #bufferRecord: BufferRecord;
  /** Mappings from before the file grew. They live as long as accessors over them. */
  #older: JobScopedList<ArrayBufferLike> | undefined;
  /** Bytes of the file that the newest mapping shows. */
  #mapped: number;
  #handles = 0;

  constructor({ request, lease, file, tailLength, start = 0, shared }: RegionMappingInit) {
    // Of foreign memory, without any lock, only its struct tells.
    if (atomicLoadsStore && request.access === "read-only" && request.unlocked !== true)
      throw readOnlyWithAtomics(request.path);
    this.file = file;
    this.start = start;
    this.tailLength = tailLength;
    this.#request = request;
    this.#record = {
      path: request.path,
      lease,
      key: undefined,
      address: undefined,
      mapping: undefined,
      isOpen: false,
      keepers: 0,
      buffers: 0,
    };
    this.#mapping = shared?.mapping ?? mapFile(request);
    this.#mapped = shared?.mapped ?? request.size;
    this.#bufferRecord = this.#recordBuffer(this.#mapping, shared?.slot);
    if (shared !== undefined) this.#registerAt(this.#mapping.range.address);
  }

  get lease(): FileLease | undefined {
    return this.#record.lease;
  }
  get request(): MapRequest {
    return this.#request;
  }
  get path(): string {
    return this.#request.path;
  }
  get access(): MapRequest["access"] {
    return this.#request.access;
  }
  get buffer(): ArrayBufferLike {
    return this.#mapping.buffer;
  }
  get wasm(): object | undefined {
    return this.#mapping.memory;
  }
  /** Bytes of the file that {@link RegionMapping.current} shows. */
  get mapped(): number {
    return this.#mapped;
  }
  get isOpen(): boolean {
    return this.#record.isOpen;
  }
  get current(): Mapping {
    return this.#mapping;
  }

  /** Whoever waits on private copies would sleep for ever: nobody else can change them. */
  futexOf(offset: number, size: number): FutexPort | undefined {
    const { range, buffer } = this.#mapping;
    const { access, path } = this.#request;
    return access === "private"
      ? undefined
      : new RegionFutex({ address: range.address + offset, size }, buffer, path, offset);
  }

  /** Nobody sees what is stored in private copies. */
  participantsOf(containers: KnownContainers | undefined, payload: number): Participants | undefined {
    if (containers !== undefined && containers.participants > 0 && this.#request.access !== "private") {
      this.participants ??= new Participants(this, containers, payload);
    }
    return this.participants;
  }

  /**
   * Makes the mapping show `size` bytes of a file that has grown: in place where address space was kept for it, else by a
   * further mapping. The older mapping stays as long as accessors use it, and shows the same memory.
   *
   * `allocateBlocks` is for who makes the file longer: it reserves the blocks as well. A further mapping comes before that, and
   * nobody knows of it yet. Where address space was kept, that it can be mapped is known; there the blocks come first, because
   * other threads may hold the buffer, and pages behind the end of a file would end the process.
   */
  extendTo(size: number, allocateBlocks = false): void {
    const { range, kind, buffer } = this.#mapping;
    const inPlace = kind === "wasm" && size <= range.size;
    if (allocateBlocks && (inPlace || size <= this.#mapped)) allocate(this.#request.fd, size, this.#request.path);
    if (size <= this.#mapped) return;
    if (inPlace) {
      const extend = this.#bufferRecord.slot === undefined ? extendMapping : extendApart;
      extend(range, this.#mapped, size, this.#request);
    } else {
      const mapping = mapFile({ ...this.#request, size, reserve: size, kind, allocate: allocateBlocks });
      bufferRecords.set(buffer, this.#bufferRecord);
      (this.#older ??= new JobScopedList()).add(buffer);
      this.#mapping = mapping;
      this.#bufferRecord = this.#recordBuffer(mapping, undefined);
    }
    this.#mapped = size;
  }

  /**
   * The file has `size` bytes of the mapping left. What lies behind them reads as zeros from now on, in older mappings as well, instead of ending
   * the process. Nobody can be faster than who shortens a file: until this is called every access there does.
   */
  cutTo(size: number): void {
    if (size >= this.#mapped) return;
    const older = this.#older?.drain() ?? [];
    for (const buffer of older) this.#older?.add(buffer);
    const ranges = [this.#mapping.range, ...older.flatMap((buffer) => bufferRecords.get(buffer)?.range ?? [])];
    for (const range of ranges) discardBehind(range, size);
    this.#mapped = size;
  }

  #recordBuffer({ kind, range, buffer }: Mapping, slot: ThreadSlot | undefined): BufferRecord {
    const buffered: BufferRecord = { region: this.#record, range, kind, watch: undefined, moved: false, slot };
    this.#record.buffers += 1;
    buffered.watch = new JobScopedWatch(collected, buffer, buffered);
    return buffered;
  }

  /** One more handle. From the first one on the region counts as open. */
  retain(keep: boolean): void {
    this.#handles += 1;
    if (keep) this.#record.keepers += 1;
    if (this.#handles > 1) return;
    this.#record.isOpen = true;
    open.add(this.#record);
    if (isAwaitingEnd) return;
    isAwaitingEnd = true;
    // The kernel drops the locks anyway; this removes the files of which we are the last user.
    atEnd(() => {
      // One deadline for all of them, so that many regions do not wait many times.
      const deadline = deadlineIn(EXIT_TIMEOUT_MS);
      for (const record of open) endLease(record, record.keepers === 0, deadline);
    });
  }

  /** One handle less; the last one puts zero pages over the memory and lets go of the lock. */
  release(keep: boolean): void {
    this.#handles -= 1;
    if (keep) this.#record.keepers -= 1;
    if (this.#handles > 0) return;
    this.discard();
    endLease(this.#record, !keep);
  }

  /** Puts zero pages over all mappings, except those that other threads still use. */
  discard(): void {
    // While the memory is there.
    this.participants?.close();
    forgetMapping(this.#record);
    // Step close.unmap.
    discardBuffer(this.#mapping.buffer, this.#bufferRecord);
    // While we hold a buffer that is still there, its addresses are ours.
    for (const buffer of this.#older?.drain() ?? []) {
      const buffered = bufferRecords.get(buffer);
      if (buffered !== undefined) discardBuffer(buffer, buffered);
    }
  }

  /**
   * The threads that use the newest mapping, this one included, in memory that can be posted to the others. The
   * mapping may outlive this one's lock from now on, so it must not be what keeps it.
   */
  shareWithThreads(): ThreadSlots {
    const buffered = this.#bufferRecord;
    if (buffered.slot === undefined) {
      remapApart(buffered.range, { ...this.#request, size: this.#mapped });
      buffered.slot = newSlots();
    }
    this.#registerAt(buffered.range.address);
    return buffered.slot.slots;
  }

  /** Makes the mapping known to later openers of this thread. */
  register(facts: OpenedFacts): void {
    this.facts = facts;
    const { access, path } = this.#request;
    // Private copies are nobody else's.
    if (access === "private" || this.lease?.place === undefined) return;
    const record = this.#record;
    record.key = keyOf(path, access, this.current.kind);
    byKey.set(record.key, record);
    record.mapping ??= new JobScopedRef(this);
  }

  #registerAt(address: number): void {
    const record = this.#record;
    if (record.address !== address) forgetAddress(record);
    record.address = address;
    byAddress.set(address, record);
    record.mapping ??= new JobScopedRef(this);
  }
}

/** Later openers do not find the mapping any more. */
function forgetMapping(record: OpenRecord): void {
  const { key, mapping } = record;
  if (key !== undefined && byKey.get(key) === record) byKey.delete(key);
  forgetAddress(record);
  mapping?.drop();
}

function forgetAddress(record: OpenRecord): void {
  const { address } = record;
  if (address !== undefined && byAddress.get(address) === record) byAddress.delete(address);
}

function discardBuffer(buffer: ArrayBufferLike, buffered: BufferRecord): void {
  buffered.moved = buffer.byteLength === 0;
  // V8 unmaps the memory of its own; an address range of ours has to be given back when the buffer is gone.
  if (buffered.kind === "wasm") {
    buffered.watch?.drop();
    forgetRefusal();
  }
  if (buffered.slot === undefined || releaseSlot(buffered.slot)) discard(buffered.range);
}

function keyOf(path: string, access: MapRequest["access"], kind: MappingKind): string {
  return `${access} ${kind} ${path}`;
}

/** The mapping that this thread already has of the region at a path, with the same rights and kind of mapping. */
export function findMapping({
  path,
  access,
  kind,
}: Pick<MapRequest, "path" | "access" | "kind">): RegionMapping | undefined {
  for (const wanted of kind === "auto" ? (["wasm", "view"] as const) : [kind]) {
    const mapping = byKey.get(keyOf(path, access, wanted))?.mapping?.deref();
    if (mapping?.isOpen === true) return mapping;
  }
  return undefined;
}

/** Whether a descriptor is that of a region which this thread has open. */
export function isOpenDescriptor(fd: number): boolean {
  for (const { lease } of open) if (lease?.fd === fd) return true;
  return false;
}

/** What this thread already has of the mapping at an address, which threads share. */
export function findMappingAt(address: number): RegionMapping | undefined {
  const mapping = byAddress.get(address)?.mapping?.deref();
  return mapping?.isOpen === true && mapping.current.range.address === address ? mapping : undefined;
}

function endLease(record: OpenRecord, remove: boolean, before?: Deadline): void {
  const { lease } = record;
  if (!open.delete(record)) return;
  record.isOpen = false;
  forgetMapping(record);
  if (lease === undefined) return;
  if (remove) releaseLease(lease, true, before);
  // Step close.closeFile: whoever leaves the file to the next one only drops a shared lock, which needs no other.
  else closeQuietly(lease.fd);
}

function warnNotClosed(path: string): void {
  if (hasWarned) return;
  hasWarned = true;
  const what = "a region was collected without being closed";
  const message = wording(what, { path }, "call close(), or declare it with using");
  warn(printable(message), "SHM_NOT_CLOSED");
}
