/**
 * The robust lock: one word that says who has something. It is a word of other containers, and all of what a mutex is but the data
 * of its user. The steps are those of test/model/owner-word.ts.
 *
 *   take      0 -> me; else spin, set bit 31, sleep. Before each sleep the owner is asked for: what the dead had is recovered
 *   release   me -> 0; and when somebody sleeps, one of them is woken, or the next flow of this thread has it at once
 *   recover   owner -> free or abandoned, all are woken
 *
 * A thread has one number, so it can have the word once. Whoever is killed between two steps leaves at worst a sleeper that
 * nobody wakes, and sleepers look again after 100 ms.
 */
import { OWNER } from "../../../schema/containers/owner.js";
import type { FutexPort, MemoryView, RawMemory } from "../../access/memory-view.js";
import { rawMemory } from "../../access/memory-view.js";
import { closed } from "../../access/refusals.js";
import { monotonicMs } from "../../monotonic.js";
import { type FlowWord, type TakeOptions, flowsOf } from "./flows.js";
import { EVERYBODY, RECOVERIES, SLICE_MS, TIMEOUT_MS, triesAgain } from "./sleeping.js";
import { TakingPart } from "./taking-part.js";
import { cannotSleep, heldByAFlow, heldByThisThread, noOwner, stillHeld } from "./refusals.js";

/** Looks and tries before a taker says that it sleeps: about a microsecond, which is as long as what is done under most locks. */
const SPINS = 100;
/** Of one attempt, against words that change for ever. */
const TRIES = 1000;

/** Whether somebody has it, as far as the word says. */
function isOwned(word: number): boolean {
  const owner = word & OWNER.mask;
  return owner !== OWNER.free && owner !== OWNER.abandoned;
}

/** Whether a word is ours, by what {@link OwnerWord.tryTake} says of who had it. */
export function isOurs(before: number): boolean {
  return !isOwned(before);
}

/** Who has it: 0 nobody, 65535 nobody since its owner died. */
export function ownerOf(words: Uint32Array, index: number): number {
  return Atomics.load(words, index) & OWNER.mask;
}

/**
 * Takes a word from a dead participant, or from this thread, and wakes all who sleep. False when somebody else has it. Idempotent,
 * and waits for nobody.
 */
export function recoverOwner(
  memory: RawMemory,
  index: number,
  number: number,
  left: typeof OWNER.free | typeof OWNER.abandoned,
): boolean {
  const words = memory.u32;
  for (let failures = 0; ;) {
    const word = Atomics.load(words, index); // Step recover.look
    if ((word & OWNER.mask) !== number) return false;
    // The bit stays: a recoverer that dies here wakes nobody, and the next one to let go does.
    const next = (left | (word & OWNER.sleepers)) >>> 0;
    // Step recover.free
    if (Atomics.compareExchange(words, index, word, next) === word || !triesAgain((failures += 1))) break;
  }
  memory.futex?.notify(index * 4, EVERYBODY); // Step recover.wake
  return true;
}

export class OwnerWord implements FlowWord {
  readonly #view: MemoryView;
  readonly #memory: RawMemory;
  readonly #words: Uint32Array;
  readonly #index: number;
  readonly #field: string;
  readonly #part: TakingPart;
  readonly #isOurs: typeof heldByThisThread;
  /** This thread's number; 0 before its first use. */
  #me = 0;

  /** `index` is that of the word in `rawMemory(view).u32`; `isOurs` is what a thread is told that has it and would wait for itself. */
  constructor(view: MemoryView, index: number, field: string, isOurs = heldByThisThread) {
    this.#view = view;
    this.#memory = rawMemory(view);
    this.#words = this.#memory.u32;
    this.#index = index;
    this.#field = field;
    this.#part = new TakingPart(view, field);
    this.#isOurs = isOurs;
  }

