/**
 * One value that is always read whole: `limits.read()`, `limits.update((l) => { l.perMinute = 90; })`.
 *
 *   read     the sequence, the cell that it says, the sequence again; once more when a value was published meanwhile
 *   update   takes the word of writers, changes a private copy, fills the cell that nobody reads, and raises the sequence: the one
 *            store that counts. A death before it leaves the old value, one after it the new one, and the word of writers to recovery
 *   changed  parts/changes.ts
 *
 * The steps are those of test/model/seqlock.ts. cells.ts and kernels.ts copy.
 */
import { OWNER } from "../../../schema/containers/owner.js";
import { SEQLOCK } from "../../../schema/containers/seqlock.js";
import type { Element } from "../../access/arrays.js";
import type { Flyweight } from "../../access/flyweight.js";
import { type MemoryView, type RawMemory, rawMemory } from "../../access/memory-view.js";
import type { PlainForm } from "../../access/placed.js";
import { jsonOf, plain } from "../../access/contents.js";
import { plainValue, type Snapshot } from "../../access/plain.js";
import { closed } from "../../access/refusals.js";
import { spoilable } from "../../access/retire.js";
import { checkFunction, checkOptions } from "../../arguments/check-options.js";
import { monotonicMs } from "../../monotonic.js";
import type { Cells } from "../parts/cells.js";
import { changed } from "../parts/changes.js";
import { changesAfter } from "./values.js";
import { Container, type ContainerShape, type Death, nameOf } from "../container.js";
import { cellsOf } from "../parts/kernels.js";
import { edit, type Local, memoryForCopy, newLocal, type SeqlockUpdate } from "../parts/local-value.js";
import { OwnerWord, ownerOf, recoverOwner } from "../parts/owner-word.js";
import { changesTooFast, unchanged, updatesAlready } from "./refusals.js";
import {
  type AbortOptions,
  EVERYBODY,
  TIMEOUT_MS,
  type WaitAsyncOptions,
  type WaitOptions,
} from "../parts/sleeping.js";

/** A seqlock over memory that is only read. */
export type SeqlockReader<T> = Pick<
  Seqlock<T, never>,
  "read" | "sequence" | "changed" | "changes" | "toJSON" | typeof Symbol.asyncIterator
>;

const NO_OPTIONS = {};
/** Copies in a row that a publication may spoil before the clock is asked. */
const TRIES = 1000;

/** One value of all processes and threads that is always read whole, however many write it, and whoever of them dies. */
export class Seqlock<T, W = T> extends Container {
  readonly #view: MemoryView;
  readonly #field: string;
  readonly #offset: number;
  readonly #of: Element<T, W>;
  readonly #at: ContainerShape["at"];
  readonly #plain: PlainForm<T, W> | undefined;
  #cells: Cells | undefined;
  #writer: OwnerWord | undefined;
  /** What `read()` makes a plain value of, and what updates work on: a function that updates may read. */
  #reading: Local<T> | undefined;
  #draft: Local<T> | undefined;
  /** Whether somebody slept when the last value was published, who is to be woken. */
  #wakes = false;
  /** The last accessor that `read(copy)` found to be one of ours, and its memory. */
  #copy: Flyweight | undefined;
  #copyMemory: RawMemory | undefined;

  /** For generated code. @throws ShmError ERR_SHM_RANGE when it does not lie in the memory, ERR_SHM_CLOSED */
  constructor(view: MemoryView, offset: number, shape: ContainerShape<T, W>, field: string) {
    super(view, offset, shape, field);
    const name = nameOf(view, offset, field);
    if (shape.of === undefined) throw new Error("a seqlock without its element");
    this.#view = view;
    this.#field = name;
    this.#offset = offset;
    this.#of = shape.of;
    this.#at = shape.at;
    this.#plain = shape.plain;
  }

  /**
   * Counts the values that were published, modulo 2^32. Raised by one, in one atomic store, when a new one is there.
   * @throws ShmError ERR_SHM_CLOSED
   */
  get sequence(): number {
    return this.#cellsNow().sequence();
  }

