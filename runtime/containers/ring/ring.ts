/**
 * `ring<T, N>`: a queue from one producer to one consumer. Its bytes are in schema/containers/ring.ts, its steps in test/model/ring.ts.
 *
 *   producer   stores an element in the slot of the tail, then the tail; wakes the consumer if that has said that it sleeps
 *   consumer   reads the element in the slot of the head, then stores the head; wakes the producer likewise
 *   death      frees the role; tail and head say what was published and consumed, and everything else is derived from them
 */
import { RING } from "../../../schema/containers/ring.js";
import type { MemoryView, RawMemory } from "../../access/memory-view.js";
import { rawMemory } from "../../access/memory-view.js";
import { closed } from "../../access/refusals.js";
import { spoilable } from "../../access/retire.js";
import { Container, type ContainerShape, type Death, nameOf } from "../container.js";
import { countersOf } from "../parts/counters.js";
import { damagedCounters } from "../parts/refusals.js";
import { RingConsumer } from "./consumer.js";
import { RingProducer } from "./producer.js";
import { recoverRoles, rolesOf, roleText } from "../parts/side.js";
import { type RingPlace, SIDES } from "./place.js";
import { Slots } from "../parts/slots.js";

const TAIL = RING.at.tail / 4;
const HEAD = RING.at.head / 4;
/** Looks at both counters, until the head has not changed between two. */
const LOOKS = 100;

/** A queue of at most `capacity` elements, from one producer to one consumer, without a lock. */
export class Ring<T, W = T> extends Container {
  #view: MemoryView;
  readonly #offset: number;
  readonly #shape: ContainerShape<T, W>;
  readonly #field: string;
  #place: RingPlace<T, W> | undefined;

  constructor(view: MemoryView, offset: number, shape: ContainerShape<T, W>, field: string) {
    super(view, offset, shape, field);
    const name = nameOf(view, offset, field);
    this.#view = view;
    this.#offset = offset;
    this.#shape = shape;
    this.#field = name;
  }

  /** Elements that it can hold. */
  get capacity(): number {
    if (this.#view.closed) throw closed(this.#view.label, this.#field);
    return this.#shape.length ?? 0;
  }

  /** Elements that are in it, for the moment. @throws ShmError ERR_SHM_FORMAT for counters that cannot be, ERR_SHM_CLOSED */
  get length(): number {
    const [tail, head] = this.#counters();
    const length = (tail - head) >>> 0;
    if (length > this.capacity) {
      throw damagedCounters({ path: this.#view.label, field: this.#field }, tail, head, this.capacity);
    }
    return length;
  }

  /**
   * Becomes the producer. The role of a dead one is taken over, with everything that it published. Give it back by `using` or `close()`.
   * @throws ShmError ERR_SHM_BUSY when there is one, with who that is, and when this thread is it; ERR_SHM_READ_ONLY,
   * ERR_SHM_UNSUPPORTED, ERR_SHM_FORMAT, ERR_SHM_CLOSED
   */
  producer(): RingProducer<T, W> {
    return new RingProducer<T, W>(this.#placed(), this.#view);
  }

  /** Becomes the consumer, as {@link producer}. What a dead one had not released is delivered again. */
  consumer(): RingConsumer<T, W> {
    return new RingConsumer<T, W>(this.#placed(), this.#view);
  }

  /** Its state, for people. Never refuses what others have written: a length beyond the capacity says that the words are damaged. */
  toJSON(): { length: number; capacity: number; producer: string | null; consumer: string | null } {
    const [tail, head] = this.#counters();
    const memory = rawMemory(this.#view);
    const producer = roleText(memory, (this.#offset + RING.at.producer) / 4);
    const consumer = roleText(memory, (this.#offset + RING.at.consumer) / 4);
    return { length: (tail - head) >>> 0, capacity: this.capacity, producer, consumer };
  }

  /** Frees the roles of the dead, and wakes who waits for them. */
  static recover(memory: RawMemory, offset: number, _shape: ContainerShape, { number }: Death): void {
    recoverRoles(memory, offset / 4, SIDES, number);
  }

  /** What a participant has of it, for people. */
  static holdings(memory: RawMemory, offset: number, _shape: ContainerShape, number: number): string | undefined {
    const roles = rolesOf(memory.u32, offset / 4, SIDES, number);
    return roles.length === 0 ? undefined : roles.join(" and ");
  }

  /** Tail and head of one moment, if one is to be had. */
  #counters(): readonly [tail: number, head: number] {
    if (this.#view.closed) throw closed(this.#view.label, this.#field);
    const words = rawMemory(this.#view).u32;
    const base = this.#offset / 4;
    let head = Atomics.load(words, base + HEAD);
    for (let looks = 0; ; looks += 1) {
      const tail = Atomics.load(words, base + TAIL);
      const again = Atomics.load(words, base + HEAD);
      if (again === head) return [tail, head];
      // Others are faster than we look: it was not empty, and not more than full.
      if (looks === LOOKS) return [again + Math.min(this.capacity, (tail - again) >>> 0), again];
      head = again;
    }
  }

  /** Made when somebody takes a role. */
  #placed(): RingPlace<T, W> {
    if (this.#view.closed) throw closed(this.#view.label, this.#field);
    return (this.#place ??= placeOf(this.#view, this.#offset, this.#shape, this.#field));
  }

  static {
    spoilable<Ring<unknown>, MemoryView & undefined>(this, (own, closed) => {
      own.#view = closed;
      own.#place = undefined;
    });
  }
}

/** A ring in memory that is only read. `T` is what it holds: nobody sees that without a role. */
export type RingReader<T> = Pick<Ring<T>, "capacity" | "length" | "toJSON">;

function placeOf<T, W>(view: MemoryView, offset: number, shape: ContainerShape<T, W>, field: string): RingPlace<T, W> {
  const memory = rawMemory(view);
  const { length = 0, at } = shape;
  const first = offset + (at["slots"] ?? 0);
  const slots = new Slots<T, W>(view, first, shape, field);
  const counters = countersOf(memory);
  return { view, memory, words: memory.u32, base: offset / 4, counters, length, slots, field };
}
