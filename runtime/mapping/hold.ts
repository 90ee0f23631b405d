/**
 * What a thread has of one region: a lock and mappings. All handles of the region in this thread share it, and the last one to
 * close lets go. What outlives the JavaScript objects, a {@link Lifeline}, is let go when the region is closed, when
 * its buffers were collected without that, or when the process ends in an orderly way.
 */
import { printable } from "../../schema/printable.js";
import { SettlingList, SettlingRef } from "../access/settling.js";
import {
  type AddressRange,
  type MapRequest,
  type Mapping,
  type MappingKind,
  allocate,
  discard,
  extendApart,
  extendMapping,
  forgetRefusal,
  mapFile,
  releaseRange,
  remapApart,
} from "../os/memory.js";
import { closeQuietly } from "../os/syscall.js";
import { type Deadline, deadlineIn } from "../wait/clock.js";
import { type Held, leave } from "../file/entry.js";
import type { Plan } from "../format/plan.js";
import { type Seat, type ThreadSlots, leave as leaveSeat, newSlots } from "./thread-slots.js";

/** Does not keep a buffer alive. */
interface Lifeline {
  readonly path: string;
  /** Absent for foreign memory, which nobody holds. */
  readonly held: Held | undefined;
  /** Under which later openers of this thread find its hold, which it does not keep open. */
  key: string | undefined;
  /** Where they find it when threads share the mapping. */
  address: number | undefined;
  hold: SettlingRef<Hold> | undefined;
  isOpen: boolean;
  /** Handles that want the file to stay. */
  keepers: number;
  /** Buffers over the file that have not been collected. */
  buffers: number;
}

/** One buffer of a lifeline, as the finalizer knows it. */
interface Guard {
  readonly lifeline: Lifeline;
  readonly range: AddressRange;
  readonly kind: MappingKind;
  /** Closed when its memory was no longer that of its buffer: the addresses stay reserved for good. */
  moved: boolean;
  /** This thread's, among those of all threads that look through this buffer. */
  seat: Seat | undefined;
}

/** Without the lifecycle lock the file stays behind, stale, which harms nobody. */
const EXIT_TIMEOUT_MS = 100;

const open = new Set<Lifeline>();
/** By {@link keyOf}. */
const known = new Map<string, Lifeline>();
/** Over mappings that threads share, by address. */
const knownAt = new Map<number, Lifeline>();
/** Of buffers from before a file grew. */
const guards = new WeakMap<ArrayBufferLike, Guard>();
let hasExitHook = false;
let hasWarned = false;

const collected = new FinalizationRegistry<Guard>((guard) => {
  const { lifeline, kind, range } = guard;
  lifeline.buffers -= 1;
  if (kind === "wasm") forgetRefusal();
  // A byte stream may have moved the memory to a buffer that we do not know of; only close() can tell.
  if (lifeline.isOpen) guard.moved = true;
  if (lifeline.isOpen && lifeline.buffers === 0) {
    letGo(lifeline, lifeline.keepers === 0);
    if (lifeline.held) warn(lifeline.path);
  }
  if (kind === "view") (guard.moved ? discard : releaseRange)(range);
});

/** What a hold is made of. */
export interface HoldInit {
  readonly request: MapRequest;
  readonly held: Held | undefined;
  /** Device and inode of the file. */
  readonly file: { readonly dev: number; readonly ino: number };
  readonly tailLength: number;
  /** A mapping that another thread has made and shares with this one. */
  readonly shared?: { readonly mapping: Mapping; readonly mapped: number; readonly seat: Seat };
}

/** What was read of the region when it was opened, for handles that come later. */
export interface HoldFacts {
  readonly plan: Plan;
  readonly generation: number;
  readonly headerCopy: Uint8Array | undefined;
}

/** Whether a handle with the code of `plan` can share what was opened so. */
export function isFor(facts: HoldFacts, plan: Plan): boolean {
  return (facts.plan.code ?? facts.plan) === plan;
}

