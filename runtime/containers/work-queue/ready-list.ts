/**
 * Jobs that nobody has, in the order of their tickets. Everything here is done by who has the container's lock, and can be made anew of what the
 * entries say of themselves; so its words are plain, as those of the list of free ones are (parts/free-list.ts). Indices are checked before
 * they are used, and walks end after as many steps as there are slots.
 */
import { OWNER } from "../../../schema/containers/owner.js";
import { WORK_ENTRY, WORK_QUEUE } from "../../../schema/containers/work-queue.js";

/** The state of a job that nobody has. */
export const READY = OWNER.abandoned;

const AT = WORK_QUEUE.at;
const FIRST = AT.first / 4;
const LAST = AT.last / 4;
const COUNT = AT.ready / 4;
const TICKETS = AT.tickets / 4;
const NEXT = WORK_ENTRY.next / 4;
const TICKET = WORK_ENTRY.ticket / 4;
const STRIDE = WORK_ENTRY.size / 4;
const HALF = 2 ** 32;

export class ReadyList {
  readonly #words: Uint32Array;
  readonly #base: number;
  readonly #entries: number;
  readonly #length: number;

  /** Indices are those of 32-bit words: of the container, and of its first entry. */
  constructor(words: Uint32Array, base: number, entries: number, length: number) {
    this.#words = words;
    this.#base = base;
    this.#entries = entries;
    this.#length = length;
  }

  /** Jobs in it; for who has not the lock as well. */
  get count(): number {
    return Atomics.load(this.#words, this.#base + COUNT);
  }

  /** Gives a job the next ticket. */
  ticket(index: number): void {
    const [words, base] = [this.#words, this.#base];
    const low = words[base + TICKETS]!;
    const high = words[base + TICKETS + 1]!;
    const at = this.#entries + index * STRIDE + TICKET;
    words[at] = low;
    words[at + 1] = high;
    // In two stores: killed between them, this thread has given tickets that are further on than need be.
    if (low === HALF - 1) words[base + TICKETS + 1] = high + 1;
    words[base + TICKETS] = low + 1;
  }

  /** Appends a job whose ticket is the last one. */
  append(index: number): void {
    const [words, base] = [this.#words, this.#base];
    const last = words[base + LAST]! - 1;
    this.#setNext(index, 0); // Step ready.end
    if (last < 0 || last >= this.#length)
      words[base + FIRST] = index + 1; // Step ready.first
    else this.#setNext(last, index + 1); // Step ready.link
    words[base + LAST] = index + 1; // Step ready.last
    words[base + COUNT] = words[base + COUNT]! + 1;
  }

  /** Puts a job where its ticket belongs, which is near the front: behind those that came back before. */
  insert(index: number): void {
    const [words, base] = [this.#words, this.#base];
    const ticket = this.#ticketOf(index);
    let before = -1;
    let next = words[base + FIRST]! - 1;
    for (let steps = 0; next >= 0 && next < this.#length && steps < this.#length; steps += 1) {
      if (this.#ticketOf(next) > ticket) break;
      before = next;
      next = this.#next(next);
    }
    if (next < 0 || next >= this.#length) return this.append(index);
    this.#setNext(index, next + 1); // Step ready.end
    if (before < 0)
      words[base + FIRST] = index + 1; // Step ready.first
    else this.#setNext(before, index + 1); // Step ready.link
    words[base + COUNT] = words[base + COUNT]! + 1;
  }

  /** Takes the first one out: its index; -1 when there is none, -2 when the list is damaged. */
  take(): number {
    const [words, base] = [this.#words, this.#base];
    const index = words[base + FIRST]! - 1; // Step ready.look
    if (index < 0) return -1;
    if (index >= this.#length || Atomics.load(words, this.#entries + index * STRIDE) !== READY) return -2;
    const next = this.#next(index) + 1;
    words[base + FIRST] = next; // Step ready.unlink
    if (next === 0) words[base + LAST] = 0; // Step ready.none
    words[base + COUNT] = words[base + COUNT]! - 1;
    return index;
  }

  /** Makes it anew: of all that are ready now. */
  rebuild(): void {
    const [words, base] = [this.#words, this.#base];
    const ready: { readonly index: number; readonly ticket: number }[] = [];
    let most = -1;
    for (let index = 0; index < this.#length; index += 1) {
      const state = Atomics.load(words, this.#entries + index * STRIDE); // Step rebuild.look
      if (state === READY) ready.push({ index, ticket: this.#ticketOf(index) });
      if (state !== OWNER.free) most = Math.max(most, this.#ticketOf(index));
    }
    ready.sort((one, other) => one.ticket - other.ticket);
    for (const [at, { index }] of ready.entries()) this.#setNext(index, (ready[at + 1]?.index ?? -1) + 1); // Step rebuild.link
    words[base + FIRST] = (ready[0]?.index ?? -1) + 1; // Step rebuild.first
    words[base + LAST] = (ready.at(-1)?.index ?? -1) + 1; // Step rebuild.last
    words[base + COUNT] = ready.length;
    // A ticket is given before its job is there: the next one is behind all of them.
    if (this.#tickets() <= most) this.#setTickets(most + 1);
  }

  #next(index: number): number {
    return this.#words[this.#entries + index * STRIDE + NEXT]! - 1;
  }

  #setNext(index: number, next: number): void {
    this.#words[this.#entries + index * STRIDE + NEXT] = next;
  }

  /** Exact below 2^53, which nobody comes to. */
  #ticketOf(index: number): number {
    const at = this.#entries + index * STRIDE + TICKET;
    return this.#words[at + 1]! * HALF + this.#words[at]!;
  }

  #tickets(): number {
    const at = this.#base + TICKETS;
    return this.#words[at + 1]! * HALF + this.#words[at]!;
  }

  #setTickets(tickets: number): void {
    this.#words[this.#base + TICKETS + 1] = Math.floor(tickets / HALF);
    this.#words[this.#base + TICKETS] = tickets % HALF;
  }
}
