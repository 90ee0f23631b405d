/** Where a reader of a broadcast is. */
import { BROADCAST } from "../../../schema/containers/broadcast.js";
import { apart } from "../../access/apart.js";
import type { Flyweight } from "../../access/flyweight.js";
import type { MemoryView, RawMemory } from "../../access/memory-view.js";
import { plainValue, type Snapshot } from "../../access/plain.js";
import { closed } from "../../access/refusals.js";
import { spoilable } from "../../access/retire.js";
import { Uncloneable } from "../../access/uncloneable.js";
import { checkOptions } from "../../arguments/check-options.js";
import { monotonicMs } from "../../monotonic.js";
import { changed, changedBlocking, type Watched } from "../parts/changes.js";
import { Items } from "../parts/items.js";
import { type Local, memoryForCopy, newLocal } from "../parts/local-value.js";
import { Looking } from "../parts/looking.js";
import { type AbortOptions, TIMEOUT_MS, type WaitAsyncOptions, type WaitOptions } from "../parts/sleeping.js";
import type { StampedSlots } from "../parts/stamped-slots.js";
import { type BroadcastPlace, late, publishedOf } from "./place.js";

/** Seldom: when there is none, and when elements were missed. */
let lookAnew: (cursor: BroadcastCursor<unknown>) => boolean;
let catchUp: (cursor: BroadcastCursor<unknown>, to: RawMemory) => boolean;

/** Copies in a row that the writer may spoil. With many slots it can do that to the first ones alone. */
const TRIES = 100;

/** The newest element is never given up unread. */
const furtherThan = (distance: number, length: number): number =>
  Math.min(length - 1, Math.max(1, length >> 3, 2 * distance));

/**
 * A reader of a broadcast, with a position of its own. It disturbs nobody and holds nobody up: it stores nothing in the memory, but for the
 * word that says that somebody sleeps, and needs neither a number nor the right to write. The writer does not wait for it, so elements
 * that it was too late for are gone, and it says how many.
 *
 *   read   an element that the tail counts: its stamp, the copy, the stamp again; another stamp says that it was overwritten
 */
