/** What puts elements into a ring. */
import { checkOptions } from "../../arguments/check-options.js";
import { apart } from "../../access/apart.js";
import { disposesItself } from "../../access/disposing.js";
import type { MemoryView } from "../../access/memory-view.js";
import { spoilable } from "../../access/retire.js";
import type { Counters } from "../parts/counters.js";
import { badCount, unpublishedSlots } from "./refusals.js";
import { PendingPushes } from "../parts/pushes.js";
import { placeOf, RingEnd, wordOf } from "./end.js";
import { wakeOther } from "../parts/flag-waits.js";
import { damagedCounters } from "../parts/refusals.js";
import { Side } from "../parts/side.js";
import { type RingPlace, SIDES } from "./place.js";
import type { Slots } from "../parts/slots.js";
import { TIMEOUT_MS, type WaitAsyncOptions, type WaitOptions } from "../parts/sleeping.js";

const DONE = Promise.resolve();

/** Seldom, as long as the ring is not full. */
let lookAnew: (producer: RingProducer<unknown>) => boolean;

/**
 * The producer of a ring: a role that one thread of all processes has at a time. What it publishes is delivered in this order, at least
 * once. Killed at any instruction it leaves a whole number of elements; what it had claimed or half written is not one of them.
 *
 * Counters are kept as signed integers, modulo 2^32, which V8 holds without a box.
 */
