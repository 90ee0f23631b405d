/**
 * `workQueue<T, N>`: jobs that are leased until they are done. Its bytes are in schema/containers/work-queue.ts, its steps in
 * test/model/work-queue.ts. All of it is done under the lock; what counts is the state of each job.
 *
 *   push    stores a job in a free slot, then its state: ready, the one store that counts; then it is appended to the list
 *   lease   takes the first one out of the list, then its state: who has it; then counts the attempt
 *   done    the state: free, then the list of free slots
 *   retry   the state: ready, then the list, by its ticket
 *   death   what the dead had becomes ready by compare and exchange, without the lock, which somebody stopped may have. `losses` says that
 *           lists are incomplete; the next to have the lock makes them anew of the states, in the order of the tickets
 */
import { OWNER } from "../../../schema/containers/owner.js";
import { WORK_ENTRY, WORK_QUEUE } from "../../../schema/containers/work-queue.js";
import type { MemoryView, RawMemory } from "../../access/memory-view.js";
import { rawMemory } from "../../access/memory-view.js";
import type { Snapshot } from "../../access/plain.js";
import { closed } from "../../access/refusals.js";
import { spoilable } from "../../access/retire.js";
import { checkOptions } from "../../arguments/check-options.js";
import type { ShmErrorFacts } from "../../errors.js";
import { Container, type ContainerShape, type Death, nameOf } from "../container.js";
import { AskedOwners } from "../parts/asked-owners.js";
import { FreeList, mendLists } from "../parts/free-list.js";
import { Gate, wakeAll } from "../parts/gate.js";
import { isOurs, OwnerWord, ownerOf, recoverOwner } from "../parts/owner-word.js";
import { Pending } from "../parts/pending.js";
import { TIMEOUT_MS, type WaitAsyncOptions, type WaitOptions } from "../parts/sleeping.js";
import { Slots } from "../parts/slots.js";
import { TakingPart } from "../parts/taking-part.js";
import { inTurns } from "../parts/turns.js";
import { until } from "../parts/until.js";
import { Job, type JobPort, slotOf } from "./job.js";
import { READY, ReadyList } from "./ready-list.js";
import { damagedLists, failedIsFull, leaseIsOver, needsBoth, noJob, noJobRoom, notLeased } from "./refusals.js";

const AT = WORK_QUEUE.at;
const LOSSES = AT.losses / 4;
const REPAIRED = AT.repaired / 4;
const ATTEMPTS = WORK_ENTRY.attempts / 4;
const PUSHED_AT = WORK_ENTRY.pushedAt / 4;
const STRIDE = WORK_ENTRY.size / 4;
const HALF = 2 ** 32;
const NO_OPTIONS = {};

/** What jobs that fail again and again are moved to. */
export interface FailedJobs<T> {
  push(value: Snapshot<T>): boolean;
}

/** Options of leases. */
export interface LeaseOptions<T> {
  /** Times that a job is leased at most; then it is moved to `failed` instead. Only together with that. */
  readonly maxAttempts?: number | undefined;
  /** A queue of the same type. A job is pushed to it, and then it is done here: killed between the two, this thread leaves it in both. */
  readonly failed?: FailedJobs<T> | undefined;
}

/**
 * Jobs from any number of threads of all processes to any number of workers, in order, each done at least once. A worker leases a job and says
 * that it is done; SIGKILL at any instruction of its makes the job the first to be leased again, at once for who comes to lease one, and
 * within 100 ms for who sleeps. No heartbeats, and no time after which a lease ends: the kernel knows who is alive, and a worker that is
 * stopped, or slow, keeps what it has.
 */
export class WorkQueue<T, W = T> extends Container {
  readonly #view: MemoryView;
  readonly #words: Uint32Array;
  /** Of the first word in `words`. */
  #base: number;
  readonly #entries: number;
  readonly #length: number;
  readonly #field: string;
  readonly #slots: Slots<T, W>;
  readonly #lock: OwnerWord;
  readonly #free: FreeList;
  readonly #ready: ReadyList;
  readonly #arrivals: Gate;
  readonly #departures: Gate;
  readonly #part: TakingPart;
  readonly #owners: AskedOwners;
  readonly #port: JobPort<T>;
  #pushes: Pending<W, true> | undefined;
  #leases: Pending<undefined, Job<T>> | undefined;

