/**
 * What is done to a map under its lock. The steps are those of test/model/map.ts.
 *
 *   put       fills an entry that nobody uses, then names it in its chain: the one store that counts. What it replaces is out of the chain
 *             by the same store; the stamp of the bucket is raised, and only then is the old entry free
 *   remove    takes an entry out by one store, raises the stamp, and the entry is free
 *
 * A death leaves the chains whole, and the rest to repair.ts. A map that nobody has written to is zeros: all its entries are free, and the first
 * one to change it makes the list of them.
 */
import { BUCKET_SIZE, ENTRY_AT } from "../../../schema/containers/map.js";
import type { RawMemory } from "../../access/memory-view.js";
import { kernelMs } from "../../monotonic.js";
import type { Chains } from "./chains.js";
import { FreeEntries } from "./free-entries.js";
import { newSeed, type Seed } from "./hash.js";
import { ENTRY_WORD, type MapPlace, WORD } from "./place.js";
import { expiryAt, needsRepair, repair, storeWide } from "./repair.js";

/** Old entries that have expired and are removed with each one that is added. */
const SWEPT = 2;
const TWO_32 = 2 ** 32;

/** An entry as it is put. */
export interface NewEntry {
  readonly hash: number;
  readonly key: RawMemory;
  readonly value: RawMemory;
  /** Ms of CLOCK_MONOTONIC; 0: for ever. */
  readonly expires: number;
}

export class Changer {
  readonly #words: Uint32Array;
  readonly #place: MapPlace;
  readonly #chains: Chains;
  readonly #first: number;
  readonly #free: FreeEntries;
  readonly #damaged: () => Error;

  /** `damaged`: the error about words that no participant leaves. */
  constructor({ u32 }: RawMemory, place: MapPlace, chains: Chains, damaged: () => Error) {
    this.#words = u32;
    this.#place = place;
    this.#chains = chains;
    this.#first = place.offset / 4;
    this.#free = new FreeEntries(u32, place);
    this.#damaged = damaged;
  }

