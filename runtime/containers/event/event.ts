/**
 * Something that has happened, or not: schema/containers/event.ts. The steps are those of test/model/event.ts.
 *
 *   set     bit 0 on, count + 1, bit 31 off, in one; if that was on, all are woken
 *   reset   bit 0 off
 *   wait    until bit 0 is on or the count has changed; else bit 31 on, sleep
 */
import { EVENT } from "../../../schema/containers/event.js";
import { OWNER } from "../../../schema/containers/owner.js";
import type { FutexPort, MemoryView } from "../../access/memory-view.js";
import { rawMemory } from "../../access/memory-view.js";
import { closed } from "../../access/refusals.js";
import { spoilable } from "../../access/retire.js";
import { checkOptions } from "../../arguments/check-options.js";
import { monotonicMs } from "../../monotonic.js";
import { Container, type ContainerShape, nameOf } from "../container.js";
import { cannotSleep, damagedWord, readOnlyContainer } from "../parts/refusals.js";
import { notSet } from "./refusals.js";
import {
  EVERYBODY,
  READER_SLICE_MS,
  SLICE_MS,
  TIMEOUT_MS,
  type WaitAsyncOptions,
  type WaitOptions,
  sleepAsync,
  triesAgain,
} from "../parts/sleeping.js";

const SET = 1;
const COUNTED = 2;
const COUNT_MAX = 0x3fff_ffff;
const SLEEPERS = OWNER.sleepers;
/** What a waiter gets that need not sleep. */
const OVER = -1;

const countOf = (word: number): number => (word >>> 1) & COUNT_MAX;

/**
 * A manual-reset event of all threads and processes: set by anybody, and then set for everybody until somebody resets it. It has no
 * owner, so that no death leaves it in a state of its own: SIGKILL before the one store of {@link Event.set} or {@link Event.reset} is as if
 * it had not been called; between the store and the wake-up, who sleeps finds out after 100 ms at most.
 */
export class Event extends Container {
  readonly #words: Uint32Array;
  #index: number;
  readonly #view: MemoryView;
  readonly #futex: FutexPort | undefined;
  readonly #field: string;

  static {
    spoilable<Event, never>(this, (own, unusable) => {
      own.#index = unusable;
    });
  }

  /** Nothing: nobody has an event. */
  static recover(): void {
    // What the dead have stored is complete.
  }

  /** Nothing: nobody has an event. */
  static holdings(): undefined {
    return undefined;
  }

  constructor(view: MemoryView, offset: number, shape: ContainerShape, field: string) {
    super(view, offset, shape, field);
    const name = nameOf(view, offset, field);
    const raw = rawMemory(view);
    this.#words = raw.u32;
    this.#index = (offset + EVENT.at.word) / 4;
    this.#view = view;
    this.#futex = raw.futex;
    this.#field = name;
  }