  static {
    spoilable<WorkQueue<unknown>, never>(this, (own, unusable) => {
      own.#base = unusable;
    });
  }

  /** What the dead had is ready again; frees the lock; says that the lists are incomplete, and has all who wait look again. */
  static recover(memory: RawMemory, offset: number, shape: ContainerShape, { number }: Death): void {
    const words = memory.u32;
    const entries = entriesAt(offset, shape);
    for (let index = 0; index < (shape.length ?? 0); index += 1) {
      const at = entries + index * STRIDE;
      // Step recover.slot
      if (Atomics.load(words, at) === number) Atomics.compareExchange(words, at, number, READY);
    }
    // Whether there were any or not: who recovered before may have died here, and the dead one with the lock.
    Atomics.add(words, offset / 4 + LOSSES, 1); // Step recover.losses
    recoverOwner(memory, (offset + AT.lock) / 4, number, OWNER.free);
    wakeAll(memory, (offset + AT.arrivals) / 4);
    wakeAll(memory, (offset + AT.departures) / 4);
  }

  /** What a participant has of it, for people. */
  static holdings(memory: RawMemory, offset: number, shape: ContainerShape, number: number): string | undefined {
    const entries = entriesAt(offset, shape);
    let count = 0;
    for (let index = 0; index < (shape.length ?? 0); index += 1) {
      if (Atomics.load(memory.u32, entries + index * STRIDE) === number) count += 1;
    }
    const parts = [
      ...(count === 0 ? [] : [`${count} job${count === 1 ? "" : "s"}`]),
      ...(ownerOf(memory.u32, (offset + AT.lock) / 4) === number ? ["the lock"] : []),
    ];
    return parts.length === 0 ? undefined : parts.join(" and ");
  }

