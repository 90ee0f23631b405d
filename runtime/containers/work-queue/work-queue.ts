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
import { WORK_QUEUE } from "../../../schema/containers/work-queue.js";
import type { MemoryView, RawMemory } from "../../access/memory-view.js";
import { closed } from "../../access/refusals.js";
import { spoilable } from "../../access/retire.js";
import { checkOptions } from "../../arguments/check-options.js";
import type { ShmErrorFacts } from "../../errors.js";
import { Container, type ContainerShape, type Death, nameOf } from "../container.js";
import { AskedOwners } from "../parts/asked-owners.js";
import { Gate, wakeAll } from "../parts/gate.js";
import { isOurs, OwnerWord, ownerOf, recoverOwner } from "../parts/owner-word.js";
import { Pending } from "../parts/pending.js";
import { type AbortOptions, TIMEOUT_MS, type WaitAsyncOptions, type WaitOptions } from "../parts/sleeping.js";
import { TakingPart } from "../parts/taking-part.js";
import { inTurns } from "../parts/turns.js";
import { until } from "../parts/until.js";
import { hasFailed, type LeaseOptions, whenFailed } from "./failed.js";
import { type Job, type JobPort, slotOf } from "./job.js";
import { Jobs, leasedBy, readyAgain } from "./jobs.js";
import { READY } from "./ready-list.js";
import { leaseIsOver, noJob, noJobRoom } from "./refusals.js";

const AT = WORK_QUEUE.at;
const NO_OPTIONS = {};

/**
 * Jobs from any number of threads of all processes to any number of workers, in order, each done at least once. A worker leases a job and says
 * that it is done; SIGKILL at any instruction of its makes the job the first to be leased again, at once for who comes to lease one, and
 * within 100 ms for who sleeps. No heartbeats, and no time after which a lease ends: the kernel knows who is alive, and a worker that is
 * stopped, or slow, keeps what it has.
 */
export class WorkQueue<T, W = T> extends Container {
  readonly #view: MemoryView;
  readonly #length: number;
  readonly #field: string;
  #lock: OwnerWord;
  readonly #jobs: Jobs<T, W>;
  readonly #arrivals: Gate;
  readonly #departures: Gate;
  readonly #part: TakingPart;
  readonly #owners: AskedOwners;
  readonly #port: JobPort<T>;
  #pushes: Pending<W, true> | undefined;
  #leases: Pending<undefined, Job<T>> | undefined;

  static {
    spoilable<WorkQueue<unknown>, OwnerWord>(this, (own, unusable) => {
      own.#lock = unusable;
    });
  }

  /** What the dead had is ready again; frees the lock; says that the lists are incomplete, and has all who wait look again. */
  static recover(memory: RawMemory, offset: number, shape: ContainerShape, { number }: Death): void {
    readyAgain(memory.u32, offset, shape, number);
    recoverOwner(memory, (offset + AT.lock) / 4, number, OWNER.free);
    wakeAll(memory, (offset + AT.arrivals) / 4);
    wakeAll(memory, (offset + AT.departures) / 4);
  }

