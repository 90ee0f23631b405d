/**
 * What users have in hand. A handle: several may be open on one mapping, each with a view of its own.
 *
 *   in   RegionParts: memory, view and plan, from whoever opened, made or received it (open/, handover/, local/)
 *   out  `data` and `memory`; growth, owners, tokens and sharing, which its memory does; `close`
 */
import type { FlyweightClass } from "../access/definition.js";
import { disposes } from "../access/disposing.js";
import type { Flyweight, FlyweightReader, ReadsOnly } from "../access/flyweight.js";
import { type MemoryView, rawMemory } from "../access/memory-view.js";
import { inspect, printable, printedAs, tagged } from "../access/printing.js";
import { identityOf } from "../access/identity.js";
import { JobScopedList } from "../access/job-scoped.js";
import { Uncloneable } from "../access/uncloneable.js";
import { checkFunction, checkOptions } from "../arguments/check-options.js";
import { deadlineIn } from "../wait/clock.js";
import type { RegionOwner } from "../wait/owners.js";
import { type RegionHeader, readHeader } from "../format/header.js";
import type { RegionKind, RegionMemory } from "../mapping/region-memory.js";
import type { RegionParticipant } from "../participants/describe.js";
import type { Plan } from "../format/plan.js";
import { closedRegion } from "../wait/refusals.js";
import type { SharedRegion } from "../mapping/shared-form.js";
import type { OnPeerDeathOptions, PeerDeath } from "../mapping/watch-holders.js";
import type { OnRemovedOptions, RegionRemoval } from "../mapping/watch-name.js";
import { type RegionView, createView, createPartialView } from "../mapping/region-view.js";
import { foreignNotShared, notAViewLength, unknownAccess, viewBeyondRights } from "./refusals.js";
import { type OnGrowOptions, watchTail } from "./watch-tail.js";

/** How a region came to be open. */
export type RegionOutcome = "created" | "opened" | "reinitialised" | "migrated" | "attached";

/** What a {@link Region} is made of. */
export interface RegionParts<T extends Flyweight> {
  readonly name: string;
  readonly outcome: RegionOutcome;
  readonly memory: RegionMemory;
  readonly view: RegionView<T>;
  readonly accessor: FlyweightClass<T>;
  /** Undefined for foreign memory. */
  readonly plan: Plan | undefined;
  readonly generation: number;
  /** Undefined where there is no standard header. */
  readonly headerCopy: Uint8Array | undefined;
  /** Whether the file is to stay when this handle is the last to close. */
  readonly keep: boolean;
}

/** Options of {@link Region.view}. */
export interface ViewOptions {
  /** Bytes from the start of the mapping, a multiple of 8. Default 0. */
  readonly offset?: number;
  /** Bytes. Default: up to the end. */
  readonly length?: number;
  /** Default: as the region. A region without the right to write gives none away. */
  readonly access?: "read-write" | "read-only";
}

/** What printing shows before the data. */
const SHOWN = ["name", "path", "outcome", "kind", "generation", "size", "closed"] as const;

/**
 * An open region: its data, and what can be done with the region as a whole.
 * While it is open, the process holds a kernel lock that tells others that it is in use; a local one (`createLocal`) needs none.
 * `postMessage` and `structuredClone` refuse it with a DataCloneError; post the result of {@link Region.share}.
 */
export class Region<T extends Flyweight | FlyweightReader = Flyweight> extends Uncloneable {
  /** {@link Region.close}, for `using`. */
  declare readonly [Symbol.dispose]: () => void;
  readonly #parts: RegionParts<T>;
  #view: RegionView<T>;
  /** Views that were handed out before, and have to be retired with the region. */
  #views: JobScopedList<MemoryView> | undefined;
  #header: RegionHeader | undefined;
  /** Of watches that are under way. */
  #ends: Set<() => void> | undefined;
  #closed = false;

  /** @internal */
  constructor(parts: RegionParts<T>) {
    super();
    this.#parts = parts;
    this.#view = parts.view;
    parts.memory.retain(parts.keep);
  }