export class BroadcastCursor<T> extends Uncloneable implements AsyncIterable<Snapshot<T>> {
  static {
    lookAnew = apart((cursor) => cursor.#look());
    catchUp = apart((cursor, to) => cursor.#catchUp(to));
  }

  #slots: StampedSlots;
  readonly #place: BroadcastPlace<T, never>;
  readonly #length: number;
  /** What `read()` makes a plain value of. */
  readonly #own: Local<T>;
  readonly #looking: Looking;
  readonly #watched: Watched;
  /** Of the element that is read next. */
  #position: number;
  /** As it was read last: the writer may be further on. */
  #tail: number;
  #missed = 0;
  #missedInAll = 0;
  /** Of those, the ones since the last element that was read. */
  #lost = 0;
  /** Where it went when it was overtaken last, and how far from the writer it wanted to be then. */
  #overtakenAt = -Infinity;
  #distance = 0;
  /** The last accessor that `read(copy)` found to be one of ours, and its memory. */
  #copy: Flyweight | undefined;
  #copyMemory: RawMemory | undefined;

  /** @internal */
  constructor(place: BroadcastPlace<T, never>, view: MemoryView, from: "oldest" | "newest") {
    super();
    view.track(this);
    this.#place = place;
    this.#slots = place.slots;
    this.#length = place.length;
    this.#own = newLocal(place.of, place.field);
    this.#tail = publishedOf(place, 0);
    this.#position = from === "newest" ? this.#tail : Math.max(0, this.#tail - place.length);
    this.#looking = new Looking(
      { look: () => (this.#look() ? this.#tail - this.#position : 0), position: () => this.#position },
      place.length,
    );
    this.#watched = {
      view,
      counter: place.offset + BROADCAST.at.tail,
      sleepers: place.offset + BROADCAST.at.sleepers,
      field: place.field,
      late: (timeoutMs) => late(place, timeoutMs),
    };
  }

  /** Number of the element that is read next, unless it is gone by then; the first one of all is 0. */
  get position(): number {
    return this.#position;
  }

  /** Elements that were missed between the one that was read last and the one before it. */
  get missed(): number {
    return this.#missed;
  }

  /** Elements that were missed since this reader began. */
  get missedInAll(): number {
    return this.#missedInAll;
  }

  /** Elements that were published and not read yet. More than the capacity says that some of them are gone. @throws ShmError ERR_SHM_FORMAT, ERR_SHM_CLOSED */
  get lag(): number {
    this.#look();
    return this.#tail - this.#position;
  }

  /**
   * The next element as a plain object, number or text, whole; undefined when there is none, or a hundred in a row were overwritten while they
   * were copied, as can be with few slots. Waits for nobody. With an accessor over private memory, `Tick.local()`, the element is copied there
   * without allocation, and the accessor returned; after undefined that holds anything. Elements that are gone are skipped, and counted.
   * @throws ShmRangeError for another accessor; ShmError ERR_SHM_FORMAT for a tail that no writer leaves, ERR_SHM_CLOSED
   */
  read(): Snapshot<T> | undefined;
  read<C extends Flyweight>(copy: C): C | undefined;
  read(copy?: Flyweight): unknown {
    if (copy === undefined) return this.#take(this.#own.memory) ? this.#value() : undefined;
    const memory = copy === this.#copy ? this.#copyMemory! : this.#memoryOf(copy);
    return this.#take(memory) ? copy : undefined;
  }

  /**
   * Blocks this thread until an element is there, if none is. Not in a thread that has an event loop to serve.
   * @throws ShmError ERR_SHM_BUSY at the timeout, with who is the writer; ERR_SHM_FORMAT, ERR_SHM_CLOSED, ERR_SHM_UNSUPPORTED for memory
   * without wait and notify
   */
  wait(options: WaitOptions = {}): void {
    checkOptions(options, "wait");
    const { timeoutMs = TIMEOUT_MS } = options;
    this.#checkOpen();
    if (this.#position !== this.#tail || this.#looking.forAWhile()) return;
    const deadline = monotonicMs() + timeoutMs;
    for (let leftMs = timeoutMs; !this.#look(); leftMs = Math.max(0, deadline - monotonicMs())) {
      changedBlocking(this.#watched, this.#tail >>> 0, { timeoutMs: leftMs });
    }
  }

  /** As {@link wait}, without blocking. Over memory that is only read it looks every 20 ms. Rejects with the reason of `signal` when that is aborted. */
  async waitAsync(options: WaitAsyncOptions = {}): Promise<void> {
    checkOptions(options, "waitAsync");
    const { timeoutMs = TIMEOUT_MS, signal } = options;
    const deadline = monotonicMs() + timeoutMs;
    signal?.throwIfAborted();
    for (let leftMs = timeoutMs; !this.#look(); leftMs = Math.max(0, deadline - monotonicMs())) {
      await changed(this.#watched, this.#tail >>> 0, { timeoutMs: leftMs, signal });
    }
  }

  /**
   * All elements from here on, one after the other, as plain objects, but for those that were missed: `missed` says how many before the one
   * that the loop has. Ends by `signal` only, with its reason.
   */
  items(options: AbortOptions = {}): AsyncIterableIterator<Snapshot<T>> {
    checkOptions(options, "items");
    const { signal } = options;
    return new Items<Snapshot<T>>(
      {
        take: () => this.#next(),
        wait: (of) => this.waitAsync({ timeoutMs: Infinity, signal: of }),
      },
      signal,
    );
  }

  /** As {@link items}. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Snapshot<T>> {
    return this.items();
  }

  #next(): Snapshot<T> | undefined {
    this.#checkOpen();
    return this.#take(this.#own.memory) ? this.#value() : undefined;
  }

  #take(to: RawMemory): boolean {
    const position = this.#position;
    if (position === this.#tail && !lookAnew(this as BroadcastCursor<unknown>)) return false;
    if (!this.#slots.load(position, to)) return catchUp(this as BroadcastCursor<unknown>, to);
    this.#position = position + 1;
    this.#missed = this.#lost;
    this.#lost = 0;
    return true;
  }

  /**
   * The element that is read next is gone: goes on with the oldest one that may be there. The writer is at its heels then: who is overtaken again
   * before it has read an eighth of a lap goes further away, up to half a lap, so that a reader that is too slow reads some in peace
   * instead of racing for each. And when the next one is gone as well, up to the newest: no walk is long, whatever the stamps say.
   */
  #catchUp(to: RawMemory): boolean {
    const length = this.#length;
    const isSteady = this.#position - this.#overtakenAt > length >> 3;
    let distance = isSteady ? 0 : Math.min(length >> 1, furtherThan(this.#distance, length));
    this.#distance = distance;
    for (let tries = 0; tries < TRIES; tries += 1) {
      const position = this.#position;
      const tail = publishedOf(this.#place, position + 1); // Step read.tailAgain
      const next = Math.max(position + 1, tail - length + distance);
      this.#missedInAll += next - position;
      this.#lost += next - position;
      this.#position = this.#overtakenAt = next;
      this.#tail = tail;
      if (next === tail) return false;
      if (this.#slots.load(next, to)) {
        this.#position = next + 1;
        this.#missed = this.#lost;
        this.#lost = 0;
        return true;
      }
      distance = furtherThan(distance, length);
    }
    return false;
  }

  /** Reads the tail anew: whether there is an element. */
  #look(): boolean {
    this.#checkOpen();
    this.#tail = publishedOf(this.#place, this.#position);
    return this.#tail !== this.#position;
  }

  #checkOpen(): void {
    const { view, field } = this.#place;
    if (view.closed) throw closed(view.label, field);
  }

  #value(): Snapshot<T> {
    const { view, kept } = this.#own;
    const { shape, of, field } = this.#place;
    if (shape.plain !== undefined && kept !== undefined) return shape.plain.load(kept);
    return plainValue(kept ?? of.get(view, 0, field)) as Snapshot<T>;
  }

  #memoryOf(copy: Flyweight): RawMemory {
    this.#copyMemory = memoryForCopy(copy, this.#own, this.#place.field);
    this.#copy = copy;
    return this.#copyMemory;
  }

  static {
    spoilable<BroadcastCursor<unknown>, StampedSlots>(this, (own, unusable) => {
      own.#slots = unusable;
    });
  }
}
