/**
 * `slotPool<T, N>`: slots that are lent by handles. Its bytes are in schema/containers/slot-pool.ts, its steps in test/model/slot-pool.ts.
 *
 *   alloc   under the lock: a slot out of the list, its generation raised, then its state: who has it, the one store that counts
 *   take    under the lock: the state of a handle's slot, from who had it to who takes it
 *   lend    the state, from who has it to nobody: whoever has the handle may take it, and no death frees it
 *   free    under the lock: the state, then the list
 *   death   the states of the dead are freed by compare and exchange, without the lock, which somebody stopped may have. `losses` says that
 *           the list is incomplete; the next to have the lock makes it anew of the states
 */
import { OWNER } from "../../../schema/containers/owner.js";
import { POOL_ENTRY, SLOT_POOL } from "../../../schema/containers/slot-pool.js";
import type { MemoryView, RawMemory } from "../../access/memory-view.js";
import { rawMemory } from "../../access/memory-view.js";
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
import { until } from "../parts/until.js";
import { FREED, LONG_WAY, type PoolKernel, poolKernel } from "./kernel.js";
import { PoolSlot, type SlotPort } from "./pool-slot.js";
import { allSlotsOwn, damagedList, noSlot, notAHandle, slotIsOver, staleHandle, takenOver } from "./refusals.js";

const AT = SLOT_POOL.at;
const STRIDE = POOL_ENTRY.size / 4;
/** The state of a slot that is lent, and nobody's. */
const LENT = OWNER.abandoned;
const NO_OPTIONS = {};

/**
 * Slots of which each is had by one thread at a time, of all processes, and passed on by a handle. SIGKILL of its owner at any instruction
 * gives a slot back to the pool; one that is lent stays, for whoever has its handle. Closing a region gives back what its thread has,
 * when it is the thread's last handle of the region.
 */
export class SlotPool<T, W = T> extends Container {
  readonly #view: MemoryView;
  readonly #words: Uint32Array;
  /** Of the first word in `words`. */
  #base: number;
  readonly #states: number;
  readonly #length: number;
  readonly #field: string;
  readonly #slots: Slots<T, W>;
  readonly #lock: OwnerWord;
  readonly #list: FreeList;
  readonly #gate: Gate;
  readonly #kernel: PoolKernel;
  readonly #part: TakingPart;
  readonly #owners: AskedOwners;
  readonly #port: SlotPort<T, W>;
  #pending: Pending<undefined, PoolSlot<T, W>> | undefined;

  static {
    spoilable<SlotPool<unknown>, never>(this, (own, unusable) => {
      own.#base = unusable;
    });
  }

  /** Frees the slots of the dead, and the lock; says that the list is incomplete, and has all who wait look again. */
  static recover(memory: RawMemory, offset: number, shape: ContainerShape, { number }: Death): void {
    const words = memory.u32;
    const states = statesAt(offset, shape);
    for (let index = 0; index < (shape.length ?? 0); index += 1) {
      const at = states + index * STRIDE;
      // Step recover.slot
      if (Atomics.load(words, at) === number) Atomics.compareExchange(words, at, number, OWNER.free);
    }
    // Whether there were any or not: who recovered before may have died here, and the dead one with the lock.
    Atomics.add(words, (offset + AT.losses) / 4, 1); // Step recover.losses
    recoverOwner(memory, (offset + AT.lock) / 4, number, OWNER.free);
    wakeAll(memory, (offset + AT.returns) / 4);
  }

  /** What a participant has of it, for people. */
  static holdings(memory: RawMemory, offset: number, shape: ContainerShape, number: number): string | undefined {
    const states = statesAt(offset, shape);
    let count = 0;
    for (let index = 0; index < (shape.length ?? 0); index += 1) {
      if (Atomics.load(memory.u32, states + index * STRIDE) === number) count += 1;
    }
    const parts = [
      ...(count === 0 ? [] : [`${count} slot${count === 1 ? "" : "s"}`]),
      ...(ownerOf(memory.u32, (offset + AT.lock) / 4) === number ? ["the lock"] : []),
    ];
    return parts.length === 0 ? undefined : parts.join(" and ");
  }

