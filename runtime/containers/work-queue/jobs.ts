/**
 * The jobs of a queue, and what is done to them by who has its lock: `add`, `first`, `done` and `retry`. What counts is the state of each; the
 * lists are made anew of the states first, if a death may have left them incomplete.
 */
import { OWNER } from "../../../schema/containers/owner.js";
import { WORK_ENTRY, WORK_QUEUE } from "../../../schema/containers/work-queue.js";
import type { MemoryView } from "../../access/memory-view.js";
import { rawMemory } from "../../access/memory-view.js";
import type { Snapshot } from "../../access/plain.js";
import { closed } from "../../access/refusals.js";
import type { ShmErrorFacts } from "../../errors.js";
import type { ContainerShape } from "../container.js";
import { FreeList, mendLists } from "../parts/free-list.js";
import type { OwnerWord } from "../parts/owner-word.js";
import { Slots } from "../parts/slots.js";
import { Job, type JobPort } from "./job.js";
import { READY, ReadyList } from "./ready-list.js";
import { damagedLists, notLeased } from "./refusals.js";

const AT = WORK_QUEUE.at;
const LOSSES = AT.losses / 4;
const REPAIRED = AT.repaired / 4;
const ATTEMPTS = WORK_ENTRY.attempts / 4;
const PUSHED_AT = WORK_ENTRY.pushedAt / 4;
const STRIDE = WORK_ENTRY.size / 4;
const HALF = 2 ** 32;

/** Where they are. */
export interface JobsPlace<T, W> {
  readonly view: MemoryView;
  /** Of the container, bytes. */
  readonly offset: number;
  readonly shape: ContainerShape<T, W>;
  /** What messages call it. */
  readonly field: string;
  readonly lock: OwnerWord;
}

export class Jobs<T, W> {
  readonly #view: MemoryView;
  readonly #words: Uint32Array;
  /** Of the first word in `words`. */
  readonly #base: number;
  readonly #entries: number;
  readonly #field: string;
  readonly #slots: Slots<T, W>;
  readonly #lock: OwnerWord;
  readonly #free: FreeList;
  readonly #ready: ReadyList;

  constructor({ view, offset, shape, field, lock }: JobsPlace<T, W>) {
    const words = rawMemory(view).u32;
    const word = (at: number): number => (offset + at) / 4;
    const { length = 0 } = shape;
    const entries = entriesAt(offset, shape);
    this.#view = view;
    this.#words = words;
    this.#base = offset / 4;
    this.#entries = entries;
    this.#field = field;
    this.#slots = new Slots<T, W>(view, offset + (shape.at["slots"] ?? 0), shape, field);
    this.#lock = lock;
    const [fresh, free, next] = [word(AT.fresh), word(AT.free), entries + WORK_ENTRY.next / 4];
    this.#free = new FreeList({ words, fresh, free, state: entries, next, stride: STRIDE, length });
    this.#ready = new ReadyList(words, offset / 4, entries, length);
  }

  /** Jobs that nobody has, as the list says; for who has not the lock as well. */
  get readyCount(): number {
    return this.#ready.count;
  }

  /** For who has not the lock. */
  get mayHaveRoom(): boolean {
    return this.#free.mayHaveOne;
  }

