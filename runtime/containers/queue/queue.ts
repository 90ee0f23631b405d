/**
 * `queue<T, N>`: from many to many, in order. Its bytes are in schema/containers/queue.ts, its steps in test/model/queue.ts.
 *
 *   push    under the lock `pusher`: stores an element in the slot of the tail, then the tail; wakes one who waits for an element
 *   pop     under the lock `popper`: copies the element in the slot of the head, then stores the head; wakes one who waits for room
 *   death   frees the lock, and wakes all who wait; what counts is the tail, or the head, which are stored once for each call
 *
 * A side reads the other side's counter only when the one it saw last leaves nothing to do. That is never further off than N elements, because
 * each side moves its own counter no further than that.
 */
import { OWNER } from "../../../schema/containers/owner.js";
import { QUEUE } from "../../../schema/containers/queue.js";
import type { MemoryView, RawMemory } from "../../access/memory-view.js";
import { rawMemory } from "../../access/memory-view.js";
import type { Snapshot } from "../../access/plain.js";
import { closed } from "../../access/refusals.js";
import { spoilable } from "../../access/retire.js";
import { checkOptions } from "../../arguments/check-options.js";
import type { ShmErrorFacts } from "../../errors.js";
import { Container, type ContainerShape, type Death, nameOf } from "../container.js";
import { Gate, wakeAll } from "../parts/gate.js";
import { isOurs, OwnerWord, ownerOf, recoverOwner } from "../parts/owner-word.js";
import { Pending } from "../parts/pending.js";
import { damagedCounters } from "../parts/refusals.js";
import { type AbortOptions, TIMEOUT_MS, type WaitAsyncOptions, type WaitOptions } from "../parts/sleeping.js";
import { Slots } from "../parts/slots.js";
import { inTurns } from "../parts/turns.js";
import { until } from "../parts/until.js";
import { badMost, noElement, noRoom, notAList, pushesAlready } from "./refusals.js";

const AT = QUEUE.at;
/** Looks at both counters, until the head has not changed between two. */
const LOOKS = 100;
const NO_OPTIONS = {};

/** A queue of at most `capacity` elements from any number of threads of all processes to any number of them, in the order of the pushes. */
export class Queue<T, W = T> extends Container {
  readonly #view: MemoryView;
  readonly #words: Uint32Array;
  /** Of the first word in `words`. */
  #base: number;
  readonly #length: number;
  readonly #field: string;
  readonly #slots: Slots<T, W>;
  readonly #pusher: OwnerWord;
  readonly #popper: OwnerWord;
  readonly #arrivals: Gate;
  readonly #departures: Gate;
  #pushes: Pending<W, true> | undefined;
  #pops: Pending<undefined, Snapshot<T>> | undefined;

  static {
    spoilable<Queue<unknown>, never>(this, (own, unusable) => {
      own.#base = unusable;
    });
  }

  /** Frees the locks of the dead, and has all who wait look again. */
  static recover(memory: RawMemory, offset: number, _shape: ContainerShape, { number }: Death): void {
    recoverOwner(memory, (offset + AT.pusher) / 4, number, OWNER.free);
    recoverOwner(memory, (offset + AT.popper) / 4, number, OWNER.free);
    // Whether it had one or not: it may have died between a counter and the wake-up, and so may who recovered before.
    wakeAll(memory, (offset + AT.arrivals) / 4);
    wakeAll(memory, (offset + AT.departures) / 4);
  }

  /** What a participant has of it, for people. */
  static holdings(memory: RawMemory, offset: number, _shape: ContainerShape, number: number): string | undefined {
    const has = (at: number): boolean => ownerOf(memory.u32, (offset + at) / 4) === number;
    const parts = [has(AT.pusher) && "pushing", has(AT.popper) && "popping"].filter((part) => part !== false);
    return parts.length === 0 ? undefined : parts.join(" and ");
  }

  constructor(view: MemoryView, offset: number, shape: ContainerShape<T, W>, field: string) {
    super(view, offset, shape, field);
    const name = nameOf(view, offset, field);
    const word = (at: number): number => (offset + at) / 4;
    this.#view = view;
    this.#words = rawMemory(view).u32;
    this.#base = offset / 4;
    this.#length = shape.length ?? 0;
    this.#field = name;
    this.#slots = new Slots<T, W>(view, offset + (shape.at["slots"] ?? 0), shape, name);
    this.#pusher = new OwnerWord(view, word(AT.pusher), name, pushesAlready);
    this.#popper = new OwnerWord(view, word(AT.popper), name);
    this.#arrivals = new Gate(view, word(AT.arrivals), name);
    this.#departures = new Gate(view, word(AT.departures), name);
  }

