/**
 * `messages<N>`: messages of any length from many producers to one consumer. Its bytes are in schema/containers/messages.ts, its steps in
 * test/model/messages.ts.
 *
 *   producer   takes the lock, writes a frame where nobody reads, stores `write`, lets go; wakes the consumer if that sleeps
 *   consumer   reads the frame at `read`, then stores `read`; wakes the producers likewise
 *   death      frees the lock, or the role; a frame is published, or the next producer writes over it
 */
import { Buffer } from "node:buffer";
import { MESSAGES } from "../../../schema/containers/messages.js";
import { OWNER } from "../../../schema/containers/owner.js";
import { checkOptions } from "../../arguments/check-options.js";
import type { MemoryView, RawMemory } from "../../access/memory-view.js";
import { rawMemory } from "../../access/memory-view.js";
import { closed } from "../../access/refusals.js";
import { spoilable } from "../../access/retire.js";
import { monotonicMs } from "../../monotonic.js";
import { Container, type ContainerShape, type Death, nameOf } from "../container.js";
import { areCounters, bytesPlace, countersNow, usedOf } from "../parts/laps.js";
import { ownerOf } from "../parts/owner-word.js";
import { recoverRole, rolesOf, roleText } from "../parts/side.js";
import { type AbortOptions, TIMEOUT_MS, type WaitOptions } from "../parts/sleeping.js";
import { MessagesConsumer } from "./consumer.js";
import { longestOf, type MessageKind, SIDES } from "./frames.js";
import type { MessageGrant } from "./grant.js";
import { MessageProducers, type PushOptions, recoverProducer } from "./producers.js";
import { damagedFrames, notJson } from "./refusals.js";

/**
 * Messages of up to {@link Messages.longest} bytes, from many threads of all processes to one: bytes, text, or JSON. Each is delivered whole
 * and in the order in which they were published.
 */
export class Messages extends Container {
  #view: MemoryView;
  readonly #offset: number;
  readonly #length: number;
  readonly #first: number;
  readonly #field: string;
  #producers: MessageProducers | undefined;

  constructor(view: MemoryView, offset: number, shape: ContainerShape, field: string) {
    super(view, offset, shape, field);
    this.#view = view;
    this.#offset = offset;
    this.#length = shape.length ?? 0;
    this.#first = offset + (shape.at["frames"] ?? 0);
    this.#field = nameOf(view, offset, field);
  }