  constructor(view: MemoryView, offset: number, shape: ContainerShape<T, W>, field: string) {
    super(view, offset, shape, field);
    const name = nameOf(view, offset, field);
    const word = (at: number): number => (offset + at) / 4;
    const length = shape.length ?? 0;
    const states = statesAt(offset, shape);
    this.#view = view;
    this.#words = rawMemory(view).u32;
    this.#base = offset / 4;
    this.#states = states;
    this.#length = length;
    this.#field = name;
    this.#slots = new Slots<T, W>(view, offset + (shape.at["slots"] ?? 0), shape, name);
    this.#lock = new OwnerWord(view, word(AT.lock), name);
    this.#list = new FreeList({
      words: this.#words,
      fresh: word(AT.fresh),
      free: word(AT.free),
      state: states,
      next: states + POOL_ENTRY.next / 4,
      stride: STRIDE,
      length,
    });
    this.#gate = new Gate(view, word(AT.returns), name);
    this.#kernel = poolKernel(view, offset, states * 4, length);
    this.#part = new TakingPart(view, name);
    this.#owners = new AskedOwners({
      part: this.#part,
      length,
      ownerAt: (index) => this.#stateOf(index),
      nobody: LENT,
      path: view.label,
      field: name,
    });
    this.#port = {
      show: (index) => this.#show(index),
      store: (index, value) => this.#slots.store(index, value),
      handleOf: (index, generation) => (BigInt(generation) << 32n) | BigInt(index),
      free: (index, generation) => this.#free(index, generation),
      lend: (index) => this.#lend(index),
      over: (index) => slotIsOver(this.#facts, index),
    };
  }

  /** Slots altogether. */
  get capacity(): number {
    if (this.#view.closed) throw closed(this.#view.label, this.#field);
    return this.#length;
  }

  /** Slots that are free, by one look at each of them. Those of the dead count as taken until somebody finds them. */
  get available(): number {
    return this.#count((state) => state === OWNER.free);
  }

  /** Slots that are lent and that nobody has taken, by one look at each of them. */
  get lent(): number {
    return this.#count((state) => state === LENT);
  }

  /**
   * Takes a slot, if one is free, or who has one is found dead; else undefined. Its bytes are those that were there before.
   * @throws ShmError ERR_SHM_BUSY when another thread is within a call for 5 s, because it is stopped; ERR_SHM_READ_ONLY,
   * ERR_SHM_UNSUPPORTED, ERR_SHM_FORMAT for words that others have damaged, ERR_SHM_CLOSED
   */
  alloc(): PoolSlot<T, W> | undefined {
    return this.#allocWithin(TIMEOUT_MS);
  }

  /**
   * As {@link alloc}, but sleeps until there is a slot. Not in a thread that has an event loop to serve.
   * @throws ShmError ERR_SHM_BUSY at the timeout, with who has them, and at once when this thread has all of them
   */
  allocWait(options: WaitOptions = NO_OPTIONS): PoolSlot<T, W> {
    checkOptions(options, "wait");
    const { timeoutMs = TIMEOUT_MS } = options;
    const found = this.#allocWithin(timeoutMs);
    if (found !== undefined) return found;
    const attempt = (leftMs: number): PoolSlot<T, W> | undefined => {
      const slot = this.#tryAlloc(leftMs);
      if (slot === undefined && this.#owners.ask(this.#lock.self()) === "own") throw allSlotsOwn(this.#facts);
      return slot;
    };
    const [gate, mayBeThere] = [this.#gate, () => this.#list.mayHaveOne];
    return until({ gate, attempt, mayBeThere, busy: this.#busy }, timeoutMs);
  }

  /**
   * As {@link alloc}, but resolves when there is a slot, and blocks nothing; those of this thread have one in the order of their calls.
   * Rejects with the reason of `signal` when that is aborted, and then none was taken.
   */
  async allocAsync(options: WaitAsyncOptions = NO_OPTIONS): Promise<PoolSlot<T, W>> {
    checkOptions(options, "waitAsync");
    options.signal?.throwIfAborted();
    const lock = this.#lock;
    if (this.#pending?.isEmpty !== false && isOurs(lock.tryTake())) {
      let slot: PoolSlot<T, W> | undefined;
      try {
        slot = this.#first();
      } finally {
        lock.release();
      }
      if (slot !== undefined) return slot;
    }
    return (this.#pending ??= this.#newPending()).add(undefined, options);
  }

  /**
   * Takes over the slot of a handle, from who has lent it or has it still: it is this thread's from then on, and frees it by its death or by
   * {@link PoolSlot.free}. A handle is had by who is to have the slot: whoever shows it gets it.
   * @throws ShmError ERR_SHM_STALE when the slot was freed since; ShmRangeError for what is no handle; otherwise as {@link alloc}
   */
  take(handle: bigint): PoolSlot<T, W> {
    const { index, generation } = this.#parse(handle);
    const lock = this.#lock;
    lock.take();
    try {
      this.#mend();
      this.#own(index, generation);
    } finally {
      lock.release();
    }
    return new PoolSlot(this.#port, index, generation);
  }

  /**
   * The slot of a handle, in place, without taking it: for who reads what another one has, and has agreed with it for how long.
   * @throws ShmError ERR_SHM_STALE when it was freed since; ERR_SHM_CLOSED; ShmRangeError for what is no handle
   */
  get(handle: bigint): T {
    const { index, generation } = this.#parse(handle);
    if (this.#generationOf(index) !== generation || this.#stateOf(index) === OWNER.free) {
      throw this.#stale(index, generation);
    }
    return this.#show(index);
  }

  /** Its state, for people. */
  toJSON(): { available: number; lent: number; capacity: number } {
    return { available: this.available, lent: this.lent, capacity: this.#length };
  }

  #show(index: number): T {
    if (this.#view.closed) throw closed(this.#view.label, this.#field);
    return this.#slots.at(index);
  }

  #stateOf(index: number): number {
    return Atomics.load(this.#words, this.#states + index * STRIDE);
  }

  #generationOf(index: number): number {
    return Atomics.load(this.#words, this.#states + index * STRIDE + GENERATION);
  }

  #count(counts: (state: number) => boolean): number {
    if (this.#view.closed) throw closed(this.#view.label, this.#field);
    let count = 0;
    for (let index = 0; index < this.#length; index += 1) if (counts(this.#stateOf(index))) count += 1;
    return count;
  }

  /** `timeoutMs`: of a wait for the lock. Asks for dead owners when nothing is free. */
  #allocWithin(timeoutMs: number): PoolSlot<T, W> | undefined {
    const slot = this.#tryAlloc(timeoutMs);
    if (slot !== undefined || this.#owners.ask(this.#lock.self()) !== "recovered") return slot;
    return this.#tryAlloc(timeoutMs);
  }

  #tryAlloc(timeoutMs: number): PoolSlot<T, W> | undefined {
    const lock = this.#lock;
    const done = this.#kernel.alloc(lock.self());
    if (done >= 0) {
      if (done % 2 === 1) lock.release();
      const index = done >> 1;
      return new PoolSlot(this.#port, index, this.#words[this.#states + index * STRIDE + GENERATION]!);
    }
    if (done === LONG_WAY.withoutLock) lock.take(timeoutMs);
    try {
      return this.#first();
    } finally {
      lock.release();
    }
  }

  /** By who has the lock. */
  #first(): PoolSlot<T, W> | undefined {
    this.#mend();
    const index = this.#list.take();
    if (index >= 0) return this.#given(index);
    if (index === -1) return undefined;
    this.#list.rebuild();
    const again = this.#list.take();
    if (again < -1) throw damagedList(this.#facts);
    return again >= 0 ? this.#given(again) : undefined;
  }

  #given(index: number): PoolSlot<T, W> {
    const words = this.#words;
    const state = this.#states + index * STRIDE;
    // 0 is no generation, so that no handle is 0n.
    const generation = (words[state + GENERATION]! + 1) >>> 0 || 1;
    Atomics.store(words, state + GENERATION, generation); // Step alloc.raise
    Atomics.store(words, state, this.#lock.self()); // Step alloc.publish
    return new PoolSlot(this.#port, index, generation);
  }

  /** After the lock was taken: makes the list anew if a death may have left it incomplete. */
  #mend(): void {
    const base = this.#base;
    mendLists(this.#words, { losses: base + LOSSES, repaired: base + REPAIRED }, () => this.#list.rebuild());
  }

  /** By who has the lock. The state may change meanwhile: it is lent, or freed because its owner died. */
  #own(index: number, generation: number): void {
    const at = this.#states + index * STRIDE;
    for (let tries = 0; tries < TRIES; tries += 1) {
      const state = Atomics.load(this.#words, at); // Step take.look
      if (state === OWNER.free || this.#generationOf(index) !== generation) break;
      // Step take.own
      if (Atomics.compareExchange(this.#words, at, state, this.#lock.self()) === state) return;
    }
    throw this.#stale(index, generation);
  }

  #free(index: number, generation: number): void {
    const lock = this.#lock;
    if (this.#view.closed) throw this.#part.endAfterClose(lock.self(), () => this.#leave(index));
    const done = this.#kernel.free(lock.self(), index, generation);
    if (done === 0) return;
    if (done > 0) {
      if (done === FREED.hasToRelease) lock.release();
      this.#gate.wake();
      return;
    }
    if (done === LONG_WAY.withoutLock) lock.take();
    try {
      this.#mend();
      this.#release(index, generation);
    } finally {
      lock.release();
    }
    this.#gate.wake();
  }

  /** By who has the lock. */
  #release(index: number, generation: number): void {
    const me = this.#lock.self();
    const at = this.#states + index * STRIDE;
    if (this.#generationOf(index) !== generation) throw this.#stale(index, generation);
    const found = Atomics.compareExchange(this.#words, at, me, OWNER.free); // Step free.publish
    if (found === OWNER.free) throw this.#stale(index, generation);
    if (found !== me) throw takenOver(this.#facts, index, this.#holder(found));
    this.#list.give(index);
  }

  #lend(index: number): void {
    if (this.#view.closed) throw closed(this.#view.label, this.#field);
    // Whoever has taken it already has it: then there is nothing to leave.
    Atomics.compareExchange(this.#words, this.#states + index * STRIDE, this.#lock.self(), LENT); // Step lend.publish
  }

  /** After its handle was closed, where the thread has others: the list is made anew by the next one to have the lock. */
  #leave(index: number): void {
    Atomics.compareExchange(this.#words, this.#states + index * STRIDE, this.#lock.self(), OWNER.free);
    Atomics.add(this.#words, this.#base + LOSSES, 1);
  }

  #holder(state: number): string | undefined {
    return state === LENT || state > OWNER.most ? undefined : this.#part.port.describe(state);
  }

  #parse(handle: bigint): { readonly index: number; readonly generation: number } {
    if (this.#view.closed) throw closed(this.#view.label, this.#field);
    if (typeof handle !== "bigint" || handle !== BigInt.asUintN(64, handle)) {
      throw notAHandle(this.#facts, this.#length, handle);
    }
    const index = Number(handle & 0xffff_ffffn);
    const generation = Number(handle >> 32n);
    if (index >= this.#length || generation === 0) throw notAHandle(this.#facts, this.#length, handle);
    return { index, generation };
  }

  #newPending(): Pending<undefined, PoolSlot<T, W>> {
    return new Pending<undefined, PoolSlot<T, W>>({
      gate: this.#gate,
      lock: this.#lock,
      attempt: () => this.#first(),
      missed: () => this.#owners.ask(this.#lock.self()) === "recovered",
      done: () => undefined,
      busy: this.#busy,
    });
  }

  get #facts(): ShmErrorFacts {
    return { path: this.#view.label, field: this.#field };
  }

  #stale(index: number, generation: number): Error {
    const now = this.#stateOf(index) === OWNER.free ? "free" : this.#generationOf(index);
    return staleHandle(this.#facts, index, generation, now);
  }

  readonly #busy = (timeoutMs: number): Error => noSlot(this.#facts, this.#owners.names(), timeoutMs);
}

/** Looks at a state that others change all the time. */
const TRIES = 1000;
const LOSSES = AT.losses / 4;
const REPAIRED = AT.repaired / 4;
const GENERATION = POOL_ENTRY.generation / 4;

/** Index of the state of the first slot. */
function statesAt(offset: number, { at }: ContainerShape): number {
  return (offset + (at["entries"] ?? 0) + POOL_ENTRY.state) / 4;
}

/** A pool in memory that is only read. */
export type SlotPoolReader<T> = Pick<SlotPool<T>, "get" | "available" | "lent" | "capacity" | "toJSON">;