  /** Comes after each taking of the lock. */
  begin(): void {
    if (needsRepair(this.#words, this.#first)) this.#repair();
  }

  /** The hash's key, drawn by the first one who needs it. The half that says that there is one is stored last. */
  seed(): Seed {
    const words = this.#words;
    const first = this.#first;
    const low = Atomics.load(words, first + WORD.seed);
    if (low !== 0) return { low, high: Atomics.load(words, first + WORD.seedHigh) };
    this.#repair();
    const seed = newSeed();
    Atomics.store(words, first + WORD.seedHigh, seed.high);
    Atomics.store(words, first + WORD.seed, seed.low);
    return seed;
  }

  get count(): number {
    return Atomics.load(this.#words, this.#first + WORD.count);
  }

  /** Puts an entry in the place of the one that `link` names, or where that is 0 into its bucket: there has to be room. */
  put(link: number, { hash, key, value, expires }: NewEntry): void {
    const words = this.#words;
    const { buckets, mask, entries, stride, value: valueAt, keySize, valueSize } = this.#place;
    const entry = this.#spare();
    const place = entries + entry * stride;
    const at = place / 4;
    const bucket = (buckets + (hash & mask) * BUCKET_SIZE) / 4;
    const old = link === 0 ? 0 : Atomics.load(words, link);
    const ticket = (Atomics.load(words, this.#first + WORD.tickets) + 1) >>> 0;
    Atomics.store(words, this.#first + WORD.tickets, ticket); // Step put.ticket
    Atomics.store(words, at + ENTRY_WORD.hash, hash >>> 0); // Step put.fill
    Atomics.store(words, at + ENTRY_WORD.ticket, ticket);
    storeWide(words, at + ENTRY_WORD.expires, expires);
    this.#chains.store(place + ENTRY_AT.key, key, keySize);
    this.#chains.store(place + valueAt, value, valueSize);
    if (expires > 0) this.#expects(expires);
    const next = old === 0 ? bucket : (entries + old * stride) / 4;
    Atomics.store(words, at + ENTRY_WORD.next, Atomics.load(words, next)); // Step put.next
    Atomics.store(words, old === 0 ? bucket : link, entry); // Step put.link
    if (old !== 0) this.#release(old, bucket);
    else Atomics.store(words, this.#first + WORD.count, this.count + 1); // Step put.count
    this.#append(entry, at);
  }

  /** Takes out the entry that `link` names. */
  remove(link: number): void {
    const words = this.#words;
    const entry = Atomics.load(words, link);
    const at = this.#at(entry);
    const { buckets, mask } = this.#place;
    const bucket = (buckets + (Atomics.load(words, at + ENTRY_WORD.hash) & mask) * BUCKET_SIZE) / 4;
    Atomics.store(words, link, Atomics.load(words, at + ENTRY_WORD.next)); // Step remove.unlink
    this.#release(entry, bucket);
    Atomics.store(words, this.#first + WORD.count, this.count - 1); // Step remove.count
  }

  /** Makes room for one that is added: removes some of what has expired, and `evict`s the oldest one if it has to. Whether there is room. */
  makeRoom(evict: boolean): boolean {
    const { capacity } = this.#place;
    const earliest = this.#wide(this.#first + WORD.earliest);
    const now = earliest === 0 ? 0 : kernelMs();
    const hasExpired = earliest !== 0 && earliest <= now;
    if (hasExpired) for (let count = 0; count < SWEPT && this.#removeOldest(now); count += 1);
    if (this.count < capacity) return true;
    if (hasExpired && !evict) this.#sweep(now);
    return this.count < capacity || (evict && this.#removeOldest(Infinity));
  }

  /** Removes all. */
  clear(): void {
    const { buckets, mask } = this.#place;
    for (let bucket = 0; bucket <= mask; bucket += 1) {
      const head = (buckets + bucket * BUCKET_SIZE) / 4;
      if (Atomics.load(this.#words, head) !== 0) Atomics.store(this.#words, head, 0); // Step clear.unlink
    }
    this.#repair();
  }

  /** Until when the entry holds that `link` names. */
  expiryOf(link: number): number {
    return expiryAt(this.#words, this.#at(Atomics.load(this.#words, link)));
  }

  #repair(): void {
    repair(this.#words, this.#place);
  }

  #at(entry: number): number {
    return (this.#place.entries + entry * this.#place.stride) / 4;
  }

  #isEntry(entry: number): boolean {
    return entry >= 1 && entry <= this.#place.capacity + 1;
  }

  /** An entry that nobody uses, out of their list. */
  #spare(): number {
    for (let tries = 0; tries < 2; tries += 1) {
      const entry = this.#free.take();
      if (entry !== 0) return entry;
      this.#repair();
    }
    throw this.#damaged();
  }

  /** An entry that is out of its chain: readers that stand on it find out before it is used again. */
  #release(entry: number, bucket: number): void {
    const words = this.#words;
    Atomics.add(words, bucket + 1, 1); // Step remove.raise
    const at = this.#at(entry);
    const older = Atomics.load(words, at + ENTRY_WORD.older);
    const newer = Atomics.load(words, at + ENTRY_WORD.newer);
    this.#join(older, newer);
    this.#free.give(entry);
  }

  /** Links that lead nowhere are damage, which repair.ts mends when somebody needs them. */
  #join(older: number, newer: number): void {
    const words = this.#words;
    const before = this.#isEntry(older) ? this.#at(older) + ENTRY_WORD.newer : this.#first + WORD.oldest;
    const behind = this.#isEntry(newer) ? this.#at(newer) + ENTRY_WORD.older : this.#first + WORD.newest;
    Atomics.store(words, before, newer); // Step order.join
    Atomics.store(words, behind, older);
  }

  #append(entry: number, at: number): void {
    const words = this.#words;
    const newest = Atomics.load(words, this.#first + WORD.newest);
    Atomics.store(words, at + ENTRY_WORD.newer, 0);
    this.#join(newest, entry);
    Atomics.store(words, this.#first + WORD.newest, entry); // Step order.append
  }

  /** Removes the oldest entry, if it has expired at `now`; Infinity: whenever it expires. Whether there was one. */
  #removeOldest(now: number): boolean {
    for (let tries = 0; tries < 2; tries += 1) {
      const oldest = Atomics.load(this.#words, this.#first + WORD.oldest);
      if (this.#isEntry(oldest)) {
        const expires = expiryAt(this.#words, this.#at(oldest));
        if (now !== Infinity && (expires === 0 || expires > now)) return false;
        const link = this.#linkTo(oldest);
        if (link > 0) {
          this.remove(link);
          return true;
        }
      } else if (now !== Infinity) return false;
      this.#repair();
    }
    return false;
  }

  /** The word that names an entry; 0: none does. */
  #linkTo(entry: number): number {
    const words = this.#words;
    const { buckets, mask, capacity } = this.#place;
    let link = (buckets + (Atomics.load(words, this.#at(entry) + ENTRY_WORD.hash) & mask) * BUCKET_SIZE) / 4;
    for (let left = capacity + 1; left > 0; left -= 1) {
      const found = Atomics.load(words, link);
      if (found === entry) return link;
      if (!this.#isEntry(found)) return 0;
      link = this.#at(found);
    }
    return 0;
  }

  /** Removes all that has expired, and finds out when the next one does. */
  #sweep(now: number): void {
    const words = this.#words;
    const { buckets, mask, capacity } = this.#place;
    let earliest = Infinity;
    for (let bucket = 0; bucket <= mask; bucket += 1) {
      let link = (buckets + bucket * BUCKET_SIZE) / 4;
      for (let left = capacity + 1; left > 0; left -= 1) {
        const entry = Atomics.load(words, link);
        if (!this.#isEntry(entry)) break;
        const at = this.#at(entry);
        const expires = expiryAt(words, at);
        if (expires !== 0 && expires <= now) this.remove(link);
        else {
          earliest = Math.min(earliest, expires || Infinity);
          link = at;
        }
      }
    }
    storeWide(words, this.#first + WORD.earliest, earliest === Infinity ? 0 : earliest);
  }

  #expects(expires: number): void {
    const index = this.#first + WORD.earliest;
    const earliest = this.#wide(index);
    if (earliest === 0 || expires < earliest) storeWide(this.#words, index, expires);
  }

  #wide(index: number): number {
    return Atomics.load(this.#words, index) + Atomics.load(this.#words, index + 1) * TWO_32;
  }
}
