/** What publishes elements in a broadcast. */
import { BROADCAST } from "../../../schema/containers/broadcast.js";
import { apart } from "../../access/apart.js";
import { disposesItself } from "../../access/disposing.js";
import { type MemoryView, type RawMemory, rawMemory } from "../../access/memory-view.js";
import { closed } from "../../access/refusals.js";
import { spoilable } from "../../access/retire.js";
import { localView } from "../../access/scratch.js";
import { Uncloneable } from "../../access/uncloneable.js";
import { nothingToClaim } from "../parts/refusals.js";
import { Role } from "../parts/role.js";
import { EVERYBODY } from "../parts/sleeping.js";
import { Slots } from "../parts/slots.js";
import type { StampedSlots } from "../parts/stamped-slots.js";
import { type BroadcastPlace, type BroadcastWords, factsOf, publishedOf } from "./place.js";
import { claimedAlready, nothingClaimed } from "./refusals.js";

/** Seldom: when somebody sleeps. */
let wake: (place: BroadcastWords) => void;

/**
 * The writer of a broadcast: a role that one thread of all processes has at a time. It waits for no reader. An element is made in private memory
 * and then copied to its slot, whose stamp says that the element before is gone; the tail publishes it, by one atomic store.
 */
export class BroadcastWriter<T, W = T> extends Uncloneable {
  static {
    wake = apart(({ memory, offset }) => {
      memory.futex?.notify(offset + BROADCAST.at.tail, EVERYBODY); // Step publish.wake
    });
  }

  readonly #place: BroadcastPlace<T, W>;
  readonly #view: MemoryView;
  readonly #role: Role;
  #slots: StampedSlots;
  /** The element that is published next, and its memory. */
  readonly #draft: Slots<T, W>;
  readonly #memory: RawMemory;
  #next: number;
  #isClaimed = false;
  /** Whether the role was given back. */
  #isShut = false;

  /** @internal */
  constructor(place: BroadcastPlace<T, W>, view: MemoryView) {
    super();
    view.track(this);
    const { field, offset, shape, of } = place;
    this.#place = place;
    this.#view = view;
    this.#slots = place.slots;
    const draft = localView(of.size);
    this.#draft = new Slots(draft, 0, { ...shape, length: 1 }, field);
    this.#memory = rawMemory(draft);
    const index = (offset + BROADCAST.at.writer) / 4;
    this.#role = new Role({ view, index, field, name: "writer" });
    try {
      // After the role was taken: a writer before us may have published until then.
      this.#next = publishedOf(place, 0); // Step publish.readTail
    } catch (error) {
      this.#role.close();
      throw error;
    }
    disposesItself(this, () => this.#close());
  }

  /** Gives the role back; twice is once. An element that was claimed and not published is dropped. */
  declare readonly close: () => void;
  declare readonly [Symbol.dispose]: () => void;

  /** Number of the element that is published next: so many were published before. @throws ShmError ERR_SHM_CLOSED */
  get position(): number {
    return this.#next;
  }

  /**
   * Publishes an element; without a value the one that was claimed. Fields that `value` does not give are zero. The oldest element makes
   * room for it, whoever has read that. A value that is refused is not published.
   * @throws ShmRangeError for a value that does not fit, or a field that there is not, and without a value where nothing was claimed;
   * ShmError ERR_SHM_BUSY with a value while an element is claimed; ERR_SHM_CLOSED
   */
  publish(value?: W): void {
    if (value === undefined) this.#checkClaimed();
    else this.#fill(value);
    const next = this.#next;
    this.#next = next + 1;
    this.#isClaimed = false;
    if (this.#slots.publish(next, this.#memory)) wake(this.#place);
  }

  /**
   * The accessor of the element that is published next, all zeros, in private memory of this writer: the same one each time.
   * @throws ShmError ERR_SHM_UNSUPPORTED for numbers and text, ERR_SHM_CLOSED
   */
  claim(): T {
    if (this.#isShut) this.#role.checkOpen();
    if (!this.#draft.areShown) throw nothingToClaim(factsOf(this.#place), "publish(value)");
    const claimed = this.#draft.blank(0);
    this.#isClaimed = true;
    return claimed;
  }

  /** Forgets what was claimed and not published. */
  discard(): void {
    this.#role.checkOpen();
    this.#isClaimed = false;
  }

  #fill(value: W): void {
    if (this.#isShut) this.#role.checkOpen();
    if (this.#isClaimed) throw claimedAlready(factsOf(this.#place));
    this.#draft.store(0, value);
    // What was read of the value may have closed it.
    if (this.#isShut || this.#view.closed) this.#role.checkOpen();
  }

  #checkClaimed(): void {
    if (this.#view.closed) throw closed(this.#view.label, this.#place.field);
    if (this.#isShut) this.#role.checkOpen();
    if (!this.#isClaimed) throw nothingClaimed(factsOf(this.#place));
  }

  #close(): void {
    this.#role.close();
    this.#isShut = true;
  }

  static {
    spoilable<BroadcastWriter<unknown>, StampedSlots>(this, (own, unusable) => {
      own.#slots = unusable;
    });
  }
}
