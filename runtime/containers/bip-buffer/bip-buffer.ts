/**
 * `bipBuffer<N>`: bytes from one producer to one consumer, in pieces that lie in place. Its bytes are in schema/containers/bip-buffer.ts,
 * its steps in test/model/bip-buffer.ts.
 *
 *   producer   fills a piece, stores the watermark if the piece leaves the lap, then `write`; wakes the consumer if that sleeps
 *   consumer   loads `write`, and the watermark if `write` has left the lap; reads, then stores `read`; wakes the producer likewise
 *   death      frees the role; a watermark without its `write` is never looked at, and stored again by the next one to leave the lap
 */
import { BIP_BUFFER } from "../../../schema/containers/bip-buffer.js";
import type { MemoryView, RawMemory } from "../../access/memory-view.js";
import { rawMemory } from "../../access/memory-view.js";
import { closed } from "../../access/refusals.js";
import { spoilable } from "../../access/retire.js";
import { Container, type ContainerShape, type Death, nameOf } from "../container.js";
import { areCounters, type BytesPlace, bytesPlace, countersNow, usedOf } from "../parts/laps.js";
import { recoverRoles, rolesOf, roleText } from "../parts/side.js";
import { BipBufferConsumer } from "./consumer.js";
import { SIDES } from "./end.js";
import { BipBufferProducer } from "./producer.js";
import { damagedPlaces } from "./refusals.js";

/** Bytes from one producer to one consumer, without a lock: each claims, fills, reads and releases them in place and in one piece. */
export class BipBuffer extends Container {
  #view: MemoryView;
  readonly #offset: number;
  readonly #shape: ContainerShape;
  readonly #field: string;
  #place: BytesPlace | undefined;

  constructor(view: MemoryView, offset: number, shape: ContainerShape, field: string) {
    super(view, offset, shape, field);
    const name = nameOf(view, offset, field);
    this.#view = view;
    this.#offset = offset;
    this.#shape = shape;
    this.#field = name;
  }

  /** Bytes that it can hold, and the longest piece. */
  get capacity(): number {
    if (this.#view.closed) throw closed(this.#view.label, this.#field);
    return this.#shape.length ?? 0;
  }

  /**
   * Bytes that are taken, for the moment: those that were published and not released, and those that are left out at the end.
   * @throws ShmError ERR_SHM_FORMAT for words that cannot be, ERR_SHM_CLOSED
   */
  get used(): number {
    const [write, read] = this.#counters();
    const { capacity } = this;
    if (!areCounters(write, read, capacity)) {
      throw damagedPlaces({ path: this.#view.label, field: this.#field }, { write, read, capacity });
    }
    return usedOf(write, read, capacity);
  }

  /**
   * Becomes the producer. The role of a dead one is taken over, with everything that it published. Give it back by `using` or `close()`.
   * @throws ShmError ERR_SHM_BUSY when there is one, with who that is, and when this thread is it; ERR_SHM_READ_ONLY,
   * ERR_SHM_UNSUPPORTED, ERR_SHM_FORMAT, ERR_SHM_CLOSED
   */
  producer(): BipBufferProducer {
    return new BipBufferProducer(this.#placed(), this.#view);
  }

  /** Becomes the consumer, as {@link producer}. What a dead one had not released is delivered again. */
  consumer(): BipBufferConsumer {
    return new BipBufferConsumer(this.#placed(), this.#view);
  }

  /** Its state, for people. Never refuses what others have written: more than the capacity says that the words are damaged. */
  toJSON(): { used: number; capacity: number; producer: string | null; consumer: string | null } {
    const [write, read] = this.#counters();
    const { capacity } = this;
    const memory = rawMemory(this.#view);
    const producer = roleText(memory, (this.#offset + BIP_BUFFER.at.producer) / 4);
    const consumer = roleText(memory, (this.#offset + BIP_BUFFER.at.consumer) / 4);
    return { used: usedOf(write, read, capacity), capacity, producer, consumer };
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

  #counters(): readonly [write: number, read: number] {
    if (this.#view.closed) throw closed(this.#view.label, this.#field);
    const [write, read] = [this.#offset + BIP_BUFFER.at.write, this.#offset + BIP_BUFFER.at.read];
    return countersNow(rawMemory(this.#view), write / 4, read / 4);
  }

  /** Made when somebody takes a role. */
  #placed(): BytesPlace {
    if (this.#view.closed) throw closed(this.#view.label, this.#field);
    const { at, length = 0 } = this.#shape;
    const lies = { offset: this.#offset, first: this.#offset + (at["bytes"] ?? 0), length };
    return (this.#place ??= bytesPlace(this.#view, lies, this.#field));
  }

  static {
    spoilable<BipBuffer, MemoryView & undefined>(this, (own, closed) => {
      own.#view = closed;
      own.#place = undefined;
    });
  }
}

/** A buffer in memory that is only read: nobody sees its bytes without a role. */
export type BipBufferReader = Pick<BipBuffer, "capacity" | "used" | "toJSON">;