  /** Bytes that it can hold, with 8 for the head of each message. */
  get capacity(): number {
    if (this.#view.closed) throw closed(this.#view.label, this.#field);
    return this.#length;
  }

  /** Bytes of the longest message. */
  get longest(): number {
    return longestOf(this.capacity);
  }

  /**
   * Bytes that are taken, for the moment: messages that were published and not released, with their heads and padding.
   * @throws ShmError ERR_SHM_FORMAT for words that cannot be, ERR_SHM_CLOSED
   */
  get used(): number {
    const [write, read] = this.#counters();
    const { capacity } = this;
    if (!areCounters(write, read, capacity)) {
      const facts = { path: this.#view.label, field: this.#field };
      throw damagedFrames(facts, "its places", { write, read, capacity });
    }
    return usedOf(write, read, capacity);
  }

  /**
   * Publishes a copy of a message: bytes, or text as UTF-8. False, and nothing done, when there is no room. Another producer that is just
   * at it is waited for, a microsecond as a rule; one that is stopped or has claimed a message, for up to `timeoutMs`, and one that is
   * dead not at all.
   * @throws ShmRangeError for a message that is longer than {@link longest}, or neither text nor bytes; ShmError ERR_SHM_BUSY when another
   * producer did not let go in time, with who that is, and while this thread has claimed a message; ERR_SHM_FORMAT, ERR_SHM_READ_ONLY,
   * ERR_SHM_UNSUPPORTED, ERR_SHM_CLOSED
   */
  push(message: string | Uint8Array, options?: PushOptions): boolean {
    if (options === undefined) return this.#made().push(message, undefined, TIMEOUT_MS);
    checkOptions(options, "push");
    return this.#made().push(message, options.kind, options.timeoutMs ?? TIMEOUT_MS);
  }

  /** As {@link push}, of what `JSON.stringify` makes of a value. @throws as that does; ShmRangeError for what has no JSON */
  pushJson(value: unknown, options: WaitOptions = {}): boolean {
    const text = JSON.stringify(value) as string | undefined;
    if (text === undefined) throw notJson({ path: this.#view.label, field: this.#field }, value);
    return this.push(text, { ...options, kind: "json" });
  }

  /** As {@link push}, but sleeps until there is room. @throws ShmError ERR_SHM_BUSY at the timeout, with who is the consumer */
  pushWait(message: string | Uint8Array, options: PushOptions = {}): void {
    checkOptions(options, "push");
    const { timeoutMs = TIMEOUT_MS, kind } = options;
    const producers = this.#made();
    const deadline = monotonicMs() + timeoutMs;
    for (let left = timeoutMs; !producers.push(message, kind, left); left = Math.max(0, deadline - monotonicMs())) {
      producers.waitFor(message, left);
    }
  }

  /**
   * As {@link push}, but resolves when there was room, and never blocks. Those of this thread that wait are published in the order of their
   * calls; {@link push} does not queue up behind them. Bytes are read when there is room. Rejects with the reason of `signal` when that
   * is aborted.
   * @throws ShmError ERR_SHM_BUSY at the timeout, with who is the consumer, or who has the lock; ERR_SHM_CLOSED when it is closed meanwhile
   */
  pushAsync(message: string | Uint8Array, options: PushAsyncOptions = {}): Promise<void> {
    try {
      checkOptions(options, "pushAsync");
      return this.#made().pushAsync(message, options);
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  /**
   * Room for a message of up to `size` bytes, to be filled in place; undefined when there is none. **Until it is published or discarded, its
   * thread has the lock of the producers**, and all others wait.
   * @throws as {@link push}
   */
  claim(size: number, options: WaitOptions = {}): MessageGrant | undefined {
    checkOptions(options, "wait");
    return this.#made().claim(size, options.timeoutMs ?? TIMEOUT_MS);
  }

  /**
   * Becomes the consumer. The role of a dead one is taken over, and what that had not released is delivered again. Give it back by `using`
   * or `close()`.
   * @throws ShmError ERR_SHM_BUSY when there is one, with who that is, and when this thread is it; ERR_SHM_READ_ONLY,
   * ERR_SHM_UNSUPPORTED, ERR_SHM_FORMAT, ERR_SHM_CLOSED
   */
  consumer(): MessagesConsumer {
    if (this.#view.closed) throw closed(this.#view.label, this.#field);
    return new MessagesConsumer(this.#place(), this.#view);
  }

  /** Its state, for people. Never refuses what others have written: more than the capacity says that the words are damaged. */
  toJSON(): { used: number; capacity: number; producer: string | null; consumer: string | null } {
    const [write, read] = this.#counters();
    const { capacity } = this;
    const memory = rawMemory(this.#view);
    const producer = roleText(memory, (this.#offset + MESSAGES.at.producer) / 4);
    const consumer = roleText(memory, (this.#offset + MESSAGES.at.consumer) / 4);
    return { used: usedOf(write, read, capacity), capacity, producer, consumer };
  }

  /** Frees the lock and the role of the dead, and wakes who waits for them. */
  static recover(memory: RawMemory, offset: number, _shape: ContainerShape, { number }: Death): void {
    recoverProducer(memory, offset / 4, number);
    recoverRole(memory, offset / 4, SIDES.consumer, number);
  }

  /** What a participant has of it, for people. */
  static holdings(memory: RawMemory, offset: number, _shape: ContainerShape, number: number): string | undefined {
    const isPushing = ownerOf(memory.u32, (offset + MESSAGES.at.producer) / 4) === number && number !== OWNER.free;
    const isConsumer = rolesOf(memory.u32, offset / 4, SIDES, number).includes("consumer");
    if (!isPushing && !isConsumer) return undefined;
    return [...(isPushing ? ["is pushing"] : []), ...(isConsumer ? ["consumer"] : [])].join(" and ");
  }

  #counters(): readonly [write: number, read: number] {
    if (this.#view.closed) throw closed(this.#view.label, this.#field);
    const [write, read] = [this.#offset + MESSAGES.at.write, this.#offset + MESSAGES.at.read];
    return countersNow(rawMemory(this.#view), write / 4, read / 4);
  }

  #place(): ReturnType<typeof bytesPlace> {
    return bytesPlace(this.#view, { offset: this.#offset, first: this.#first, length: this.#length }, this.#field);
  }

  /** Made by the first one to push. */
  #made(): MessageProducers {
    const made = this.#producers;
    if (made !== undefined) return made;
    if (this.#view.closed) throw closed(this.#view.label, this.#field);
    const { buffer, byteOffset } = rawMemory(this.#view);
    const frames = Buffer.from(buffer as ArrayBuffer, byteOffset + this.#first, this.#length);
    return (this.#producers = new MessageProducers(this.#place(), frames));
  }

  static {
    spoilable<Messages, MemoryView & undefined>(this, (own, closed) => {
      own.#view = closed;
      own.#producers = undefined;
    });
  }
}

/** Options of what pushes and does not block. */
export interface PushAsyncOptions extends PushOptions, AbortOptions {}

export type { MessageKind };

/** Messages in memory that is only read: nobody sees them without the role of their consumer. */
export type MessagesReader = Pick<Messages, "capacity" | "longest" | "used" | "toJSON">;