export class Hold {
  readonly file: { readonly dev: number; readonly ino: number };
  /** Set once the region is complete. */
  facts: HoldFacts | undefined;
  /** Elements of the tail, by the newest look at the header. */
  tailLength: number;
  readonly #request: MapRequest;
  readonly #lifeline: Lifeline;
  /** The newest mapping. */
  #mapping: Mapping;
  #guard: Guard;
  /** Mappings from before the file grew. They go with the accessors that look through them. */
  readonly #older = new SettlingList<ArrayBufferLike>();
  /** Bytes of the file that the newest mapping shows. */
  #mapped: number;
  #handles = 0;

  constructor({ request, held, file, tailLength, shared }: HoldInit) {
    this.file = file;
    this.tailLength = tailLength;
    this.#request = request;
    this.#lifeline = {
      path: request.path,
      held,
      key: undefined,
      address: undefined,
      hold: undefined,
      isOpen: false,
      keepers: 0,
      buffers: 0,
    };
    this.#mapping = shared?.mapping ?? mapFile(request);
    this.#mapped = shared?.mapped ?? request.size;
    this.#guard = this.#guardOf(this.#mapping, shared?.seat);
    if (shared !== undefined) this.#publishAt(this.#mapping.range.address);
  }

  get held(): Held | undefined {
    return this.#lifeline.held;
  }
  get request(): MapRequest {
    return this.#request;
  }
  /** Bytes of the file that {@link Hold.mapping} shows. */
  get mapped(): number {
    return this.#mapped;
  }
  get isOpen(): boolean {
    return this.#lifeline.isOpen;
  }
  get mapping(): Mapping {
    return this.#mapping;
  }

  /**
   * Makes the mapping show `size` bytes of a file that has grown: in place where address space was kept for it, else by a
   * further mapping. The older one stays while accessors look through it, and shows the same memory.
   *
   * `allocateBlocks` is for who makes the file longer: it reserves the blocks as well. A further mapping comes before that, and
   * nobody knows of it yet. Where address space was kept, that it can be mapped is known; there the blocks come first, because
   * other threads may hold the buffer, and pages behind the end of a file would end the process.
   */
  cover(size: number, allocateBlocks = false): void {
    const { range, kind, buffer } = this.#mapping;
    const inPlace = kind === "wasm" && size <= range.size;
    if (allocateBlocks && (inPlace || size <= this.#mapped)) allocate(this.#request.fd, size, this.#request.path);
    if (size <= this.#mapped) return;
    if (inPlace) {
      const extend = this.#guard.seat === undefined ? extendMapping : extendApart;
      extend(range, this.#mapped, size, this.#request);
    } else {
      const mapping = mapFile({ ...this.#request, size, reserve: size, kind, allocate: allocateBlocks });
      guards.set(buffer, this.#guard);
      this.#older.add(buffer);
      this.#mapping = mapping;
      this.#guard = this.#guardOf(mapping, undefined);
    }
    this.#mapped = size;
  }

  #guardOf({ kind, range, buffer }: Mapping, seat: Seat | undefined): Guard {
    const guard: Guard = { lifeline: this.#lifeline, range, kind, moved: false, seat };
    this.#lifeline.buffers += 1;
    collected.register(buffer, guard, guard);
    return guard;
  }

  /** One more handle. From the first one on the region counts as open. */
  retain(keep: boolean): void {
    this.#handles += 1;
    if (keep) this.#lifeline.keepers += 1;
    if (this.#handles > 1) return;
    this.#lifeline.isOpen = true;
    open.add(this.#lifeline);
    if (hasExitHook) return;
    hasExitHook = true;
    // The kernel drops the locks anyway; this removes the files of which we are the last user.
    process.once("exit", () => {
      // One deadline for all of them, so that many regions do not wait many times.
      const deadline = deadlineIn(EXIT_TIMEOUT_MS);
      for (const line of open) letGo(line, line.keepers === 0, deadline);
    });
  }

  /** One handle less; the last one puts zero pages over the memory and lets go of the lock. */
  release(keep: boolean): void {
    this.#handles -= 1;
    if (keep) this.#lifeline.keepers -= 1;
    if (this.#handles > 0) return;
    this.discard();
    letGo(this.#lifeline, !keep);
  }

  /** Puts zero pages over all mappings, unless other threads look through them. */
  discard(): void {
    forget(this.#lifeline);
    // Step close.unmap.
    discardGuarded(this.#mapping.buffer, this.#guard);
    // While we hold a buffer that is still there, its addresses are ours.
    for (const buffer of this.#older.drain()) {
      const guard = guards.get(buffer);
      if (guard !== undefined) discardGuarded(buffer, guard);
    }
  }

  /**
   * The threads that look through the newest mapping, this one included, in memory that can be posted to the others. The
   * mapping may outlive this one's lock from now on, so it must not be what keeps it.
   */
  tellThreads(): ThreadSlots {
    const guard = this.#guard;
    if (guard.seat === undefined) {
      remapApart(guard.range, { ...this.#request, size: this.#mapped });
      guard.seat = newSlots();
    }
    this.#publishAt(guard.range.address);
    return guard.seat.slots;
  }

  /** Makes the hold known to later openers of this thread. */
  publish(facts: HoldFacts): void {
    this.facts = facts;
    const { access, path } = this.#request;
    // Private copies are nobody else's.
    if (access === "private" || this.held?.place === undefined) return;
    const lifeline = this.#lifeline;
    lifeline.key = keyOf(path, access, this.mapping.kind);
    known.set(lifeline.key, lifeline);
    lifeline.hold ??= new SettlingRef(this);
  }

  #publishAt(address: number): void {
    const lifeline = this.#lifeline;
    if (lifeline.address !== address) forgetAddress(lifeline);
    lifeline.address = address;
    knownAt.set(address, lifeline);
    lifeline.hold ??= new SettlingRef(this);
  }
}

/** Later openers do not find its hold any more. */
function forget(lifeline: Lifeline): void {
  const { key, hold } = lifeline;
  if (key !== undefined && known.get(key) === lifeline) known.delete(key);
  forgetAddress(lifeline);
  hold?.drop();
}

function forgetAddress(lifeline: Lifeline): void {
  const { address } = lifeline;
  if (address !== undefined && knownAt.get(address) === lifeline) knownAt.delete(address);
}

function discardGuarded(buffer: ArrayBufferLike, guard: Guard): void {
  guard.moved = buffer.byteLength === 0;
  // V8 unmaps the memory of its own; an address range of ours has to be given back when the buffer is gone.
  if (guard.kind === "wasm") {
    collected.unregister(guard);
    forgetRefusal();
  }
  if (guard.seat === undefined || leaveSeat(guard.seat)) discard(guard.range);
}

function keyOf(path: string, access: MapRequest["access"], kind: MappingKind): string {
  return `${access} ${kind} ${path}`;
}

/** The hold that this thread already has of the region at a path, with the same rights and kind of mapping. */
export function knownHold({ path, access, kind }: Pick<MapRequest, "path" | "access" | "kind">): Hold | undefined {
  for (const wanted of kind === "auto" ? (["wasm", "view"] as const) : [kind]) {
    const hold = known.get(keyOf(path, access, wanted))?.hold?.deref();
    if (hold?.isOpen === true) return hold;
  }
  return undefined;
}

/** Whether a descriptor is that of a region which this thread has open. */
export function isHeld(fd: number): boolean {
  for (const { held } of open) if (held?.fd === fd) return true;
  return false;
}

/** The hold that this thread already has of the shared mapping at an address. */
export function holdAt(address: number): Hold | undefined {
  const hold = knownAt.get(address)?.hold?.deref();
  return hold?.isOpen === true && hold.mapping.range.address === address ? hold : undefined;
}

function letGo(lifeline: Lifeline, remove: boolean, before?: Deadline): void {
  const { held } = lifeline;
  if (!open.delete(lifeline)) return;
  lifeline.isOpen = false;
  forget(lifeline);
  if (held === undefined) return;
  if (remove) leave(held, true, before);
  // Step close.closeFile: whoever leaves the file to the next one only drops a shared lock, which needs no other.
  else closeQuietly(held.fd);
}

function warn(path: string): void {
  if (hasWarned) return;
  hasWarned = true;
  process.emitWarning(
    `a region was collected without being closed: path=${printable(path)}; call close(), or declare it with using`,
    {
      type: "ShmWarning",
      code: "SHM_NOT_CLOSED",
    },
  );
}