  /** For who has not the lock as well. */
  stateOf(index: number): number {
    return Atomics.load(this.#words, this.#entries + index * STRIDE);
  }

  /** In place, for who has leased it. @throws ShmError ERR_SHM_CLOSED */
  show(index: number): T {
    if (this.#view.closed) throw closed(this.#view.label, this.#field);
    return this.#slots.at(index);
  }

  copy(index: number): Snapshot<T> {
    return this.#slots.copy(index);
  }

  /** Ms since 1970, for who has leased it. @throws ShmError ERR_SHM_CLOSED */
  pushedAt(index: number): number {
    if (this.#view.closed) throw closed(this.#view.label, this.#field);
    const at = this.#entries + index * STRIDE + PUSHED_AT;
    return Atomics.load(this.#words, at + 1) * HALF + Atomics.load(this.#words, at);
  }

  /** Whether there was a slot for it. */
  add(value: W): boolean {
    this.#mend();
    let index = this.#free.take();
    if (index === -2) {
      this.#rebuild();
      index = this.#free.take();
      if (index === -2) throw damagedLists(this.#facts);
    }
    if (index < 0) return false;
    const words = this.#words;
    const at = this.#entries + index * STRIDE;
    try {
      this.#slots.store(index, value); // Steps push.first push.second
    } catch (error) {
      this.#free.give(index);
      throw error;
    }
    const now = Date.now();
    words[at + ATTEMPTS] = 0; // Step push.attempts
    words[at + PUSHED_AT] = now % HALF;
    words[at + PUSHED_AT + 1] = Math.floor(now / HALF);
    this.#ready.ticket(index); // Step push.ticket
    Atomics.store(words, at, READY); // Step push.publish
    this.#ready.append(index);
    return true;
  }

  /** Leases the first one. */
  first(port: JobPort<T>): Job<T> | undefined {
    this.#mend();
    let index = this.#ready.take();
    if (index === -2) {
      this.#rebuild();
      index = this.#ready.take();
      if (index === -2) throw damagedLists(this.#facts);
    }
    if (index < 0) return undefined;
    const at = this.#entries + index * STRIDE;
    Atomics.store(this.#words, at, this.#lock.self()); // Step lease.publish
    const attempts = (this.#words[at + ATTEMPTS]! + 1) >>> 0;
    // Killed before, this thread has not seen the job.
    Atomics.store(this.#words, at + ATTEMPTS, attempts); // Step lease.count
    return new Job(port, index, attempts);
  }

  done(index: number): void {
    this.#mend();
    this.#move(index, OWNER.free);
    this.#free.give(index);
  }

  /** It is the next to be leased, or the last. */
  retry(index: number, isLast: boolean): void {
    this.#mend();
    if (isLast) this.#ready.ticket(index);
    this.#move(index, READY);
    if (isLast) this.#ready.append(index);
    else this.#ready.insert(index);
  }

  /** This thread's number. */
  get self(): number {
    return this.#lock.self();
  }

  /** By who has not the lock: gives a job back as the recovery of this thread would. */
  leave(index: number): void {
    const me = this.#lock.self();
    Atomics.compareExchange(this.#words, this.#entries + index * STRIDE, me, READY);
    Atomics.add(this.#words, this.#base + LOSSES, 1);
  }

  /** Makes the lists anew if a death may have left them incomplete. */
  #mend(): void {
    const base = this.#base;
    mendLists(this.#words, { losses: base + LOSSES, repaired: base + REPAIRED }, () => this.#rebuild());
  }

  #rebuild(): void {
    this.#free.rebuild();
    this.#ready.rebuild();
  }

  #move(index: number, to: typeof OWNER.free | typeof READY): void {
    const me = this.#lock.self();
    // Steps done.publish retry.publish
    const found = Atomics.compareExchange(this.#words, this.#entries + index * STRIDE, me, to);
    if (found !== me) throw notLeased(this.#facts, index, found);
  }

  get #facts(): ShmErrorFacts {
    return { path: this.#view.label, field: this.#field };
  }
}

/** Index of the state of the first entry. */
function entriesAt(offset: number, { at }: ContainerShape): number {
  return (offset + (at["entries"] ?? 0) + WORK_ENTRY.state) / 4;
}

/** What a dead participant had is ready again. */
export function readyAgain(words: Uint32Array, offset: number, shape: ContainerShape, number: number): void {
  const entries = entriesAt(offset, shape);
  for (let index = 0; index < (shape.length ?? 0); index += 1) {
    const at = entries + index * STRIDE;
    // Step recover.slot
    if (Atomics.load(words, at) === number) Atomics.compareExchange(words, at, number, READY);
  }
  // Whether there were any or not: who recovered before may have died here, and the dead one with the lock.
  Atomics.add(words, offset / 4 + LOSSES, 1); // Step recover.losses
}

/** How many jobs a participant has. */
export function leasedBy(words: Uint32Array, offset: number, shape: ContainerShape, number: number): number {
  const entries = entriesAt(offset, shape);
  let count = 0;
  for (let index = 0; index < (shape.length ?? 0); index += 1) {
    if (Atomics.load(words, entries + index * STRIDE) === number) count += 1;
  }
  return count;
}
