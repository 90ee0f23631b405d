/**
 * The chains of a map, as far as memory goes: how keys are found in them, and how keys and values are copied, word by word with atomic
 * instructions, since readers copy what may be taken out and used again meanwhile. Here in JavaScript, for memory that WebAssembly cannot
 * have; kernels.ts does the same many times as fast. The steps are those of test/model/map.ts.
 */
import { BUCKET_AT, ENTRY_AT } from "../../../schema/containers/map.js";
import type { RawMemory } from "../../access/memory-view.js";
import { ENTRY_WORD, type MapPlace } from "./place.js";

/** There is no such key. */
export const ABSENT = -1;
/** Entries were taken out meanwhile, so that all that was read may be wrong. */
export const CHANGED = -2;
/** The chain is none. */
export const DAMAGED = -3;

const STAMP = BUCKET_AT.stamp / 4;
const TWO_32 = 2 ** 32;

export interface Chains {
  /**
   * Copies `size` bytes of the value of a key to the start of private memory. Gives until when it holds, in ms of CLOCK_MONOTONIC, 0 for
   * ever; or {@link ABSENT}, {@link CHANGED} or {@link DAMAGED}.
   */
  get(hash: number, key: RawMemory, to: RawMemory, size: number): number;
  /** For who has the lock: the index of the word that names the entry of a key; 0: there is none; negative: the chain is damaged. */
  find(hash: number, key: RawMemory): number;
  /** Copies from a place of the view. The stamp of the bucket at that place, or -1 when it changed meanwhile. */
  load(bucket: number, from: number, to: RawMemory, size: number): number;
  /** Copies private memory to a place of the view. */
  store(to: number, from: RawMemory, size: number): void;
}

export class PlainChains implements Chains {
  readonly #words: Uint32Array;
  readonly #place: MapPlace;
  readonly #most: number;

  constructor({ u32 }: RawMemory, place: MapPlace) {
    this.#words = u32;
    this.#place = place;
    this.#most = place.capacity + 1;
  }

  get(hash: number, { u32: key }: RawMemory, { u32: copy }: RawMemory, size: number): number {
    const words = this.#words;
    const { buckets, mask, entries, stride, value } = this.#place;
    const bucket = (buckets + (hash & mask) * 8) / 4;
    const stamp = Atomics.load(words, bucket + STAMP); // Step read.stamp
    let result = ABSENT;
    for (let at = bucket, left = this.#most; ; left -= 1) {
      const entry = Atomics.load(words, at); // Steps read.head read.next
      if (entry === 0) break;
      if (entry > this.#most || left === 0) {
        result = DAMAGED;
        break;
      }
      at = (entries + entry * stride) / 4;
      if (!this.#same(at, hash, key)) continue; // Step read.key
      // Step read.copy
      result = Atomics.load(words, at + ENTRY_WORD.expires) + Atomics.load(words, at + ENTRY_WORD.expires + 1) * TWO_32;
      const from = at + value / 4;
      for (let index = 0; index < size / 4; index += 1) copy[index] = Atomics.load(words, from + index);
      break;
    }
    return Atomics.load(words, bucket + STAMP) === stamp ? result : CHANGED; // Step read.stampAgain
  }

  find(hash: number, { u32: key }: RawMemory): number {
    const words = this.#words;
    const { buckets, mask, entries, stride } = this.#place;
    let link = (buckets + (hash & mask) * 8) / 4;
    for (let left = this.#most; ; left -= 1) {
      const entry = Atomics.load(words, link);
      if (entry === 0) return 0;
      if (entry > this.#most || left === 0) return DAMAGED;
      const at = (entries + entry * stride) / 4;
      if (this.#same(at, hash, key)) return link;
      link = at;
    }
  }

  load(bucket: number, from: number, { u32: copy }: RawMemory, size: number): number {
    const words = this.#words;
    const stamp = Atomics.load(words, bucket / 4 + STAMP);
    for (let index = 0; index < size / 4; index += 1) copy[index] = Atomics.load(words, from / 4 + index);
    return Atomics.load(words, bucket / 4 + STAMP) === stamp ? stamp : -1;
  }

  store(to: number, { u32: copy }: RawMemory, size: number): void {
    const words = this.#words;
    for (let index = 0; index < size / 4; index += 1) Atomics.store(words, to / 4 + index, copy[index]!);
  }

  #same(at: number, hash: number, key: Uint32Array): boolean {
    const words = this.#words;
    if (Atomics.load(words, at + ENTRY_WORD.hash) !== hash >>> 0) return false;
    const from = at + ENTRY_AT.key / 4;
    for (let index = 0; index < key.length; index += 1) {
      if (Atomics.load(words, from + index) !== key[index]) return false;
    }
    return true;
  }
}