  constructor(view: MemoryView, offset: number, shape: ContainerShape<T, W>, field: string) {
    super(view, offset, shape, field);
    const name = nameOf(view, offset, field);
    const word = (at: number): number => (offset + at) / 4;
    const words = rawMemory(view).u32;
    const length = shape.length ?? 0;
    const entries = entriesAt(offset, shape);
    this.#view = view;
    this.#words = words;
    this.#base = offset / 4;
    this.#entries = entries;
    this.#length = length;
    this.#field = name;
    this.#slots = new Slots<T, W>(view, offset + (shape.at["slots"] ?? 0), shape, name);
    this.#lock = new OwnerWord(view, word(AT.lock), name);
    const [fresh, free, next] = [word(AT.fresh), word(AT.free), entries + WORK_ENTRY.next / 4];
    this.#free = new FreeList({ words, fresh, free, state: entries, next, stride: STRIDE, length });
    this.#ready = new ReadyList(words, offset / 4, entries, length);
    this.#arrivals = new Gate(view, word(AT.arrivals), name);
    this.#departures = new Gate(view, word(AT.departures), name);
    this.#part = new TakingPart(view, name);
    this.#owners = new AskedOwners({
      part: this.#part,
      length,
      ownerAt: (index) => this.#stateOf(index),
      nobody: READY,
      path: view.label,
      field: name,
    });
    this.#port = {
      show: (index) => this.#show(index),
      pushedAt: (index) => this.#pushedAt(index),
      done: (index) => this.#done(index),
      retry: (index, isLast) => this.#retry(index, isLast),
      over: (index) => leaseIsOver(this.#facts, index),
    };
  }

  /** Jobs that it can hold, leased ones included. */
  get capacity(): number {
    if (this.#view.closed) throw closed(this.#view.label, this.#field);
    return this.#length;
  }

  /** Jobs that nobody has, for the moment. */
  get length(): number {
    if (this.#view.closed) throw closed(this.#view.label, this.#field);
    return Math.min(this.#ready.count, this.#length);
  }

  /** Jobs that are leased, by one look at each. Those of the dead count as leased until somebody finds them. */
  get leasedCount(): number {
    if (this.#view.closed) throw closed(this.#view.label, this.#field);
    let count = 0;
    for (let index = 0; index < this.#length; index += 1) if (isLeased(this.#stateOf(index))) count += 1;
    return count;
  }

  /**
   * Adds a job: it is stored, and then there by one atomic store. False, and nothing done, when all slots have jobs, leased ones included. Fields
   * that `value` does not give are zero.
   * @throws ShmRangeError for a value that does not fit, or a field that there is not; ShmError ERR_SHM_BUSY when another thread is within a
   * call for 5 s, because it is stopped; ERR_SHM_READ_ONLY, ERR_SHM_UNSUPPORTED, ERR_SHM_FORMAT for words that others have damaged,
   * ERR_SHM_CLOSED
   */
  push(value: W): boolean {
    return this.#pushWithin(TIMEOUT_MS, value);
  }

  /** As {@link push}, but sleeps until there is room. Not in a thread that has an event loop to serve. @throws ShmError ERR_SHM_BUSY at the timeout */
  pushWait(value: W, options: WaitOptions = NO_OPTIONS): void {
    checkOptions(options);
    const { timeoutMs = TIMEOUT_MS } = options;
    if (this.#pushWithin(timeoutMs, value)) return;
    const [gate, mayBeThere] = [this.#departures, () => this.#free.mayHaveOne];
    const attempt = (leftMs: number): true | undefined => this.#pushWithin(leftMs, value) || undefined;
    until({ gate, attempt, mayBeThere, busy: this.#full }, timeoutMs);
  }

  /**
   * As {@link push}, but resolves when there was room, and blocks nothing. Those of this thread that wait are pushed in the order of their
   * calls. The value is read when there is room. Rejects with the reason of `signal` when that is aborted, and then nothing was pushed.
   */
  async pushAsync(value: W, options: WaitAsyncOptions = NO_OPTIONS): Promise<void> {
    checkOptions(options);
    options.signal?.throwIfAborted();
    if (this.#pushes?.isEmpty !== false && isOurs(this.#lock.tryTake())) {
      if (this.#andRelease(() => this.#add(value))) return this.#arrivals.wake();
    }
    await (this.#pushes ??= this.#pendingPushes()).add(value, options);
  }

  /**
   * Leases the first job that nobody has, or that who had it is found dead; undefined when there is none.
   * @throws ShmError as {@link push}; ERR_SHM_BUSY when `failed` is full, and then the job is ready again
   */
  lease(options: LeaseOptions<T> = NO_OPTIONS): Job<T> | undefined {
    return this.#leaseWithin(TIMEOUT_MS, options);
  }

  /** As {@link lease}, but sleeps until there is a job. Not in a thread that has an event loop to serve. @throws ShmError ERR_SHM_BUSY at the timeout */
  leaseWait(options: LeaseOptions<T> & WaitOptions = NO_OPTIONS): Job<T> {
    checkOptions(options);
    const { timeoutMs = TIMEOUT_MS } = options;
    const [gate, mayBeThere] = [this.#arrivals, () => this.#ready.count > 0];
    const attempt = (leftMs: number): Job<T> | undefined => this.#leaseWithin(leftMs, options);
    return attempt(timeoutMs) ?? until({ gate, attempt, mayBeThere, busy: this.#none }, timeoutMs);
  }

  /**
   * As {@link lease}, but resolves when there is a job, and blocks nothing; those of this thread have one in the order of their calls. Rejects
   * with the reason of `signal` when that is aborted, and then none was leased.
   */
  async leased(options: LeaseOptions<T> & WaitAsyncOptions = NO_OPTIONS): Promise<Job<T>> {
    const fails = this.#checked(options);
    for (;;) {
      options.signal?.throwIfAborted();
      const job = this.#leaseAtOnce() ?? (await (this.#leases ??= this.#pendingLeases()).add(undefined, options));
      if (!this.#hasFailed(job, fails)) return job;
    }
  }

  /**
   * Jobs as they come: `for await (const job of jobs) { ...; job.done(); }`. The loop ends no lease: a job that is neither done nor given back
   * stays this thread's. Ends by `break`, or throws: the signal's reason, or ERR_SHM_CLOSED.
   */
  items(
    options: LeaseOptions<T> & Pick<WaitAsyncOptions, "signal"> = NO_OPTIONS,
  ): AsyncGenerator<Job<T>, never, undefined> {
    this.#checked(options);
    if (this.#view.closed) throw closed(this.#view.label, this.#field);
    return inTurns(() => this.leased({ ...options, timeoutMs: Infinity }));
  }

  /** As {@link items}. */
  [Symbol.asyncIterator](): AsyncGenerator<Job<T>, never, undefined> {
    return this.items();
  }

  /** Its state, for people. */
  toJSON(): { length: number; leased: number; capacity: number } {
    return { length: this.length, leased: this.leasedCount, capacity: this.#length };
  }

  #show(index: number): T {
    if (this.#view.closed) throw closed(this.#view.label, this.#field);
    return this.#slots.at(index);
  }

  #pushedAt(index: number): number {
    if (this.#view.closed) throw closed(this.#view.label, this.#field);
    const at = this.#entries + index * STRIDE + PUSHED_AT;
    return Atomics.load(this.#words, at + 1) * HALF + Atomics.load(this.#words, at);
  }

  #stateOf(index: number): number {
    return Atomics.load(this.#words, this.#entries + index * STRIDE);
  }

  #locked<R>(work: () => R, timeoutMs = TIMEOUT_MS): R {
    this.#lock.take(timeoutMs);
    return this.#andRelease(work);
  }

  #andRelease<R>(work: () => R): R {
    try {
      return work();
    } finally {
      this.#lock.release();
    }
  }

  /** By who has the lock, as everything below but what says otherwise. */
  #add(value: W): boolean {
    this.#mend();
    let index = this.#free.take();
    if (index === -2) {
      this.#rebuild();
      index = this.#free.take();
      if (index === -2) throw damagedLists(this.#facts);
    }
    if (index < 0) return false;
    const words = this.#words;
    const at = this.#entries + index * STRIDE;
    try {
      this.#slots.store(index, value); // Steps push.first push.second
    } catch (error) {
      this.#free.give(index);
      throw error;
    }
    const now = Date.now();
    words[at + ATTEMPTS] = 0; // Step push.attempts
    words[at + PUSHED_AT] = now % HALF;
    words[at + PUSHED_AT + 1] = Math.floor(now / HALF);
    this.#ready.ticket(index); // Step push.ticket
    Atomics.store(words, at, READY); // Step push.publish
    this.#ready.append(index);
    return true;
  }

  #first(): Job<T> | undefined {
    this.#mend();
    let index = this.#ready.take();
    if (index === -2) {
      this.#rebuild();
      index = this.#ready.take();
      if (index === -2) throw damagedLists(this.#facts);
    }
    if (index < 0) return undefined;
    const at = this.#entries + index * STRIDE;
    Atomics.store(this.#words, at, this.#lock.self()); // Step lease.publish
    const attempts = (this.#words[at + ATTEMPTS]! + 1) >>> 0;
    // Killed before, this thread has not seen the job.
    Atomics.store(this.#words, at + ATTEMPTS, attempts); // Step lease.count
    return new Job(this.#port, index, attempts);
  }

  /** Makes the lists anew if a death may have left them incomplete. */
  #mend(): void {
    const base = this.#base;
    mendLists(this.#words, { losses: base + LOSSES, repaired: base + REPAIRED }, () => this.#rebuild());
  }

  #rebuild(): void {
    this.#free.rebuild();
    this.#ready.rebuild();
  }

  #move(index: number, to: typeof OWNER.free | typeof READY): void {
    const me = this.#lock.self();
    // Steps done.publish retry.publish
    const found = Atomics.compareExchange(this.#words, this.#entries + index * STRIDE, me, to);
    if (found !== me) throw notLeased(this.#facts, index, found);
  }

  /** Not by who has the lock. */
  #done(index: number): void {
    this.#checkOpen(index);
    this.#locked(() => {
      this.#mend();
      this.#move(index, OWNER.free);
      this.#free.give(index);
    });
    this.#departures.wake();
  }

  /** Not by who has the lock. */
  #retry(index: number, isLast: boolean): void {
    this.#checkOpen(index);
    this.#locked(() => {
      this.#mend();
      if (isLast) this.#ready.ticket(index);
      this.#move(index, READY);
      if (isLast) this.#ready.append(index);
      else this.#ready.insert(index);
    });
    this.#arrivals.wake();
  }

  /** Not by who has the lock. After close the job is ready again, also where the thread has other handles. @throws ShmError ERR_SHM_CLOSED */
  #checkOpen(index: number): void {
    if (!this.#view.closed) return;
    const me = this.#lock.self();
    throw this.#part.endAfterClose(me, () => {
      Atomics.compareExchange(this.#words, this.#entries + index * STRIDE, me, READY);
      Atomics.add(this.#words, this.#base + LOSSES, 1);
    });
  }

  /** Not by who has the lock, for which it waits as long as `timeoutMs`. */
  #pushWithin(timeoutMs: number, value: W): boolean {
    const isPushed = this.#locked(() => this.#add(value), timeoutMs);
    if (isPushed) this.#arrivals.wake();
    return isPushed;
  }

  /** As {@link WorkQueue.#pushWithin}. */
  #leaseWithin(timeoutMs: number, options: LeaseOptions<T>): Job<T> | undefined {
    const fails = this.#checked(options);
    for (;;) {
      const job = this.#tryLease(timeoutMs);
      if (job === undefined || !this.#hasFailed(job, fails)) return job;
    }
  }

  /** Asks for dead owners when nothing is ready. */
  #tryLease(timeoutMs: number): Job<T> | undefined {
    const first = this.#locked(() => this.#first(), timeoutMs);
    if (first !== undefined || this.#owners.ask(this.#lock.self()) !== "recovered") return first;
    return this.#locked(() => this.#first(), timeoutMs);
  }

  #leaseAtOnce(): Job<T> | undefined {
    if (this.#leases?.isEmpty === false || !isOurs(this.#lock.tryTake())) return undefined;
    return this.#andRelease(() => this.#first());
  }

  /** Whether a job was moved to where those go that fail too often. */
  #hasFailed(job: Job<T>, fails: Required<LeaseOptions<T>> | undefined): boolean {
    if (fails === undefined || job.attempts <= (fails.maxAttempts ?? Infinity)) return false;
    const isMoved = fails.failed?.push(this.#slots.copy(slotOf(job))) === true;
    if (!isMoved) {
      job.retry();
      throw failedIsFull(this.#facts);
    }
    job.done();
    return true;
  }

  #checked(options: LeaseOptions<T>): Required<LeaseOptions<T>> | undefined {
    checkOptions(options);
    const { maxAttempts, failed } = options;
    if ((maxAttempts === undefined) !== (failed === undefined)) throw needsBoth(this.#field, { maxAttempts, failed });
    return maxAttempts === undefined ? undefined : { maxAttempts, failed };
  }

  #pendingPushes(): Pending<W, true> {
    return new Pending<W, true>({
      gate: this.#departures,
      lock: this.#lock,
      attempt: (value) => this.#add(value) || undefined,
      done: () => this.#arrivals.wake(),
      busy: this.#full,
    });
  }

  #pendingLeases(): Pending<undefined, Job<T>> {
    return new Pending<undefined, Job<T>>({
      gate: this.#arrivals,
      lock: this.#lock,
      attempt: () => this.#first(),
      missed: () => this.#owners.ask(this.#lock.self()) === "recovered",
      done: () => undefined,
      busy: this.#none,
    });
  }

  get #facts(): ShmErrorFacts {
    return { path: this.#view.label, field: this.#field };
  }

  readonly #full = (timeoutMs: number): Error => noJobRoom(this.#facts, timeoutMs);
  readonly #none = (timeoutMs: number): Error => noJob(this.#facts, timeoutMs);
}

const isLeased = (state: number): boolean => state !== OWNER.free && state !== READY;

/** Index of the state of the first entry. */
function entriesAt(offset: number, { at }: ContainerShape): number {
  return (offset + (at["entries"] ?? 0) + WORK_ENTRY.state) / 4;
}

/** A queue of work in memory that is only read. `T` is what it holds: nobody sees that without a lease. */
export type WorkQueueReader<T> = Pick<WorkQueue<T>, "capacity" | "length" | "leasedCount" | "toJSON">;