  /** Whether it is set. One load, sequentially consistent. */
  get isSet(): boolean {
    return (Atomics.load(this.#words, this.#index) & SET) !== 0;
  }

  /** How often it was set, modulo 2^30. */
  get count(): number {
    return countOf(Atomics.load(this.#words, this.#index));
  }

  /**
   * Sets it, and wakes all who wait. What was stored before is seen by whoever goes on. Counts also when it was set already.
   * @throws ShmError ERR_SHM_READ_ONLY, ERR_SHM_CLOSED
   */
  set(): void {
    this.#checkWritable();
    for (let failures = 0; failures === 0 || triesAgain(failures); failures += 1) {
      const word = Atomics.load(this.#words, this.#index); // Step event.look
      const next = ((word + COUNTED) & ~SLEEPERS) | SET;
      // Step event.set
      if (Atomics.compareExchange(this.#words, this.#index, word, next) !== word) continue;
      if (word >= SLEEPERS) this.#futex?.notify(this.#index * 4, EVERYBODY); // Step event.wake
      return;
    }
    throw this.#damaged();
  }

  /** From now on it is not set. Who waited until then goes on all the same, if it was set meanwhile. @throws ShmError ERR_SHM_READ_ONLY, ERR_SHM_CLOSED */
  reset(): void {
    this.#checkWritable();
    Atomics.and(this.#words, this.#index, ~SET); // Step event.reset
  }

  /**
   * Blocks this thread until it is set, or was set since the call. Over read-only memory it looks every 20 ms, because it cannot say that
   * it sleeps. @throws ShmError ERR_SHM_BUSY at the timeout, ERR_SHM_UNSUPPORTED for memory in which nobody can be woken, ERR_SHM_CLOSED
   */
  wait(options: WaitOptions = {}): void {
    checkOptions(options, "wait");
    const { timeoutMs = TIMEOUT_MS } = options;
    const begun = Atomics.load(this.#words, this.#index); // Step event.begin
    const deadline = monotonicMs() + timeoutMs;
    for (let word = this.#announce(begun); word !== OVER; word = this.#announce(begun)) {
      // Step event.sleep
      this.#sleeps().wait(this.#index * 4, word, this.#slice(deadline, timeoutMs));
    }
  }

  /** As {@link Event.wait}, without blocking. Rejects with the reason of `signal` when that is aborted. */
  async waitAsync(options: WaitAsyncOptions = {}): Promise<void> {
    checkOptions(options, "waitAsync");
    const { timeoutMs = TIMEOUT_MS, signal } = options;
    signal?.throwIfAborted();
    const begun = Atomics.load(this.#words, this.#index); // Step event.begin
    const deadline = monotonicMs() + timeoutMs;
    for (let word = this.#announce(begun); word !== OVER; word = this.#announce(begun)) {
      const slice = this.#slice(deadline, timeoutMs);
      const byteOffset = this.#index * 4;
      await sleepAsync({ futex: this.#sleeps(), byteOffset, expected: word, timeoutMs: slice, signal });
      if (this.#view.closed) throw closed(this.#view.label, this.#field);
    }
  }

  /** For printing. */
  toJSON(): { set: boolean; count: number } {
    const word = Atomics.load(this.#words, this.#index);
    return { set: (word & SET) !== 0, count: countOf(word) };
  }

  /** The word to sleep on, with the bit of sleepers where we may set it; {@link OVER} when it was set since `begun`. */
  #announce(begun: number): number {
    for (let failures = 0; failures === 0 || triesAgain(failures); failures += 1) {
      const word = Atomics.load(this.#words, this.#index); // Step event.look
      if ((word & SET) !== 0 || countOf(word) !== countOf(begun)) return OVER;
      this.#sleeps();
      if (word >= SLEEPERS || this.#view.readOnly) return word;
      const announced = (word | SLEEPERS) >>> 0;
      // Step event.announce
      if (Atomics.compareExchange(this.#words, this.#index, word, announced) === word) return announced;
    }
    throw this.#damaged();
  }

  /** How long to sleep next. @throws ShmError ERR_SHM_BUSY when the time is over */
  #slice(deadline: number, timeoutMs: number): number {
    const left = deadline - monotonicMs();
    if (left <= 0) throw notSet(this.#view.label, this.#field, timeoutMs);
    return Math.min(left, this.#view.readOnly ? READER_SLICE_MS : SLICE_MS);
  }

  #sleeps(): FutexPort {
    if (this.#futex === undefined) throw cannotSleep(this.#view.label, this.#field);
    return this.#futex;
  }

  #checkWritable(): void {
    if (this.#view.readOnly) throw readOnlyContainer(this.#view.label, this.#field);
  }

  #damaged(): Error {
    return damagedWord(this.#view.label, this.#field, Atomics.load(this.#words, this.#index));
  }
}

/** An event of memory that is only read. */
export type EventReader = Pick<Event, "isSet" | "count" | "wait" | "waitAsync" | "toJSON">;