  /**
   * The value as a plain object, number or text, whole: all of it was published by one update. Waits for no writer, alive or dead.
   * With an accessor over private memory, `Limits.local()`, the value is copied there without allocation, and the accessor returned.
   * @throws ShmRangeError for another accessor; ShmError ERR_SHM_CLOSED; ERR_SHM_BUSY when new values came faster than one could be copied
   * for 5 s
   */
  read(): Snapshot<T>;
  read<C extends Flyweight>(copy: C): C;
  read(copy?: Flyweight): unknown {
    if (copy === undefined) return this.#readVersioned().value;
    const memory = copy === this.#copy ? this.#copyMemory! : this.#memoryOf(copy);
    if (this.#cellsNow().load(memory) < 0) this.#loadAgain(memory);
    return copy;
  }

  /**
   * Changes the value: `change` is given a private copy, and what it leaves there, or returns for a number or text, is published as one.
   * Other updates wait meanwhile; readers do not. If it throws, nothing is published. Killed at any instruction, this thread leaves
   * the old value or the new one, and the next update frees what it had. Gives the new sequence.
   * @throws ShmError ERR_SHM_BUSY at the timeout, with who writes, and inside of another update of the same value; ERR_SHM_READ_ONLY,
   * ERR_SHM_UNSUPPORTED, ERR_SHM_CLOSED; ShmRangeError for a value that does not fit, and for a function that returns a promise, or
   * another object instead of changing its argument
   */
  update(change: SeqlockUpdate<T, W>, options: WaitOptions = NO_OPTIONS): number {
    checkFunction(change, "change");
    if (options !== NO_OPTIONS) checkOptions(options, "wait");
    const writer = this.#writerNow();
    writer.take(options.timeoutMs);
    return this.#underLock(writer, change as (value: T) => W, undefined);
  }

  /** As {@link Seqlock.update}, waiting for other writers without blocking the thread. `change` itself is not to be asynchronous. */
  async updateAsync(change: SeqlockUpdate<T, W>, options: WaitAsyncOptions = NO_OPTIONS): Promise<number> {
    checkFunction(change, "change");
    if (options !== NO_OPTIONS) checkOptions(options, "waitAsync");
    const work = (): number => this.#publish(change as (value: T) => W, undefined);
    const sequence = await this.#writerNow().underAsync(work, options);
    this.#wake();
    return sequence;
  }

  /**
   * Publishes a value, in one update; fields of a struct that are not given stay as they are, as with `assign()`. Gives the new sequence.
   * @throws as {@link Seqlock.update}
   */
  write(value: W, options: WaitOptions = NO_OPTIONS): number {
    if (options !== NO_OPTIONS) checkOptions(options, "wait");
    const writer = this.#writerNow();
    writer.take(options.timeoutMs);
    return this.#underLock(writer, undefined, value);
  }

  /**
   * Resolves with the sequence as soon as it is another one than `sequence`. Blocks nobody; over memory that is only read it looks
   * every 20 ms.
   * @throws ShmError ERR_SHM_BUSY at the timeout, ERR_SHM_CLOSED, ERR_SHM_UNSUPPORTED for memory without wait and notify; the signal's
   * reason
   */
  async changed(sequence: number, options: WaitAsyncOptions = NO_OPTIONS): Promise<number> {
    if (options !== NO_OPTIONS) checkOptions(options, "waitAsync");
    const [view, field, offset] = [this.#view, this.#field, this.#offset];
    const late = (timeoutMs: number): Error => unchanged(view.label, field, timeoutMs);
    const [counter, sleepers] = [offset + SEQLOCK.at.sequence, offset + SEQLOCK.at.sleepers];
    return changed({ view, counter, sleepers, field, late }, sequence, options);
  }

  /**
   * Each new value from now on, without those that were replaced before the loop came to them: `for await (const value of ...)`. The
   * loop ends by `break`, or throws: the signal's reason, as Node's own iterations do, or ERR_SHM_CLOSED.
   */
  changes(options: AbortOptions = NO_OPTIONS): AsyncIterableIterator<Snapshot<T>> {
    if (options !== NO_OPTIONS) checkOptions(options, "items");
    const wait = (seen: number): Promise<number> => this.changed(seen, { ...options, timeoutMs: Infinity });
    return changesAfter(this.sequence, wait, () => this.#readVersioned());
  }

  /** As {@link Seqlock.changes}. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Snapshot<T>> {
    return this.changes();
  }

  /** The value, whole, as `JSON.stringify()` has it of an accessor: 64-bit integers as text, enums by name. */
  override toJSON(): unknown {
    const { view, memory, kept } = (this.#reading ??= newLocal(this.#of, this.#field));
    this.#load(memory);
    return jsonOf(kept ?? this.#of.get(view, 0, this.#field));
  }

  /** @internal What `snapshot()` has of it: the value. */
  [plain](): Snapshot<T> {
    return this.read();
  }

  /** Frees the word of writers. What was not published is in the cell that nobody reads. */
  static recover(memory: RawMemory, offset: number, _shape: ContainerShape, { number }: Death): void {
    recoverOwner(memory, (offset + SEQLOCK.at.writer) / 4, number, OWNER.free);
  }

  /** What a participant has of it, for people. */
  static holdings(memory: RawMemory, offset: number, _shape: ContainerShape, number: number): string | undefined {
    return ownerOf(memory.u32, (offset + SEQLOCK.at.writer) / 4) === number ? "writing" : undefined;
  }

  static {
    spoilable<Seqlock<unknown>, Cells & OwnerWord & RawMemory>(this, (own, unusable) => {
      own.#cells = own.#writer = unusable;
    });
  }

  #underLock(writer: OwnerWord, change: ((value: T) => W) | undefined, value: W | undefined): number {
    let sequence: number;
    try {
      sequence = this.#publish(change, value);
    } finally {
      writer.release();
    }
    this.#wake();
    return sequence;
  }

  /** By who has the word of writers. */
  #publish(change: ((value: T) => W) | undefined, value: W | undefined): number {
    const cells = this.#cellsNow();
    const draft = (this.#draft ??= newLocal(this.#of, this.#field));
    const sequence = (this.#load(draft.memory) + 1) >>> 0; // Steps update.sequence update.copy
    edit(draft, this.#of, { change, value, path: this.#view.label, field: this.#field });
    if (this.#view.closed) throw closed(this.#view.label, this.#field);
    cells.store(draft.memory, sequence);
    const hadSleepers = cells.hasSleepers(); // Step update.lookForSleepers
    if (hadSleepers) cells.setSleepers(0); // Step update.disarm
    cells.publish(sequence); // Step update.publish
    if (cells.hasSleepers() || hadSleepers) this.#wakes = true; // Step update.lookAgain
    return sequence;
  }

  /** Those who sleep until the sequence changes, if any were there at a publication. */
  #wake(): void {
    if (!this.#wakes) return;
    this.#wakes = false;
    rawMemory(this.#view).futex?.notify(this.#offset + SEQLOCK.at.sequence, EVERYBODY); // Step update.wake
  }

  #readVersioned(): { readonly sequence: number; readonly value: Snapshot<T> } {
    const { view, memory, kept } = (this.#reading ??= newLocal(this.#of, this.#field));
    const sequence = this.#load(memory);
    const plain = this.#plain;
    if (plain !== undefined && kept !== undefined) return { sequence, value: plain.load(kept) };
    return { sequence, value: plainValue(kept ?? this.#of.get(view, 0, this.#field)) as Snapshot<T> };
  }

  /** Copies the value, and says its sequence. */
  #load(to: RawMemory): number {
    const sequence = this.#cellsNow().load(to);
    return sequence >= 0 ? sequence : this.#loadAgain(to);
  }

  /** Only writers without an end can make it try long. */
  #loadAgain(to: RawMemory): number {
    const cells = this.#cellsNow();
    const deadline = monotonicMs() + TIMEOUT_MS;
    for (let tries = 1; ; tries += 1) {
      const sequence = cells.load(to);
      if (sequence >= 0) return sequence;
      if (tries % TRIES === 0 && monotonicMs() > deadline) throw changesTooFast(this.#view.label, this.#field);
    }
  }

  #memoryOf(copy: Flyweight): RawMemory {
    this.#copyMemory = memoryForCopy(copy, (this.#reading ??= newLocal(this.#of, this.#field)), this.#field);
    this.#copy = copy;
    return this.#copyMemory;
  }

  #cellsNow(): Cells {
    return this.#cells ?? this.#newCells();
  }

  #newCells(): Cells {
    const [offset, at] = [this.#offset, this.#at];
    const [even, odd] = [at["even"], at["odd"]];
    const size = Math.ceil(this.#of.size / 8) * 8;
    const stride = (odd ?? 0) - (even ?? 0);
    if (even === undefined || stride < size) throw new Error("a seqlock of another element");
    const { memory: copy } = (this.#reading ??= newLocal(this.#of, this.#field));
    return (this.#cells = cellsOf(rawMemory(this.#view), { offset, even: offset + even, stride, size }, copy));
  }

  #writerNow(): OwnerWord {
    this.#cellsNow();
    const index = (this.#offset + SEQLOCK.at.writer) / 4;
    return (this.#writer ??= new OwnerWord(this.#view, index, this.#field, updatesAlready));
  }
}