export class RingProducer<T, W = T> extends RingEnd {
  static {
    lookAnew = apart((producer) => producer.#look());
  }

  readonly #load: Counters["load"] = placeOf(this).counters.load;
  readonly #store: Counters["publish"] = placeOf(this).counters.publish;
  #tailAt: number = wordOf(this, "tail");
  readonly #headAt: number = wordOf(this, "head");
  readonly #sleepsAt: number = wordOf(this, "consumerSleeps");
  readonly #length: number = placeOf(this).length;
  readonly #mask: number = placeOf(this).length - 1;
  readonly #slots: Slots<T, W> = placeOf(this).slots as Slots<T, W>;
  readonly #view: MemoryView = placeOf(this).view;
  /** Whether the role was given back. */
  #isShut = false;
  readonly #side: Side = new Side(placeOf(this), SIDES.producer, {
    look: () => this.room,
    position: () => this.#tail,
    length: placeOf(this).length,
  });
  /** After the role was taken: a producer before us may have published until then. */
  #tail: number = this.#load(this.#tailAt); // Step push.readTail.
  /** The slot that is claimed next: those from the tail on were claimed and not published. */
  #next: number = this.#tail;
  /** Where the ring is full, by the head as it was read last: the consumer's may be further on. */
  #end: number = (this.#load(this.#headAt) + this.#length) | 0; // Step push.readHead.
  #pushes: PendingPushes<W> | undefined;

  /** @internal */
  constructor(place: RingPlace<T, W>, view: MemoryView) {
    super(place as RingPlace<unknown, unknown>);
    view.track(this);
    try {
      this.#look();
    } catch (error) {
      this.#side.close();
      throw error;
    }
    disposesItself(this, () => this.#close());
  }

  /** Gives the role back; twice is once. Elements that were claimed and not published are dropped, and pending pushes rejected. */
  declare readonly close: () => void;
  declare readonly [Symbol.dispose]: () => void;

  /** Slots that are free for now: at least as many can be pushed or claimed. @throws ShmError ERR_SHM_FORMAT, ERR_SHM_CLOSED */
  get room(): number {
    this.#look();
    return (this.#end - this.#next) >>> 0;
  }

  /**
   * Publishes an element: it is stored, and then made visible by one atomic store. False, and nothing done, when the ring is full.
   * Fields that `value` does not give are zero, whatever lay in the slot. A value that is refused is not published.
   * @throws ShmRangeError for a value that does not fit, or a field that there is not; ShmError ERR_SHM_BUSY while slots are claimed,
   * ERR_SHM_FORMAT for counters that others have damaged, ERR_SHM_CLOSED
   */
  push(value: W): boolean {
    const next = this.#next;
    if (next !== this.#tail) this.#refusePush();
    if (next === this.#end && !lookAnew(this as RingProducer<unknown>)) return false;
    this.#slots.store(next & this.#mask, value); // Steps push.first push.second.
    const tail = (next + 1) | 0;
    this.#next = tail;
    this.#advance(tail);
    return true;
  }

  /**
   * The accessor of the next free slot, all zeros, to be filled in place; undefined when the ring is full. Called again, it gives the slot
   * after that. It is the consumer's once it is published, and must not be written any more.
   * @throws ShmError ERR_SHM_UNSUPPORTED for numbers and text, ERR_SHM_FORMAT, ERR_SHM_CLOSED
   */
  claim(): T | undefined {
    const next = this.#next;
    if (next === this.#end && !lookAnew(this as RingProducer<unknown>)) return undefined;
    const slot = this.#slots.blank(next & this.#mask);
    this.#next = (next + 1) | 0;
    return slot;
  }

  /** Makes the first `count` of the claimed slots visible, by one atomic store. @throws ShmRangeError for more than were claimed */
  publish(count = 1): void {
    const tail = this.#tail;
    if (count >>> 0 !== count || (count - 1) >>> 0 >= (this.#next - tail) >>> 0) this.#refusePublish(count);
    this.#advance((tail + count) | 0);
  }

  #refusePublish(count: number): never {
    this.#side.checkOpen();
    throw badCount(this.#side.facts, "publish", this.#claimed, count);
  }

  #refusePush(): never {
    throw unpublishedSlots(this.#side.facts, this.#claimed);
  }

  get #claimed(): number {
    return (this.#next - this.#tail) >>> 0;
  }

  /** Forgets all slots that were claimed and not published. */
  discard(): void {
    this.#side.checkOpen();
    this.#next = this.#tail;
  }

  /**
   * As {@link push}, but sleeps until there is room. Not in a thread that has an event loop to serve.
   * @throws ShmError ERR_SHM_BUSY at the timeout, with who is the consumer
   */
  pushWait(value: W, options: WaitOptions = {}): void {
    while (!this.push(value)) this.#side.wait(options);
  }

  /**
   * As {@link push}, but resolves when there was room. Those that wait are published in the order of their calls; {@link push} does not
   * queue up behind them. The value is read when there is room.
   * @throws ShmError ERR_SHM_BUSY at the timeout, with who is the consumer; ERR_SHM_CLOSED when it is closed meanwhile
   */
  pushAsync(value: W, options: WaitAsyncOptions = {}): Promise<void> {
    try {
      options.signal?.throwIfAborted();
      if (this.#pushes?.isEmpty !== false && this.push(value)) return DONE;
      checkOptions(options, "waitAsync");
    } catch (error) {
      return Promise.reject(error as Error);
    }
    this.#pushes ??= new PendingPushes(this.#side, { push: (one) => this.push(one) });
    const { timeoutMs = TIMEOUT_MS, signal } = options;
    return this.#pushes.add({ value, timeoutMs, signal });
  }

  /**
   * Blocks this thread until there is room for one more. Not in a thread that has an event loop to serve.
   * @throws ShmError ERR_SHM_BUSY at the timeout, with who is the consumer; ERR_SHM_FORMAT, ERR_SHM_CLOSED
   */
  wait(options: WaitOptions = {}): void {
    this.#side.wait(options);
  }

  /** As {@link wait}, without blocking. Rejects with the reason of `signal` when that is aborted. */
  async waitAsync(options: WaitAsyncOptions = {}): Promise<void> {
    checkOptions(options, "waitAsync");
    return this.#side.waitAsync(options.timeoutMs ?? TIMEOUT_MS, options.signal);
  }

  #advance(tail: number): void {
    this.#tail = tail;
    // Steps push.publish wake.look.
    if (this.#store(this.#tailAt, tail, this.#sleepsAt) !== 0) wakeOther(this.#side);
  }

  /** Reads the head anew: whether there is room for one more. */
  #look(): boolean {
    if (this.#isShut || this.#view.closed) this.#side.checkOpen();
    const head = this.#load(this.#headAt); // Step push.rereadHead.
    if ((this.#tail - head) >>> 0 > this.#length - this.#claimed) throw this.#damaged(head);
    this.#end = (head + this.#length) | 0;
    return this.#next !== this.#end;
  }

  #damaged(head: number): Error {
    return damagedCounters(this.#side.facts, this.#tail >>> 0, head >>> 0, this.#length);
  }

  #close(): void {
    this.#side.close();
    this.#isShut = true;
    // Whatever is asked now looks full, and looks again.
    this.#end = this.#next = this.#tail;
  }

  static {
    spoilable<RingProducer<unknown>>(this, (own, closed) => {
      own.#tailAt = closed;
      own.#end = own.#next = own.#tail;
    });
  }
}
