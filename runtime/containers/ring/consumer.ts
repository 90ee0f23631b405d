/** What takes elements from a ring. */
import { checkFunction, checkOptions } from "../../arguments/check-options.js";
import { disposesItself } from "../../access/disposing.js";
import type { MemoryView } from "../../access/memory-view.js";
import type { Snapshot } from "../../access/plain.js";
import { spoilable } from "../../access/retire.js";
import type { Counters } from "../parts/counters.js";
import { drainedMeanwhile } from "../parts/refusals.js";
import { badCount, badPlace } from "./refusals.js";
import { ConsumerItems } from "../parts/consumer-items.js";
import { placeOf, RingEnd, wordOf } from "./end.js";
import { wakeOther } from "../parts/flag-waits.js";
import { damagedCounters } from "../parts/refusals.js";
import { Side } from "../parts/side.js";
import { type RingPlace, SIDES } from "./place.js";
import type { Slots } from "../parts/slots.js";
import { type AbortOptions, TIMEOUT_MS, type WaitAsyncOptions, type WaitOptions } from "../parts/sleeping.js";

/**
 * The consumer of a ring: a role that one thread of all processes has at a time. It gets all elements in order, at least once: what it had
 * not released when it was killed goes to the next consumer. Elements are shown in place until they are released; after that their
 * slots are the producer's again.
 */