  /** As it was opened: without the version that a versioned name adds to the file. */
  get name(): string {
    return this.#parts.name;
  }
  get path(): string {
    return this.#parts.memory.source.path;
  }
  /** Whether this call created the region, found it alive, made a left-over anew, migrated it, or attached foreign memory. */
  get outcome(): RegionOutcome {
    return this.#parts.outcome;
  }
  /** The fields. After close every use of them throws ERR_SHM_CLOSED. */
  get data(): T {
    return this.#view.data;
  }
  /** The whole mapping, header included. */
  get memory(): MemoryView<ReadsOnly<T>> {
    return this.#view.memory as MemoryView<ReadsOnly<T>>;
  }
  /**
   * "wasm": a real SharedArrayBuffer, which workers can share. "view": an external ArrayBuffer. "local": a SharedArrayBuffer of this process
   * alone (`createLocal`).
   */
  get kind(): RegionKind {
    return this.#parts.memory.kind;
  }
  /** "private": what is written here, only this region sees. */
  get access(): "read-write" | "read-only" | "private" {
    return this.#parts.memory.source.access;
  }
  /** Initialisations of this file up to now, this one included; 0 where the header has none. */
  get generation(): number {
    return this.#parts.generation;
  }
  /**
   * The schema version that the region was made with; undefined for foreign memory. It may be older than the code's: fields that
   * it lacks read as their default, and writing them throws ERR_SHM_VERSION.
   */
  get actingVersion(): number | undefined {
    return this.#parts.plan?.version;
  }
  /** Bytes that are mapped. */
  get size(): number {
    return this.#view.memory.byteLength;
  }
  /** Elements of the tail, as of the opening or the last {@link Region.refresh}. */
  get tailLength(): number {
    return this.#view.memory.tailLength;
  }
  get readOnly(): boolean {
    return this.#view.memory.readOnly;
  }
  get closed(): boolean {
    return this.#closed;
  }
  /** The header as validated; undefined for foreign memory and the dotnet header. */
  get header(): RegionHeader | undefined {
    const { headerCopy } = this.#parts;
    return headerCopy && (this.#header ??= readHeader(headerCopy));
  }

  /**
   * Number of the open file, to hand the region to a child: `spawn(command, args, { stdio: ["inherit", "inherit", "inherit",
   * region.descriptor] })`, and `Struct.attachFd(3)` there. It stays the region's: never close it, nor use it after close.
   * @throws ShmError ERR_SHM_CLOSED; ERR_SHM_UNSUPPORTED for segments of System V and devices
   */
  get descriptor(): number {
    return this.#open().memory.descriptor;
  }
  /** True when the kernel keeps everybody from shortening the memory, so that no access can ever end a process. */
  get sealed(): boolean {
    return this.#parts.memory.sealed;
  }

  /**
   * A text of A-Z, a-z, 0-9, _ and - that opens the region again with `Struct.fromToken()`, in another process, worker or
   * language. It names the region and gives no rights: who opens it is checked as with any name. It is for this machine and as
   * long as the region lives; of memory without a name, as long as this process has it open.
   * @throws ShmError ERR_SHM_CLOSED; ERR_SHM_UNSUPPORTED for memory of another program
   */
  token(): string {
    const { memory, plan, generation } = this.#open();
    return memory.token(plan, generation);
  }

  /** Whether the path still names this region; false after its file was removed or replaced. */
  isCurrent(): boolean {
    return !this.#closed && this.#parts.memory.isCurrent();
  }

  /**
   * The processes that hold the region, this one included, sorted by pid: who has a lock on its file, by what the kernel knows
   * (/proc). Looks at every descriptor that it may see, which takes milliseconds. Processes of other pid namespaces and
   * containers are missing, and foreign memory has no owners. No decision of the runtime rests on it.
   */
  owners(): RegionOwner[] {
    return this.#parts.memory.owners();
  }

  /**
   * Who takes part in the region by a number, this thread included, and what they have in its containers: `mutex`, `ring` and others with
   * owners. Threads claim a number when they first use one of those. None without such containers, and for private maps. Stores nothing.
   * @throws ShmError ERR_SHM_CLOSED, ERR_SHM_SYSCALL
   */
  participants(): RegionParticipant[] {
    return this.#open().memory.listParticipants();
  }

  /**
   * Gives back what participants had who have died, in all containers, and tells their numbers. Nobody needs to call it: whoever meets
   * a dead owner, or takes part in the region anew, does the same.
   * @throws ShmError ERR_SHM_READ_ONLY, _CLOSED, _SYSCALL; ERR_SHM_FORMAT for a container that somebody has damaged
   */
  recover(): number[] {
    return this.#open().memory.recoverAll();
  }

  /**
   * Calls `listener` with whoever has died of those who have the region open, 100 ms later at most while this thread is not busy. Where its
   * containers have owners, those are its participants, processes and workers: what they had has been given back by then, unless the region is read-only here, and one that closes
   * the region is not told. Elsewhere they are the processes that hold the lock of its file: one that closes the region and goes on is not
   * told, one that closes it as it ends may be; processes of other pid namespaces are not seen. Looks every 50 ms and does not keep the process alive. Returns what ends it;
   * closing the region and the signal do, too. What `listener` throws is an uncaught exception, as of any event listener.
   * @throws ShmError ERR_SHM_UNSUPPORTED for memory without a name or participants, and of other programs; ERR_SHM_CLOSED
   */
  onPeerDeath(listener: (death: PeerDeath) => void, options: OnPeerDeathOptions = {}): () => void {
    const { memory } = this.#open();
    checkFunction(listener, "listener");
    checkOptions(options, "onPeerDeath");
    return this.#watches(memory.onPeerDeath(listener, options));
  }

  /**
   * Calls `listener`, once, when the region's name has gone or leads to another file: somebody has removed it (`rm`, `removeRegion`,
   * a cleaner of /dev/shm), and who opens the region by its name gets another one. 50 ms later while this thread is not busy; soon after
   * the call where that is so already. What is open stays as it is. Memory that never had a name loses none. Does not keep the process alive. Returns what ends it;
   * closing the region and the signal do, too. What `listener` throws is an uncaught exception, as of any event listener.
   * @throws ShmError ERR_SHM_CLOSED
   */
  onRemoved(listener: (removal: RegionRemoval) => void, options: OnRemovedOptions = {}): () => void {
    const { memory } = this.#open();
    checkFunction(listener, "listener");
    checkOptions(options, "onRemoved");
    return this.#watches(memory.onRemoved(listener, options));
  }

  /**
   * Grows the tail to `length` elements, zeroed, under the lifecycle lock. What is there stays, in memory as well as in
   * accessors handed out before; `data` and `memory` show the new length from then on, and others notice by
   * {@link Region.refresh} and {@link Region.onGrow}. A length that the tail has already changes nothing.
   * @throws ShmError ERR_SHM_READ_ONLY, _NO_SPACE, _BUSY, _SYSCALL, _CLOSED, _UNSUPPORTED (sealed memory, or too long for the
   * kind of mapping); ShmRangeError for a region without a tail, a length that is no count or too long for any buffer, and a
   * tail that would shrink. What cannot be mapped takes no memory.
   */
  growTail(length: number, options: { readonly timeoutMs?: number } = {}): void {
    const { memory, plan } = this.#open();
    checkOptions(options, "growTail");
    const deadline = deadlineIn(options.timeoutMs);
    memory.growTail({ plan, memory: this.memory, tailLength: this.tailLength }, length, deadline);
    this.refresh();
  }

  /**
   * Looks whether the tail has grown. If so, `data` and `memory` are new objects that show all of it; older ones go on
   * working with the length that they know. Returns whether it had. Of a file of another program: whether it has become longer or shorter; what a shorter
   * one lacks reads as zeros from then on, and before that ends the process (SIGBUS).
   * @throws ShmError ERR_SHM_CLOSED; ERR_SHM_FORMAT, also for a foreign file that is shorter than the struct by now
   */
  refresh(): boolean {
    const { memory, plan, accessor } = this.#open();
    const extent = memory.follow({ plan, memory: this.memory, tailLength: this.tailLength }, accessor.layout);
    if (extent === undefined) return false;
    this.#handedOut(this.#view.memory);
    this.#view = createView({
      source: memory.source,
      accessor,
      offset: plan?.headerSize ?? 0,
      size: extent.size,
      tailLength: extent.tailLength,
      hasHeader: plan !== undefined,
      otherVersion: plan?.otherVersion,
      containers: plan?.containers,
    });
    return true;
  }

  /**
   * Calls `listener` with the new length, in elements, whenever another process or thread has grown the tail, after a
   * {@link Region.refresh}. Does not keep the process alive. Returns what ends it; closing the region does, too. In a worker
   * on a system without io_uring the first call waits for a thread to start, some 30 ms, unless a `waitAsync` has done so before. A growth that cannot be
   * followed goes to `onError`, and is tried again; what `listener` throws is an uncaught exception, as of any event listener.
   * @throws ShmError ERR_SHM_CLOSED, ERR_SHM_UNSUPPORTED where no thread can be started; ShmRangeError for a region without a tail
   */
  onGrow(listener: (tailLength: number) => void, options: OnGrowOptions = {}): () => void {
    this.#open();
    checkFunction(listener, "listener");
    checkOptions(options, "onGrow");
    return this.#watches(watchTail(this, listener, options));
  }

  /**
   * A part of the memory as a view of its own, for `Struct.at(view, 0)` and typed arrays that see nothing else. It closes
   * with the region, or by its `retire()`. @throws ShmRangeError for a part that does not lie in the memory;
   * ShmError ERR_SHM_READ_ONLY for a wish to write beyond the rights of the region, ERR_SHM_CLOSED
   */
  view(options: ViewOptions & { readonly access: "read-only" }): MemoryView<true>;
  view(options?: ViewOptions): MemoryView<ReadsOnly<T>>;
  view(options: ViewOptions = {}): MemoryView {
    const { memory: whole, plan } = this.#open();
    checkOptions(options, "view");
    const { memory, path } = this;
    const { offset = 0, access } = options;
    checkAccess(access, memory.readOnly, path);
    memory.checkRange(offset, 0, 8, "a view");
    const { length = memory.byteLength - offset } = options;
    if (!Number.isSafeInteger(length) || length < 1) throw notAViewLength(length, path);
    memory.checkRange(offset, length, 8, "a view");
    const readOnly = memory.readOnly || access === "read-only";
    const part = createPartialView(whole.source, { offset, length, readOnly, otherVersion: plan?.otherVersion });
    this.#handedOut(part);
    return part;
  }

  /**
   * The region in a form for `postMessage` and `workerData`: `Struct.fromShared()` opens it in another thread, over the very
   * same mapping, so that `Atomics.wait` and `notify` work between them. Each thread has a lock of its own: the region closes
   * when the last thread and process lets go, and a terminated worker leaves nothing behind. It holds nothing open, so keep
   * the region open until the worker has it. Zero pages come under the memory when the last thread closes that still runs.
   * @throws ShmError ERR_SHM_UNSUPPORTED for mapping "view" and private maps, ERR_SHM_CLOSED
   */
  share(): SharedRegion {
    const { memory, name, generation, keep, plan } = this.#open();
    if (plan === undefined) throw foreignNotShared(this.path);
    return memory.share({ name, generation, keep });
  }

  /**
   * Lets go of the region; the last to do so removes its file, unless it was opened with `cleanup: "keep"`. Pending
   * waits are rejected with ERR_SHM_CLOSED. Closing twice is fine.
   */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const { memory, keep } = this.#parts;
    for (const end of this.#ends ?? []) end();
    const views = [this.#view.memory, ...(this.#views?.drain() ?? [])];
    for (const view of views) rawMemory(view).futex?.close?.();
    memory.release(keep);
    // Last: somebody's own prototype may throw when it is looked at, and the lock is gone by then.
    for (const view of views) view.retire();
    lastClosed[0] = this;
  }

  [inspect](_depth: number, options: object, print?: (value: object, options: object) => string): string {
    const { name, ...facts } = Object.fromEntries(SHOWN.map((fact) => [fact, printable(() => this[fact])]));
    const isCutShort = printable(() => this.#isCutShort()) === true;
    const data = isCutShort ? printedAs("[its file is shorter than the region]") : printable(() => this.data);
    return `Region ${print?.({ name, ...facts, data }, options) ?? String(name)}`;
  }

  /** Two handles are deeply equal where they are of one mapping; their data are by what they hold. */
  get [Symbol.toStringTag](): string {
    return tagged("Region", () => `${this.#parts.name} #${identityOf(this.#parts.memory.source)}`);
  }

  static {
    disposes(this, "close");
  }

  /** Whether somebody has truncated the file: to read beyond its end would end the process. Who cannot tell does not read. */
  #isCutShort(): boolean {
    return !this.#closed && printable(() => this.#parts.memory.isCutShort(this.size)) !== false;
  }

  #watches(end: () => void): () => void {
    const ends = (this.#ends ??= new Set());
    ends.add(end);
    return () => {
      ends.delete(end);
      end();
    };
  }

  #handedOut(view: MemoryView): void {
    (this.#views ??= new JobScopedList()).add(view);
  }

  #open(): RegionParts<T> {
    if (this.#closed) throw closedRegion(this.path);
    return this.#parts;
  }
}

/**
 * Kept for V8, which forgets the code that it has optimised for a class when it collects the last instance: a thread that opens and
 * closes regions and has none open meanwhile needed half as long again after each collection. Costs addresses, and no pages.
 */
const lastClosed: object[] = [];

function checkAccess(access: unknown, readOnly: boolean, path: string): void {
  if (access === undefined || access === "read-only") return;
  if (access !== "read-write") throw unknownAccess(["read-write", "read-only"], access, path);
  if (readOnly) throw viewBeyondRights(access, path);
}
