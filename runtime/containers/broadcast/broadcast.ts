/**
 * `broadcast<T, N>`: one stream to any number of readers, each with a cursor of its own. Its bytes are in schema/containers/broadcast.ts, its
 * steps in test/model/broadcast.ts.
 *
 *   writer   stamps a slot with the number of the new element, fills it, stores the tail, wakes who sleeps
 *   reader   copies an element that the tail counts between two looks at its stamp; a stamp of another one says that it came too late
 *   death    frees the role of the writer. What it had not published is in a slot that the next one writes; who reads the element that was
 *            there before is told that it missed it
 */
import { BROADCAST } from "../../../schema/containers/broadcast.js";
import { OWNER } from "../../../schema/containers/owner.js";
import type { MemoryView, RawMemory } from "../../access/memory-view.js";
import { closed } from "../../access/refusals.js";
import { spoilable } from "../../access/retire.js";
import { checkOptions } from "../../arguments/check-options.js";
import { Container, type ContainerShape, type Death, nameOf } from "../container.js";
import { ownerOf, recoverOwner } from "../parts/owner-word.js";
import { BroadcastCursor } from "./cursor.js";
import { type BroadcastPlace, placeOf, publishedOf, writerOf } from "./place.js";
import { BroadcastWriter } from "./writer.js";

/** Where a reader begins. */
export interface BroadcastReaderOptions {
  /** "newest", the default: with the next element that is published. "oldest": with the oldest one that is still there. */
  readonly from?: "oldest" | "newest";
}

/** A broadcast over memory that is only read. */
export type BroadcastReader<T> = Pick<Broadcast<T, never>, "capacity" | "published" | "reader" | "toJSON">;

/** One stream of elements for any number of readers, of which the last `capacity` are there. */
export class Broadcast<T, W = T> extends Container {
  #view: MemoryView;
  readonly #offset: number;
  readonly #shape: ContainerShape<T, W>;
  readonly #field: string;
  #place: BroadcastPlace<T, W> | undefined;

  /** For generated code. @throws ShmError ERR_SHM_RANGE when it does not lie in the memory, ERR_SHM_CLOSED */
  constructor(view: MemoryView, offset: number, shape: ContainerShape<T, W>, field: string) {
    super(view, offset, shape, field);
    const name = nameOf(view, offset, field);
    this.#view = view;
    this.#offset = offset;
    this.#shape = shape;
    this.#field = name;
  }

  /** Elements that are kept: readers that are further behind miss some. @throws ShmError ERR_SHM_CLOSED */
  get capacity(): number {
    return this.#placed().length;
  }

  /** Elements that were published since there is the region. One load, sequentially consistent. @throws ShmError ERR_SHM_FORMAT, ERR_SHM_CLOSED */
  get published(): number {
    return publishedOf(this.#placed(), 0);
  }

  /** One more reader, with a cursor of its own. It has nothing that would have to be given back. @throws ShmError ERR_SHM_FORMAT, ERR_SHM_CLOSED */
  reader(options: BroadcastReaderOptions = {}): BroadcastCursor<T> {
    checkOptions(options, "reader");
    return new BroadcastCursor<T>(this.#placed(), this.#view, options.from ?? "newest");
  }

  /**
   * Becomes the writer. The role of a dead one is taken over, with everything that it published. Give it back by `using` or `close()`.
   * @throws ShmError ERR_SHM_BUSY when there is one, with who that is, and when this thread is it; ERR_SHM_READ_ONLY,
   * ERR_SHM_UNSUPPORTED, ERR_SHM_FORMAT, ERR_SHM_CLOSED
   */
  writer(): BroadcastWriter<T, W> {
    return new BroadcastWriter<T, W>(this.#placed(), this.#view);
  }

  /** Its state, for people. Never refuses what others have written. */
  toJSON(): { published: number; capacity: number; writer: string | null } {
    const place = this.#placed();
    const owner = writerOf(place);
    const { participants } = place.memory;
    const isAlive = owner === OWNER.free || participants?.isAlive(owner) !== false;
    const writer = owner === OWNER.free ? null : (participants?.describe(owner) ?? `participant ${owner}`);
    return { published: place.slots.published(), capacity: place.length, writer: isAlive ? writer : `${writer}, dead` };
  }

  /** Frees the role. What was not published is in a slot whose element counts as missed. */
  static recover(memory: RawMemory, offset: number, _shape: ContainerShape, { number }: Death): void {
    recoverOwner(memory, (offset + BROADCAST.at.writer) / 4, number, OWNER.free);
  }

  /** What a participant has of it, for people. */
  static holdings(memory: RawMemory, offset: number, _shape: ContainerShape, number: number): string | undefined {
    return ownerOf(memory.u32, (offset + BROADCAST.at.writer) / 4) === number ? "writer" : undefined;
  }

  /** Made when somebody needs it. */
  #placed(): BroadcastPlace<T, W> {
    if (this.#view.closed) throw closed(this.#view.label, this.#field);
    return (this.#place ??= placeOf(this.#view, this.#offset, this.#shape, this.#field));
  }

  static {
    spoilable<Broadcast<unknown>, MemoryView & undefined>(this, (own, unusable) => {
      own.#view = unusable;
      own.#place = undefined;
    });
  }
}
