/** What puts elements into a ring. */
import { checkOptions } from "../arguments/check-options.js";
import type { MemoryView } from "../access/memory-view.js";
import { spoilable } from "../access/retire.js";
import { Uncloneable } from "../access/uncloneable.js";
import { RING } from "../../schema/containers/ring.js";
import { badCount, nothingToClaim, unpublishedSlots } from "./refusals.js";
import { PendingPushes } from "./ring-pushes.js";
import { type RingPlace, RingSide } from "./ring-side.js";
import type { RingSlots } from "./ring-slots.js";
import { TIMEOUT_MS, type WaitAsyncOptions, type WaitOptions } from "./sleeping.js";

const TAIL = RING.at.tail / 4;
const HEAD = RING.at.head / 4;
const CONSUMER_SLEEPS = RING.at.consumerSleeps / 4;
const DONE = Promise.resolve();

let placeOf: (end: Base) => RingPlace<unknown, unknown>;

/** What the initialisers of the fields below need, so that they are constants to V8. */
class Base extends Uncloneable {
  readonly #place: RingPlace<unknown, unknown>;

  constructor(place: RingPlace<unknown, unknown>) {
    super();
    this.#place = place;
  }

  static {
    placeOf = (end) => end.#place;
  }
}

/**
 * The producer of a ring: a role that one thread of all processes has at a time. What it publishes is delivered in this order, at least
 * once. Killed at any instruction it leaves a whole number of elements; what it had claimed or half written is not one of them.
 *
 * Counters are kept as signed integers, modulo 2^32, which V8 holds without a box.
 */
export class RingProducer<T, W = T> extends Base {
  readonly #words: Uint32Array = placeOf(this).words;
  #tailAt: number = placeOf(this).base + TAIL;
  readonly #headAt: number = placeOf(this).base + HEAD;
  readonly #sleepsAt: number = placeOf(this).base + CONSUMER_SLEEPS;
  readonly #length: number = placeOf(this).length;
  readonly #slots: RingSlots<T, W> = placeOf(this).slots as RingSlots<T, W>;
  readonly #view: MemoryView = placeOf(this).view;
  /** Whether the role was given back. */
  #isShut = false;
  readonly #side: RingSide = new RingSide(placeOf(this) as never, "producer", () => this.#look());
  /** After the role was taken: a producer before us may have published until then. */
  #tail: number = Atomics.load(this.#words, this.#tailAt) | 0; // Step push.readTail.
  /** As it was read last: the consumer's may be further on. */
  #head: number = Atomics.load(this.#words, this.#headAt) | 0; // Step push.readHead.
  #claimed = 0;
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
    closable(this, () => this.#close());
  }

  /** Gives the role back; twice is once. Elements that were claimed and not published are dropped, and pending pushes rejected. */
  declare readonly close: () => void;
  declare readonly [Symbol.dispose]: () => void;

  /** Slots that are free for now: at least as many can be pushed or claimed. @throws ShmError ERR_SHM_FORMAT, ERR_SHM_CLOSED */
  get room(): number {
    this.#look();
    return this.#length - ((this.#tail + this.#claimed - this.#head) >>> 0);
  }

  /**
   * Publishes an element: it is stored, and then made visible by one atomic store. False, and nothing done, when the ring is full.
   * Fields that `value` does not give are zero, whatever lay in the slot. A value that is refused is not published.
   * @throws ShmRangeError for a value that does not fit, or a field that there is not; ShmError ERR_SHM_BUSY while slots are claimed,
   * ERR_SHM_FORMAT for counters that others have damaged, ERR_SHM_CLOSED
   */
  push(value: W): boolean {
    const tail = this.#tail;
    if (this.#claimed !== 0) throw unpublishedSlots(this.#side.facts, this.#claimed);
    if ((tail - this.#head) >>> 0 >= this.#length && !this.#look()) return false;
    this.#slots.store(tail & (this.#length - 1), value); // Steps push.first push.second.
    this.#advance(1);
    return true;
  }

  /**
   * The accessor of the next free slot, all zeros, to be filled in place; undefined when the ring is full. Called again, it gives the slot
   * after that. It is the consumer's once it is published, and must not be written any more.
   * @throws ShmError ERR_SHM_UNSUPPORTED for numbers and text, ERR_SHM_FORMAT, ERR_SHM_CLOSED
   */
  claim(): T | undefined {
    const slots = this.#slots;
    const next = (this.#tail + this.#claimed) | 0;
    if ((next - this.#head) >>> 0 >= this.#length && !this.#look()) return undefined;
    if (!slots.areShown) throw nothingToClaim(this.#side.facts);
    this.#claimed += 1;
    const slot = next & (this.#length - 1);
    slots.zero(slot);
    return slots.at(slot);
  }

  /** Makes the first `count` of the claimed slots visible, by one atomic store. @throws ShmRangeError for more than were claimed */
  publish(count = 1): void {
    if (!(count >= 1 && count <= this.#claimed) || count >>> 0 !== count) {
      this.#side.checkOpen();
      throw badCount(this.#side.facts, "publish", this.#claimed, count);
    }
    this.#claimed -= count;
    this.#advance(count);
  }

  /** Forgets all slots that were claimed and not published. */
  discard(): void {
    this.#side.checkOpen();
    this.#claimed = 0;
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
    if (this.#pushes === undefined || this.#pushes.isEmpty) {
      try {
        options.signal?.throwIfAborted();
        if (this.push(value)) return DONE;
        checkOptions(options);
      } catch (error) {
        return Promise.reject(error as Error);
      }
    }
    this.#pushes ??= new PendingPushes(this.#side, (one) => this.push(one));
    return this.#pushes.add(value, options.timeoutMs ?? TIMEOUT_MS, options.signal);
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
    checkOptions(options);
    return this.#side.waitAsync(options.timeoutMs ?? TIMEOUT_MS, options.signal);
  }

  #advance(count: number): void {
    const words = this.#words;
    const tail = (this.#tail + count) | 0;
    this.#tail = tail;
    Atomics.store(words, this.#tailAt, tail >>> 0); // Step push.publish.
    if (Atomics.load(words, this.#sleepsAt) !== 0) this.#side.wakeOther(); // Step wake.look.
  }

  /** Reads the head anew: whether there is room for one more. Short, because V8 puts it into loops over claims and their setters. */
  #look(): boolean {
    if (this.#isShut || this.#view.closed) this.#side.checkOpen();
    const head = Atomics.load(this.#words, this.#headAt) | 0; // Step push.rereadHead.
    const used = (this.#tail - head) >>> 0;
    if (used > this.#length) throw this.#side.damaged(this.#tail, head);
    this.#head = head;
    return used + this.#claimed < this.#length;
  }

  #close(): void {
    this.#side.close();
    this.#isShut = true;
    // Whatever is asked now looks full, and looks again.
    this.#claimed = 0;
    this.#head = (this.#tail - this.#length) | 0;
  }

  static {
    spoilable<RingProducer<unknown>>(this, (own, closed) => {
      own.#tailAt = closed;
      own.#head = (own.#tail - own.#length) | 0;
    });
  }
}

/**
 * Gives a side `close` and what `using` calls as its own properties: after the region's close, which leaves nothing else of it, they do
 * nothing. Before version 24 Node has `Symbol.dispose` in the main realm alone, and compiled `using` asks for the other one elsewhere.
 */
export function closable(side: object, close: () => void): void {
  for (const name of ["close", Symbol.dispose, Symbol.for("Symbol.dispose")]) {
    if (name !== undefined) Object.defineProperty(side, name, { value: close });
  }
}
