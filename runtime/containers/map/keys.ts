/**
 * One key in private memory, in whole words of 8 bytes and with zeros behind it, as it lies in an entry. In: what the caller gives, or an
 * entry's bytes. Out: its length for the hash, or a value.
 */
import { apart } from "../../access/apart.js";
import { type MemoryView, type RawMemory, rawMemory } from "../../access/memory-view.js";
import { plainValue } from "../../access/plain.js";
import type { ContainerKey } from "../../access/placed.js";
import { badKeyBytes } from "./refusals.js";

/** Happens for keys that are not short ASCII. */
let putSlowly: (key: KeyCell, value: unknown) => number;

export class KeyCell {
  readonly memory: RawMemory;
  readonly words: Uint32Array;
  readonly #view: MemoryView;
  readonly #key: ContainerKey;
  readonly #isText: boolean;
  readonly #field: string;
  readonly #size: number;
  readonly #count: number;

  static {
    putSlowly = apart((key, value) => key.#putSlowly(value));
  }

  constructor(view: MemoryView, key: ContainerKey, field: string) {
    this.#view = view;
    this.memory = rawMemory(view);
    this.words = this.memory.u32;
    this.#key = key;
    this.#isText = key.is === "text";
    this.#field = field;
    this.#size = key.of.size;
    this.#count = this.words.length;
  }

  /**
   * Stores a key, and gives its length: of a text in bytes of UTF-8, of others that of the type.
   * @throws ShmRangeError for what is none of this type
   */
  put(value: unknown): number {
    if (!this.#isText || typeof value !== "string" || value.length > this.#size) return putSlowly(this, value);
    const words = this.words;
    const length = value.length;
    let above = 0;
    let below = 0;
    let at = 0;
    let index = 0;
    for (; index + 3 < length; index += 4) {
      const a = value.charCodeAt(index);
      const b = value.charCodeAt(index + 1);
      const c = value.charCodeAt(index + 2);
      const d = value.charCodeAt(index + 3);
      above |= a | b | c | d;
      below |= (a - 1) | (b - 1) | (c - 1) | (d - 1);
      words[at++] = a | (b << 8) | (c << 16) | (d << 24);
    }
    let rest = 0;
    for (let shift = 0; index < length; index += 1, shift += 8) {
      const one = value.charCodeAt(index);
      above |= one;
      below |= one - 1;
      rest |= one << shift;
    }
    if (at < this.#count) words[at++] = rest;
    for (const count = this.#count; at < count; at += 1) words[at] = 0;
    return above < 0x80 && below >= 0 ? length : putSlowly(this, value);
  }

  /** What it holds. */
  get value(): unknown {
    return plainValue(this.#key.of.get(this.#view, 0, this.#field));
  }

  #putSlowly(value: unknown): number {
    const { is, of } = this.#key;
    // A typed array of another kind would be converted number by number.
    if (is === "bytes" && !(value instanceof Uint8Array && value.length === of.size)) {
      throw badKeyBytes(this.#field, of.size, value);
    }
    const { u8 } = this.memory;
    u8.fill(0);
    of.set(this.#view, 0, value, this.#field);
    if (is !== "text") return of.size;
    const end = u8.indexOf(0);
    return end < 0 ? of.size : Math.min(end, of.size);
  }
}
