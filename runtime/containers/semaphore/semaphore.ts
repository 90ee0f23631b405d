/**
 * N permits, each a word with the number of whoever has it, and a gate to sleep on: schema/containers/semaphore.ts. The steps are those
 * of test/model/semaphore.ts.
 *
 *   acquire   a permit: 0 -> me. When there is none: bit 31 of the gate on, look again, sleep on the gate
 *   release   the permit: me -> 0, then the gate (gate.ts)
 *   recover   permits of the dead: -> 0, then all are woken
 */
import { OWNER } from "../../../schema/containers/owner.js";
import { SEMAPHORE } from "../../../schema/containers/semaphore.js";
import type { MemoryView, RawMemory } from "../../access/memory-view.js";
import { rawMemory } from "../../access/memory-view.js";
import { closed } from "../../access/refusals.js";
import { spoilable } from "../../access/retire.js";
import { checkOptions } from "../../arguments/check-options.js";
import { monotonicMs } from "../../monotonic.js";
import { Container, type ContainerShape, type Death, nameOf } from "../container.js";
import { disposes } from "../../access/disposing.js";
import { AskedOwners } from "../parts/asked-owners.js";
import { Gate, wakeAll } from "../parts/gate.js";
import { damagedWord } from "../parts/refusals.js";
import { allPermitsOwn, noPermit } from "./refusals.js";
import { SLICE_MS, TIMEOUT_MS, type WaitAsyncOptions, type WaitOptions } from "../parts/sleeping.js";
import { TakingPart } from "../parts/taking-part.js";

const GATE = SEMAPHORE.at.gate;
const permitsAt = (offset: number, { at }: ContainerShape): number => (offset + (at["permits"] ?? 0)) / 4;

let giveBack: (semaphore: Semaphore, index: number) => void;

/** One of the permits of a semaphore. */
export class Permit {
  /** {@link Permit.release}, for `using`. */
  declare readonly [Symbol.dispose]: () => void;
  /** Undefined when it was given back. */
  #semaphore: Semaphore | undefined;
  readonly #index: number;

  static {
    disposes(this, "release");
  }

  constructor(semaphore: Semaphore, index: number) {
    this.#semaphore = semaphore;
    this.#index = index;
  }

  /**
   * Gives it back, and wakes one who waits. A second call does nothing: it may be another one's by then.
   * @throws ShmError ERR_SHM_CLOSED after close; ERR_SHM_FORMAT when its word says that somebody else has it
   */
  release(): void {
    const semaphore = this.#semaphore;
    if (semaphore === undefined) return;
    this.#semaphore = undefined;
    giveBack(semaphore, this.#index);
  }
}

/**
 * Permits of which each is had by one at a time, of all threads and processes; a thread may have several. What was stored before a
 * permit was given back is seen by whoever has it next.
 *
 * SIGKILL of its owner at any instruction gives a permit back: to the next one to come when all others are taken, and to who sleeps after
 * 100 ms at most. Closing a region gives them back as well, when it is the thread's last handle.
 */
export class Semaphore extends Container {
  readonly #words: Uint32Array;
  readonly #gate: Gate;
  #permits: number;
  readonly #length: number;
  readonly #view: MemoryView;
  readonly #field: string;
  readonly #part: TakingPart;
  /** This thread's number; 0 before its first use. */
  #me = 0;
  /** Where to look first. */
  #first = -1;
  readonly #owners: AskedOwners;

  static {
    spoilable<Semaphore, never>(this, (own, unusable) => {
      own.#permits = unusable;
    });
    giveBack = (semaphore, index) => semaphore.#release(index);
  }

  /** Gives back all permits of a dead participant, and wakes all who wait. */
  static recover(memory: RawMemory, offset: number, shape: ContainerShape, { number }: Death): void {
    const words = memory.u32;
    const first = permitsAt(offset, shape);
    for (let index = first; index < first + (shape.length ?? 0); index += 1) {
      // Step recover.permit
      if (Atomics.load(words, index) === number) Atomics.compareExchange(words, index, number, OWNER.free);
    }
    // Whether there were any or not: who recovered before may have died here.
    wakeAll(memory, (offset + GATE) / 4);
  }

  /** What a participant has of it, for people. */
  static holdings(memory: RawMemory, offset: number, shape: ContainerShape, number: number): string | undefined {
    const first = permitsAt(offset, shape);
    const permits = memory.u32.subarray(first, first + (shape.length ?? 0));
    const count = permits.reduce((sum, _permit, index) => sum + Number(Atomics.load(permits, index) === number), 0);
    return count === 0 ? undefined : `${count} permit${count === 1 ? "" : "s"}`;
  }