  /** What a participant has of it, for people. */
  static holdings(memory: RawMemory, offset: number, shape: ContainerShape, number: number): string | undefined {
    const count = leasedBy(memory.u32, offset, shape, number);
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
    const length = shape.length ?? 0;
    this.#view = view;
    this.#length = length;
    this.#field = name;
    this.#lock = new OwnerWord(view, word(AT.lock), name);
    this.#jobs = new Jobs({ view, offset, shape, field: name, lock: this.#lock });
    this.#arrivals = new Gate(view, word(AT.arrivals), name);
    this.#departures = new Gate(view, word(AT.departures), name);
    this.#part = new TakingPart(view, name);
    this.#owners = new AskedOwners({
      part: this.#part,
      length,
      ownerAt: (index) => this.#jobs.stateOf(index),
      nobody: READY,
      path: view.label,
      field: name,
    });
    this.#port = {
      show: (index) => this.#jobs.show(index),
      pushedAt: (index) => this.#jobs.pushedAt(index),
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
    return Math.min(this.#jobs.readyCount, this.#length);
  }

  /** Jobs that are leased, by one look at each. Those of the dead count as leased until somebody finds them. */
  get leasedCount(): number {
    if (this.#view.closed) throw closed(this.#view.label, this.#field);
    let count = 0;
    for (let index = 0; index < this.#length; index += 1) if (isLeased(this.#jobs.stateOf(index))) count += 1;
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
    checkOptions(options, "wait");
    const { timeoutMs = TIMEOUT_MS } = options;
    if (this.#pushWithin(timeoutMs, value)) return;
    const [gate, mayBeThere] = [this.#departures, () => this.#jobs.mayHaveRoom];
    const attempt = (leftMs: number): true | undefined => this.#pushWithin(leftMs, value) || undefined;
    until({ gate, attempt, mayBeThere, busy: this.#full }, timeoutMs);
  }

  /**
   * As {@link push}, but resolves when there was room, and blocks nothing. Those of this thread that wait are pushed in the order of their
   * calls. The value is read when there is room. Rejects with the reason of `signal` when that is aborted, and then nothing was pushed.
   */
  async pushAsync(value: W, options: WaitAsyncOptions = NO_OPTIONS): Promise<void> {
    checkOptions(options, "waitAsync");
    options.signal?.throwIfAborted();
    if (this.#pushes?.isEmpty !== false && isOurs(this.#lock.tryTake())) {
      if (this.#andRelease(() => this.#jobs.add(value))) return this.#arrivals.wake();
    }
    await (this.#pushes ??= this.#pendingPushes()).add(value, options);
  }

  /**
   * Leases the first job that nobody has, or that who had it is found dead; undefined when there is none.
   * @throws ShmError as {@link push}; ERR_SHM_BUSY when `failed` is full, and then the job is ready again
   */
  lease(options: LeaseOptions<T> = NO_OPTIONS): Job<T> | undefined {
    return this.#leaseWithin(TIMEOUT_MS, options, "lease");
  }

  /** As {@link lease}, but sleeps until there is a job. Not in a thread that has an event loop to serve. @throws ShmError ERR_SHM_BUSY at the timeout */
  leaseWait(options: LeaseOptions<T> & WaitOptions = NO_OPTIONS): Job<T> {
    checkOptions(options, "leaseWait");
    const { timeoutMs = TIMEOUT_MS } = options;
    const [gate, mayBeThere] = [this.#arrivals, () => this.#jobs.readyCount > 0];
    const attempt = (leftMs: number): Job<T> | undefined => this.#leaseWithin(leftMs, options, "leaseWait");
    return attempt(timeoutMs) ?? until({ gate, attempt, mayBeThere, busy: this.#none }, timeoutMs);
  }

  /**
   * As {@link lease}, but resolves when there is a job, and blocks nothing; those of this thread have one in the order of their calls. Rejects
   * with the reason of `signal` when that is aborted, and then none was leased.
   */
  async leased(options: LeaseOptions<T> & WaitAsyncOptions = NO_OPTIONS): Promise<Job<T>> {
    const fails = whenFailed(options, this.#field, "leased");
    for (;;) {
      options.signal?.throwIfAborted();
      const job = this.#leaseAtOnce() ?? (await (this.#leases ??= this.#pendingLeases()).add(undefined, options));
      if (fails === undefined || !this.#hasFailed(job, fails)) return job;
    }
  }

  /**
   * Jobs as they come: `for await (const job of jobs) { ...; job.done(); }`. The loop ends no lease: a job that is neither done nor given back
   * stays this thread's. Ends by `break`, or throws: the signal's reason, or ERR_SHM_CLOSED.
   */
  items(options: LeaseOptions<T> & AbortOptions = NO_OPTIONS): AsyncGenerator<Job<T>, never, undefined> {
    whenFailed(options, this.#field, "leasedItems");
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

  #done(index: number): void {
    this.#checkOpen(index);
    this.#locked(() => this.#jobs.done(index));
    this.#departures.wake();
  }

  #retry(index: number, isLast: boolean): void {
    this.#checkOpen(index);
    this.#locked(() => this.#jobs.retry(index, isLast));
    this.#arrivals.wake();
  }

  /** After close the job is ready again, also where the thread has other handles. @throws ShmError ERR_SHM_CLOSED */
  #checkOpen(index: number): void {
    if (!this.#view.closed) return;
    throw this.#part.endAfterClose(this.#jobs.self, () => this.#jobs.leave(index));
  }

  /** Waits for the lock as long as `timeoutMs`. */
  #pushWithin(timeoutMs: number, value: W): boolean {
    const isPushed = this.#locked(() => this.#jobs.add(value), timeoutMs);
    if (isPushed) this.#arrivals.wake();
    return isPushed;
  }

  /** As {@link WorkQueue.#pushWithin}. */
  #leaseWithin(timeoutMs: number, options: LeaseOptions<T>, taker: "lease" | "leaseWait"): Job<T> | undefined {
    const fails = whenFailed(options, this.#field, taker);
    for (;;) {
      const job = this.#tryLease(timeoutMs);
      if (job === undefined || fails === undefined || !this.#hasFailed(job, fails)) return job;
    }
  }

  /** Asks for dead owners when nothing is ready. */
  #tryLease(timeoutMs: number): Job<T> | undefined {
    const first = this.#locked(() => this.#jobs.first(this.#port), timeoutMs);
    if (first !== undefined || this.#owners.ask(this.#lock.self()) !== "recovered") return first;
    return this.#locked(() => this.#jobs.first(this.#port), timeoutMs);
  }

  #leaseAtOnce(): Job<T> | undefined {
    if (this.#leases?.isEmpty === false || !isOurs(this.#lock.tryTake())) return undefined;
    return this.#andRelease(() => this.#jobs.first(this.#port));
  }

  #hasFailed(job: Job<T>, fails: Required<LeaseOptions<T>>): boolean {
    return hasFailed(job, fails, (one) => this.#jobs.copy(slotOf(one)), this.#facts);
  }

  #pendingPushes(): Pending<W, true> {
    return new Pending<W, true>({
      gate: this.#departures,
      lock: this.#lock,
      attempt: (value) => this.#jobs.add(value) || undefined,
      done: () => this.#arrivals.wake(),
      busy: this.#full,
    });
  }

  #pendingLeases(): Pending<undefined, Job<T>> {
    return new Pending<undefined, Job<T>>({
      gate: this.#arrivals,
      lock: this.#lock,
      attempt: () => this.#jobs.first(this.#port),
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

/** A queue of work in memory that is only read. `T` is what it holds: nobody sees that without a lease. */
export type WorkQueueReader<T> = Pick<WorkQueue<T>, "capacity" | "length" | "leasedCount" | "toJSON">;