  /** Elements that it can hold. */
  get capacity(): number {
    if (this.#view.closed) throw closed(this.#view.label, this.#field);
    return this.#length;
  }

  /** Elements that are in it, for the moment. @throws ShmError ERR_SHM_FORMAT for counters that cannot be, ERR_SHM_CLOSED */
  get length(): number {
    const counters = this.#counters();
    if (counters.length > this.#length) throw this.#damaged(counters.tail, counters.head);
    return counters.length;
  }

  /**
   * Appends an element: it is stored, and then made visible by one atomic store, while no other thread pushes. False, and nothing done, when
   * the queue is full. Fields that `value` does not give are zero. Killed at any instruction, this thread has pushed all of it, or nothing.
   * @throws ShmRangeError for a value that does not fit, or a field that there is not; ShmError ERR_SHM_BUSY when another thread is within a
   * push for 5 s, because it is stopped; ERR_SHM_READ_ONLY, ERR_SHM_UNSUPPORTED, ERR_SHM_FORMAT for counters that others have
   * damaged, ERR_SHM_CLOSED
   */
  push(value: W): boolean {
    return this.#pushWithin(TIMEOUT_MS, value);
  }

  /**
   * Appends as many as there is room for, one behind the other, and makes them visible together, by one atomic store: how many. If one of them
   * is refused, none is pushed. @throws as {@link push}
   */
  pushMany(values: readonly W[]): number {
    if (!Array.isArray(values)) throw notAList(this.#facts, values);
    const lock = this.#pusher;
    lock.take();
    let count: number;
    try {
      count = this.#appendMany(values);
    } finally {
      lock.release();
    }
    if (count > 0) this.#arrivals.wake(count);
    return count;
  }

  /**
   * As {@link push}, but sleeps until there is room. Not in a thread that has an event loop to serve.
   * @throws ShmError ERR_SHM_BUSY at the timeout
   */
  pushWait(value: W, options: WaitOptions = NO_OPTIONS): void {
    checkOptions(options, "wait");
    const { timeoutMs = TIMEOUT_MS } = options;
    if (this.#pushWithin(timeoutMs, value)) return;
    const [gate, mayBeThere] = [this.#departures, () => this.#count() < this.#length];
    const attempt = (leftMs: number): true | undefined => this.#pushWithin(leftMs, value) || undefined;
    until({ gate, attempt, mayBeThere, busy: this.#full }, timeoutMs);
  }

  /**
   * As {@link push}, but resolves when there was room, and blocks nothing. Those of this thread that wait are pushed in the order of their
   * calls; {@link push} does not queue up behind them. The value is read when there is room. Rejects with the reason of `signal` when that is
   * aborted, and then nothing was pushed. @throws ShmError ERR_SHM_BUSY at the timeout, ERR_SHM_CLOSED when it is closed meanwhile
   */
  async pushAsync(value: W, options: WaitAsyncOptions = NO_OPTIONS): Promise<void> {
    checkOptions(options, "waitAsync");
    options.signal?.throwIfAborted();
    const lock = this.#pusher;
    if (this.#pushes?.isEmpty !== false && isOurs(lock.tryTake())) {
      let isPushed: boolean;
      try {
        isPushed = this.#append(value);
      } finally {
        lock.release();
      }
      if (isPushed) return this.#arrivals.wake();
    }
    await (this.#pushes ??= this.#pendingPushes()).add(value, options);
  }

  /**
   * Takes the first element: a copy, as `snapshot` makes it, and of numbers and text the value. Undefined when there is none. It is gone from
   * the queue before its user has it, by one atomic store, and so is gone with who is killed then: for work that has to be done, workQueue
   * has leases. @throws ShmError as {@link push}
   */
  pop(): Snapshot<T> | undefined {
    return this.#popWithin(TIMEOUT_MS);
  }

  /** Takes the elements that are there, at most `max`, together: none of them, or all, are gone with who is killed. @throws as {@link pop} */
  popMany(max = Infinity): Snapshot<T>[] {
    if (!(max >= 0) || (max !== Infinity && !Number.isInteger(max))) throw badMost(this.#facts, max);
    const lock = this.#popper;
    lock.take();
    let values: Snapshot<T>[];
    try {
      values = this.#firstMany(max);
    } finally {
      lock.release();
    }
    if (values.length > 0) this.#departures.wake(values.length);
    return values;
  }

  /** As {@link pop}, but sleeps until there is an element. @throws ShmError ERR_SHM_BUSY at the timeout */
  popWait(options: WaitOptions = NO_OPTIONS): Snapshot<T> {
    checkOptions(options, "wait");
    const { timeoutMs = TIMEOUT_MS } = options;
    const [gate, mayBeThere] = [this.#arrivals, () => this.#count() > 0];
    const attempt = (leftMs: number): Snapshot<T> | undefined => this.#popWithin(leftMs);
    return attempt(timeoutMs) ?? until({ gate, attempt, mayBeThere, busy: this.#empty }, timeoutMs);
  }

  /**
   * As {@link pop}, but resolves when there was an element, and blocks nothing. Rejects with the reason of `signal` when that is aborted, and
   * then nothing was taken.
   */
  async popAsync(options: WaitAsyncOptions = NO_OPTIONS): Promise<Snapshot<T>> {
    checkOptions(options, "waitAsync");
    options.signal?.throwIfAborted();
    const lock = this.#popper;
    if (this.#pops?.isEmpty !== false && isOurs(lock.tryTake())) {
      let value: Snapshot<T> | undefined;
      try {
        value = this.#first();
      } finally {
        lock.release();
      }
      if (value !== undefined) {
        this.#departures.wake();
        return value;
      }
    }
    return (this.#pops ??= this.#pendingPops()).add(undefined, options);
  }

  /**
   * Elements as they come, each for one iteration of all threads: `for await (const order of queue)`. Ends by `break`, or throws: the
   * signal's reason, or ERR_SHM_CLOSED.
   */
  items(options: AbortOptions = NO_OPTIONS): AsyncGenerator<Snapshot<T>, never, undefined> {
    checkOptions(options, "items");
    if (this.#view.closed) throw closed(this.#view.label, this.#field);
    return inTurns(() => this.popAsync({ ...options, timeoutMs: Infinity }));
  }

  /** As {@link items}. */
  [Symbol.asyncIterator](): AsyncGenerator<Snapshot<T>, never, undefined> {
    return this.items();
  }

  /** Its state, for people. Never refuses what others have written: a length beyond the capacity says that the words are damaged. */
  toJSON(): { length: number; capacity: number } {
    return { length: this.#counters().length, capacity: this.#length };
  }

  /** `timeoutMs`: of the wait for the lock. */
  #pushWithin(timeoutMs: number, value: W): boolean {
    const lock = this.#pusher;
    lock.take(timeoutMs);
    let isPushed: boolean;
    try {
      isPushed = this.#append(value);
    } finally {
      lock.release();
    }
    if (isPushed) this.#arrivals.wake();
    return isPushed;
  }

  /** `timeoutMs`: of the wait for the lock. */
  #popWithin(timeoutMs: number): Snapshot<T> | undefined {
    const lock = this.#popper;
    lock.take(timeoutMs);
    let value: Snapshot<T> | undefined;
    try {
      value = this.#first();
    } finally {
      lock.release();
    }
    if (value !== undefined) this.#departures.wake();
    return value;
  }

  /** By who has pusher. */
  #append(value: W): boolean {
    const words = this.#words;
    const base = this.#base;
    const tail = words[base + TAIL]!; // Step push.readTail
    if ((tail - words[base + HEAD_SEEN]!) >>> 0 >= this.#length && this.#room(tail) === 0) return false;
    this.#slots.store(tail & (this.#length - 1), value); // Steps push.first push.second
    Atomics.store(words, base + TAIL, tail + 1); // Step push.publish
    return true;
  }

  #appendMany(values: readonly W[]): number {
    const words = this.#words;
    const tail = words[this.#base + TAIL]!; // Step push.readTail
    const count = Math.min(values.length, this.#room(tail));
    // Steps push.first push.second
    for (let at = 0; at < count; at += 1) this.#slots.store((tail + at) & (this.#length - 1), values[at]!);
    if (count > 0) Atomics.store(words, this.#base + TAIL, tail + count); // Step push.publish
    return count;
  }

  /** Reads the head anew: how many there is room for. */
  #room(tail: number): number {
    const head = Atomics.load(this.#words, this.#base + HEAD); // Step push.rereadHead
    if ((tail - head) >>> 0 > this.#length) throw this.#damaged(tail, head);
    this.#words[this.#base + HEAD_SEEN] = head; // Step push.noteHead
    return this.#length - ((tail - head) >>> 0);
  }

  /** By who has popper. */
  #first(): Snapshot<T> | undefined {
    const words = this.#words;
    const base = this.#base;
    const head = words[base + HEAD]!; // Step pop.readHead
    const ahead = (words[base + TAIL_SEEN]! - head) >>> 0;
    if ((ahead === 0 || ahead > this.#length) && this.#available(head) === 0) return undefined;
    const value = this.#slots.copy(head & (this.#length - 1)); // Steps pop.first pop.second
    Atomics.store(words, base + HEAD, head + 1); // Step pop.take
    return value;
  }

  #firstMany(max: number): Snapshot<T>[] {
    const head = this.#words[this.#base + HEAD]!; // Step pop.readHead
    const values: Snapshot<T>[] = [];
    const count = Math.min(max, this.#available(head));
    // Steps pop.first pop.second
    for (let at = 0; at < count; at += 1) values.push(this.#slots.copy((head + at) & (this.#length - 1)));
    if (count > 0) Atomics.store(this.#words, this.#base + HEAD, head + count); // Step pop.take
    return values;
  }

  /** Reads the tail anew: how many elements there are. */
  #available(head: number): number {
    const tail = Atomics.load(this.#words, this.#base + TAIL); // Step pop.rereadTail
    if ((tail - head) >>> 0 > this.#length) throw this.#damaged(tail, head);
    this.#words[this.#base + TAIL_SEEN] = tail; // Step pop.noteTail
    return (tail - head) >>> 0;
  }

  /** Elements, by one look at both counters, of two moments. */
  #count(): number {
    if (this.#view.closed) throw closed(this.#view.label, this.#field);
    const head = Atomics.load(this.#words, this.#base + HEAD);
    return (Atomics.load(this.#words, this.#base + TAIL) - head) >>> 0;
  }

  /** Tail and head of one moment, if one is to be had. */
  #counters(): { readonly tail: number; readonly head: number; readonly length: number } {
    if (this.#view.closed) throw closed(this.#view.label, this.#field);
    const [words, base] = [this.#words, this.#base];
    let head = Atomics.load(words, base + HEAD);
    for (let looks = 0; ; looks += 1) {
      const tail = Atomics.load(words, base + TAIL);
      const again = Atomics.load(words, base + HEAD);
      const length = (tail - again) >>> 0;
      if (again === head) return { tail, head, length };
      // Others are faster than we look: it was not empty, and not more than full.
      if (looks === LOOKS) return { tail, head: again, length: Math.min(this.#length, length) };
      head = again;
    }
  }

  #pendingPushes(): Pending<W, true> {
    return new Pending<W, true>({
      gate: this.#departures,
      lock: this.#pusher,
      attempt: (value) => this.#append(value) || undefined,
      done: () => this.#arrivals.wake(),
      busy: this.#full,
    });
  }

  #pendingPops(): Pending<undefined, Snapshot<T>> {
    return new Pending<undefined, Snapshot<T>>({
      gate: this.#arrivals,
      lock: this.#popper,
      attempt: () => this.#first(),
      done: () => this.#departures.wake(),
      busy: this.#empty,
    });
  }

  get #facts(): ShmErrorFacts {
    return { path: this.#view.label, field: this.#field };
  }

  #damaged(tail: number, head: number): Error {
    return damagedCounters(this.#facts, tail >>> 0, head >>> 0, this.#length);
  }

  readonly #full = (timeoutMs: number): Error => noRoom(this.#facts, timeoutMs);
  readonly #empty = (timeoutMs: number): Error => noElement(this.#facts, timeoutMs);
}

const TAIL = AT.tail / 4;
const HEAD = AT.head / 4;
const HEAD_SEEN = AT.headSeen / 4;
const TAIL_SEEN = AT.tailSeen / 4;

/** A queue in memory that is only read. `T` is what it holds: nobody sees that without taking it. */
export type QueueReader<T> = Pick<Queue<T>, "capacity" | "length" | "toJSON">;