export class RingConsumer<T, W = T> extends RingEnd implements AsyncIterable<T> {
  readonly #load: Counters["load"] = placeOf(this).counters.load;
  readonly #store: Counters["publish"] = placeOf(this).counters.publish;
  #headAt: number = wordOf(this, "head");
  readonly #tailAt: number = wordOf(this, "tail");
  readonly #sleepsAt: number = wordOf(this, "producerSleeps");
  readonly #length: number = placeOf(this).length;
  readonly #mask: number = placeOf(this).length - 1;
  readonly #slots: Slots<T, W> = placeOf(this).slots as Slots<T, W>;
  readonly #view: MemoryView = placeOf(this).view;
  /** Whether the role was given back. */
  #isShut = false;
  readonly #side: Side = new Side(placeOf(this), SIDES.consumer, {
    look: () => this.available,
    position: () => this.#head,
    length: placeOf(this).length,
  });
  /** After the role was taken: a consumer before us may have released until then. */
  #head: number = this.#load(this.#headAt); // Step pop.readHead.
  /** As it was read last: the producer's may be further on. */
  #tail: number = this.#head;
  #isDraining = false;
  #items: ConsumerItems<T> | undefined;

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

  /** Gives the role back; twice is once. What was not released goes to the next consumer. */
  declare readonly close: () => void;
  declare readonly [Symbol.dispose]: () => void;

  /** Elements that are there by now. @throws ShmError ERR_SHM_FORMAT, ERR_SHM_CLOSED */
  get available(): number {
    this.#look();
    return (this.#tail - this.#head) >>> 0;
  }

  /**
   * The first element that was not released, or the one `index` after it, in place; undefined when there is none. Of numbers and text
   * the value. Valid until it is released.
   * @throws ShmRangeError for an index that no ring of this capacity has; ShmError ERR_SHM_FORMAT, ERR_SHM_CLOSED
   */
  peek(index = 0): T | undefined {
    const head = this.#head;
    if (!(index < (this.#tail - head) >>> 0) || index >>> 0 !== index) {
      if (!this.#looksFor(index)) return undefined;
    }
    return this.#slots.at((head + index) & this.#mask);
  }

  /** Whether the element is there by now. */
  #looksFor(index: number): boolean {
    if (index >>> 0 !== index || index >= this.#length) throw badPlace(this.#side.facts, this.#length, index);
    this.#look();
    return index < (this.#tail - this.#head) >>> 0;
  }

  /** Gives the slots of the first `count` elements back to the producer, by one atomic store. @throws ShmRangeError for more than there are */
  release(count = 1): void {
    const head = this.#head;
    if (count >>> 0 !== count || (count - 1) >>> 0 >= (this.#tail - head) >>> 0) this.#checkRelease(count);
    this.#advance((head + count) | 0);
  }

  /**
   * Takes the first element: a copy, as `snapshot` makes it, and of numbers and text the value. Undefined when there is none. It is
   * released before its user has it, and so is gone with who is killed then; `peek` and `release`, `drain` and `for await` deliver it again.
   * @throws ShmError ERR_SHM_FORMAT, ERR_SHM_CLOSED
   */
  pop(): Snapshot<T> | undefined {
    const head = this.#head;
    if (head === this.#tail && !this.#look()) return undefined;
    const copy = this.#slots.copy(head & this.#mask); // Steps pop.first pop.second.
    this.#advance((head + 1) | 0);
    return copy;
  }

  /**
   * Calls `take` with each element that is there, at most `max`, in place, and releases them together, by one atomic store: how many. The
   * accessors are valid during the call. If `take` throws, the elements before are released, and this one will be delivered again; so
   * will be all of them when the process is killed meanwhile.
   */
  drain(take: (element: T) => void, max = Infinity): number {
    if (typeof take !== "function") checkFunction(take, "take");
    const head = this.#head;
    this.#look();
    const tail = this.#tail;
    const count = Math.min((tail - head) >>> 0, Math.max(0, Math.floor(max)) || 0);
    let taken = 0;
    // What `take` calls finds nothing, and looks again.
    this.#tail = head;
    this.#isDraining = true;
    try {
      for (; taken < count; taken++) take(this.#slots.at((head + taken) & this.#mask));
    } finally {
      this.#isDraining = false;
      if (!this.#side.closed) {
        this.#tail = tail;
        if (taken > 0) this.#advance((head + taken) | 0);
      }
    }
    return taken;
  }

  /** Blocks until an element is there. @throws ShmError ERR_SHM_BUSY at the timeout, with who is the producer */
  wait(options: WaitOptions = {}): void {
    if (this.#head === this.#tail) this.#side.wait(options);
  }

  /** Resolves when an element is there. @throws ShmError ERR_SHM_BUSY at the timeout, with who is the producer */
  async waitAsync(options: WaitAsyncOptions = {}): Promise<void> {
    checkOptions(options, "waitAsync");
    const { timeoutMs = TIMEOUT_MS, signal } = options;
    await this.#side.waitAsync(timeoutMs, signal);
  }

  /**
   * All elements, one after the other, in place: each is released when the loop asks for the next one. One on which the loop broke or
   * threw stays, and is delivered again. Ends by `signal` only, with its reason. One iteration at a time.
   */
  items(options: AbortOptions = {}): AsyncIterableIterator<T> {
    checkOptions(options, "items");
    const { signal } = options;
    return (this.#items = new ConsumerItems<T>(this, this.#side, signal, {
      isLatest: (items) => this.#items === items,
      head: () => this.#head,
    }));
  }

  /** As {@link items}. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return this.items();
  }

  #advance(head: number): void {
    this.#head = head;
    // Steps pop.release wake.look.
    if (this.#store(this.#headAt, head, this.#sleepsAt) !== 0) wakeOther(this.#side);
  }

  #checkRelease(count: number): void {
    const available = this.#look() ? (this.#tail - this.#head) >>> 0 : 0;
    if (!(count >= 1 && count <= available) || count >>> 0 !== count) {
      throw badCount(this.#side.facts, "release", available, count);
    }
  }

  /** Reads the tail anew: whether there is an element. */
  #look(): boolean {
    if (this.#isShut || this.#view.closed) this.#side.checkOpen();
    if (this.#isDraining) throw drainedMeanwhile(this.#side.facts);
    const tail = this.#load(this.#tailAt); // Step pop.rereadTail.
    const count = (tail - this.#head) >>> 0;
    if (count > this.#length) throw this.#damaged(tail);
    this.#tail = tail;
    return count > 0;
  }

  #damaged(tail: number): Error {
    return damagedCounters(this.#side.facts, tail >>> 0, this.#head >>> 0, this.#length);
  }

  #close(): void {
    this.#side.close();
    this.#isShut = true;
    // Whatever is asked now looks empty, and looks again.
    this.#tail = this.#head;
  }

  static {
    spoilable<RingConsumer<unknown>>(this, (own, closed) => {
      own.#headAt = closed;
      own.#tail = own.#head;
    });
  }
}