  constructor(view: MemoryView, offset: number, shape: ContainerShape, field: string) {
    super(view, offset, shape, field);
    const name = nameOf(view, offset, field);
    this.#words = rawMemory(view).u32;
    this.#gate = new Gate(view, (offset + GATE) / 4, name);
    this.#permits = permitsAt(offset, shape);
    this.#length = shape.length ?? 0;
    this.#view = view;
    this.#field = name;
    this.#part = new TakingPart(view, name);
    this.#owners = new AskedOwners({
      part: this.#part,
      length: this.#length,
      ownerAt: (index) => this.#ownerOf(index),
      path: view.label,
      field: name,
    });
  }

  /** Permits altogether. */
  get capacity(): number {
    if (this.#view.closed) throw closed(this.#view.label, this.#field);
    return this.#length;
  }

  /** Permits that nobody has, by one look at each of them. Those of the dead count as taken until somebody finds them. */
  get available(): number {
    let count = 0;
    for (let index = 0; index < this.#length; index += 1) {
      if (this.#ownerOf(index) === OWNER.free) count += 1;
    }
    return count;
  }

  /**
   * Takes a permit, and blocks this thread until there is one. @throws ShmError ERR_SHM_BUSY at the timeout, with who has them, and at
   * once when this thread has all of them; ERR_SHM_FORMAT for damaged words; ERR_SHM_READ_ONLY, ERR_SHM_UNSUPPORTED for memory
   * without participants, ERR_SHM_CLOSED
   */
  acquire(options?: WaitOptions): Permit {
    if (options !== undefined) checkOptions(options, "wait");
    const index = this.#take(this.#me !== 0 ? this.#me : this.#claim());
    return new Permit(this, index >= 0 ? index : this.#acquireSlowly(options?.timeoutMs));
  }

  /** A permit, if there is one, or who has one is found dead; else undefined. Never sleeps. @throws ShmError as {@link Semaphore.acquire}, but for ERR_SHM_BUSY */
  tryAcquire(): Permit | undefined {
    const me = this.#me !== 0 ? this.#me : this.#claim();
    let index = this.#take(me);
    if (index < 0 && this.#owners.ask(me) === "recovered") index = this.#take(me);
    return index < 0 ? undefined : new Permit(this, index);
  }

  /** As {@link Semaphore.acquire}, without blocking; flows get permits in no certain order. Rejects with the reason of `signal` when that is aborted. */
  async acquireAsync(options: WaitAsyncOptions = {}): Promise<Permit> {
    checkOptions(options, "waitAsync");
    const { timeoutMs = TIMEOUT_MS, signal } = options;
    const me = this.#me !== 0 ? this.#me : this.#claim();
    signal?.throwIfAborted();
    const deadline = monotonicMs() + timeoutMs;
    for (let index = this.#take(me); ; index = this.#take(me)) {
      if (index >= 0) return new Permit(this, index);
      this.#owners.ask(me);
      const gate = this.#gate.announce();
      index = this.#take(me);
      if (index >= 0) return new Permit(this, index);
      const slice = this.#slice(deadline, timeoutMs);
      await this.#gate.sleepAsync(gate, slice, signal);
      if (this.#view.closed) throw closed(this.#view.label, this.#field);
    }
  }

  /** For printing. */
  toJSON(): { available: number; capacity: number } {
    return { available: this.available, capacity: this.#length };
  }

  #ownerOf(index: number): number {
    return Atomics.load(this.#words, this.#permits + index);
  }

  /** Index of a permit that is ours now, or -1. */
  #take(me: number): number {
    const words = this.#words;
    const permits = this.#permits;
    const length = this.#length;
    for (let count = 0, index = this.#first; count < length; count += 1) {
      // Steps semaphore.look semaphore.take
      if (
        Atomics.load(words, permits + index) === OWNER.free &&
        Atomics.compareExchange(words, permits + index, OWNER.free, me) === OWNER.free
      ) {
        this.#first = index;
        return index;
      }
      index = index + 1 === length ? 0 : index + 1;
    }
    return -1;
  }

  #acquireSlowly(timeoutMs = TIMEOUT_MS): number {
    const me = this.#me;
    const deadline = monotonicMs() + timeoutMs;
    for (let index = -1; ; index = this.#take(me)) {
      if (index >= 0) return index;
      if (this.#owners.ask(me) === "own") throw allPermitsOwn(this.#view.label, this.#field);
      const gate = this.#gate.announce();
      index = this.#take(me);
      if (index >= 0) return index;
      this.#gate.sleep(gate, this.#slice(deadline, timeoutMs));
    }
  }

  /** Who had it; it is free if that was this thread. */
  #free(index: number): number {
    // Step semaphore.release
    return Atomics.compareExchange(this.#words, this.#permits + index, this.#me, OWNER.free);
  }

  #endAfterClose(index: number): Error {
    return this.#part.endAfterClose(this.#me, () => void this.#free(index));
  }

  #release(index: number): void {
    if (this.#view.closed) throw this.#endAfterClose(index);
    const owner = this.#free(index);
    if (owner !== this.#me) throw damagedWord(this.#view.label, this.#field, owner);
    this.#gate.wake();
  }

  /** How long to sleep next. @throws ShmError ERR_SHM_BUSY when the time is over */
  #slice(deadline: number, timeoutMs: number): number {
    const left = deadline - monotonicMs();
    if (left > 0) return Math.min(left, SLICE_MS);
    throw noPermit(this.#view.label, this.#field, this.#owners.names(), timeoutMs);
  }

  #claim(): number {
    const me = this.#part.claim();
    // Who begins at different permits does not meet.
    this.#first = (me - 1) % this.#length;
    return (this.#me = me);
  }
}

/** A semaphore of memory that is only read. */
export type SemaphoreReader = Pick<Semaphore, "available" | "capacity" | "toJSON">;