  /** Who has it: 0 nobody, 65535 nobody since its owner died. */
  get owner(): number {
    return Atomics.load(this.#words, this.#index) & OWNER.mask;
  }

  get closed(): boolean {
    return this.#view.closed;
  }

  /** This thread's number. @throws ShmError ERR_SHM_CLOSED, ERR_SHM_READ_ONLY, ERR_SHM_UNSUPPORTED, ERR_SHM_BUSY */
  self(): number {
    return this.#me !== 0 ? this.#me : this.#claim();
  }

  /**
   * Takes it if nobody has it, or if who has it is dead: asks the kernel about the owner, and never sleeps. Says who had it: 0 or 65535
   * when it is ours now, with `leavesAbandoned` 0 alone.
   */
  tryTake(leavesAbandoned = false): number {
    const me = this.#me !== 0 ? this.#me : this.#claim();
    // Step lock.take
    if (Atomics.compareExchange(this.#words, this.#index, OWNER.free, me) === OWNER.free) return OWNER.free;
    return this.attempt("try", leavesAbandoned, false);
  }

  /**
   * Takes it, and sleeps until it can. Says who had it, 0 or 65535; with `leavesAbandoned` it is not ours in the second case.
   * @throws ShmError ERR_SHM_BUSY at the timeout, with who has it, and at once when this thread has it; ERR_SHM_FORMAT
   */
  take(timeoutMs = TIMEOUT_MS, leavesAbandoned = false): number {
    const me = this.#me !== 0 ? this.#me : this.#claim();
    // Step lock.take
    if (Atomics.compareExchange(this.#words, this.#index, OWNER.free, me) === OWNER.free) return OWNER.free;
    return this.#takeSlowly(timeoutMs, leavesAbandoned);
  }

  /** As {@link OwnerWord.take}, without blocking. Flows of one thread have it in the order in which they asked. */
  async takeAsync({ timeoutMs = TIMEOUT_MS, signal, leavesAbandoned = false }: TakeOptions = {}): Promise<number> {
    const me = this.self();
    signal?.throwIfAborted();
    const flows = this.#flows();
    if (flows.isEmpty && Atomics.compareExchange(this.#words, this.#index, OWNER.free, me) === OWNER.free) {
      return OWNER.free;
    }
    return flows.add({ word: this, timeoutMs, signal, leavesAbandoned, work: undefined });
  }

  /**
   * Calls `work` while this thread has the word, at once if nobody else has it, and lets go. Does not block the thread, and nothing else of it
   * runs while it has the word. Flows of one thread have their turns in the order in which they asked.
   */
  underAsync<R>(work: () => R, options: TakeOptions = {}): Promise<R> {
    return this.turnAsync(() => {
      try {
        return work();
      } finally {
        this.release();
      }
    }, options);
  }

  /** As {@link OwnerWord.underAsync}, with `work` that lets go itself, whatever happens. */
  async turnAsync<R>(work: () => R, { timeoutMs = TIMEOUT_MS, signal }: TakeOptions = {}): Promise<R> {
    signal?.throwIfAborted();
    const flows = this.#flows();
    if (flows.isEmpty && isOurs(this.tryTake())) return work();
    let end = (): R => {
      throw this.busy(timeoutMs);
    };
    const turn = (): void => {
      try {
        const result = work();
        end = () => result;
      } catch (error) {
        end = () => {
          throw error;
        };
      }
    };
    await flows.add({ word: this, timeoutMs, signal, leavesAbandoned: false, work: turn });
    return end();
  }

  /** Lets go of what this thread has. @throws ShmError ERR_SHM_CLOSED; ERR_SHM_FORMAT when the word says that it has not */
  release(): void {
    if (this.#view.closed) throw this.#endAfterClose();
    // Step lock.release
    if (Atomics.compareExchange(this.#words, this.#index, this.#me, OWNER.free) !== this.#me) this.#releaseToSleepers();
  }

  /** Leaves what this thread has as if it had died. */
  abandon(): void {
    if (!this.closed) this.#leave(OWNER.abandoned);
  }

  /** The error of who does not get it: who has it, or that the region was closed. `timeoutMs` is absent when nobody waited. */
  busy(timeoutMs?: number): Error {
    const { owner } = this;
    if (this.closed) return closed(this.#view.label, this.#field);
    const port = isOwned(owner) ? this.#memory.participants : undefined;
    const pid = port?.pidOf(owner);
    const facts = { path: this.#view.label, field: this.#field, ...(pid !== undefined && { pid }) };
    const refuse = isOwned(owner) && owner === this.#me ? heldByAFlow : stillHeld;
    return refuse(facts, port?.describe(owner), timeoutMs);
  }

  /**
   * One attempt: who had it when it is over, 0 or 65535; else who has it ("try"), or the word to sleep on, which has the bit of
   * sleepers. Who has slept takes it with that bit, because others may sleep. What a dead owner had and nobody can recover just now,
   * because somebody else is at it, is waited for.
   *
   * An owner that takes it again as soon as it has let it go can be faster each time, since it has the line. So who has tried in vain for a while
   * sets the bit all the same, and such an owner has to go the long way as well.
   */
  attempt(purpose: "try" | "block" | "flow", leavesAbandoned: boolean, hasSlept: boolean): number {
    const words = this.#words;
    const index = this.#index;
    const me = this.#me;
    let faster: number = OWNER.free;
    for (let tries = 0, failures = 0, recoveries = 0; tries < TRIES; tries += 1) {
      const word = Atomics.load(words, index); // Step lock.look
      const owner = word & OWNER.mask;
      if (owner === OWNER.free || owner === OWNER.abandoned) {
        if (owner === OWNER.abandoned && leavesAbandoned) return owner;
        const next = (me | (hasSlept ? OWNER.sleepers : word & OWNER.sleepers)) >>> 0;
        const found = Atomics.compareExchange(words, index, word, next); // Step lock.takeAgain
        if (found === word) return owner;
        faster = found & OWNER.mask;
        if (purpose === "try" || (failures += 1) < SPINS) continue;
      } else {
        if (owner === me && purpose === "block") throw this.#isOurs(this.#view.label, this.#field);
        // Step lock.isAlive
        if (owner !== me && this.#part.hasRecovered(owner, () => this.owner === owner)) {
          if ((recoveries += 1) > RECOVERIES) throw this.#damaged();
          continue;
        }
        if (purpose === "try") return owner;
      }
      const announced = this.#announce(word);
      if (isOwned(announced)) return announced;
    }
    // Words that change for ever are no reason to stay awake. If it is free by now, this sleep ends with its slice.
    if (purpose !== "try") return this.#announce(OWNER.free);
    // Each time there was somebody who was faster.
    if (isOwned(faster)) return faster;
    throw this.#damaged();
  }

  /** The word, with the bit of sleepers: to sleep on, if somebody has it. */
  #announce(word: number): number {
    this.#futex();
    if (word >= OWNER.sleepers && isOwned(word)) return word;
    // Step lock.announce
    return (Atomics.or(this.#words, this.#index, OWNER.sleepers) | OWNER.sleepers) >>> 0;
  }

  waitAsync(word: number, timeoutMs: number): ReturnType<FutexPort["waitAsync"]> {
    return this.#futex().waitAsync(this.#index * 4, word, timeoutMs);
  }

  wakeOne(): void {
    if (!this.closed) this.#futex().notify(this.#index * 4, 1);
  }

  #takeSlowly(timeoutMs: number, leavesAbandoned: boolean): number {
    const deadline = monotonicMs() + timeoutMs;
    for (let spins = 0; spins < SPINS && this.owner !== OWNER.free; spins += 1);
    for (let hasSlept = false; ; hasSlept = true) {
      const result = this.attempt("block", leavesAbandoned, hasSlept);
      if (result < OWNER.sleepers) return result;
      const left = deadline - monotonicMs();
      // After the bit was set: the wake-up that ended the last sleep was for one of all who sleep.
      if (left <= 0) throw this.busy(timeoutMs);
      this.#futex().wait(this.#index * 4, result, Math.min(left, SLICE_MS)); // Step lock.sleep
    }
  }

  #endAfterClose(): Error {
    return this.#part.endAfterClose(this.#me, () => this.#leave(OWNER.free));
  }

  #leave(left: typeof OWNER.free | typeof OWNER.abandoned): void {
    recoverOwner(this.#memory, this.#index, this.#me, left);
  }

  #releaseToSleepers(): void {
    const words = this.#words;
    const index = this.#index;
    if ((Atomics.load(words, index) & OWNER.mask) !== this.#me) throw this.#damaged();
    if (this.#flows().handOver()) return;
    // Others set the bit of a word that is ours, and nothing else.
    Atomics.exchange(words, index, OWNER.free); // Step lock.release
    this.wakeOne(); // Step lock.wake
  }

  #claim(): number {
    return (this.#me = this.#part.claim());
  }

  /** Views of a part of the memory have other indices. */
  #flows(): ReturnType<typeof flowsOf> {
    return flowsOf(this.#part.port, this.#memory.byteOffset / 4 + this.#index);
  }

  #futex(): FutexPort {
    const { futex } = this.#memory;
    if (futex === undefined) throw cannotSleep(this.#view.label, this.#field);
    return futex;
  }

  #damaged(): Error {
    return noOwner({ path: this.#view.label, field: this.#field, found: Atomics.load(this.#words, this.#index) });
  }
}
