/** 64 bits that tell two sequences of values apart: MurmurHash3 of 32 bits, twice. Not meant for those who try to find two alike. */
import type { NumberArray } from "./numbers.js";

/** Numbers that are copied at a time. */
const CHUNK = 4096;

export class Digest {
  #a = 0x9747b28c;
  #b = 0x1b873593;
  #length = 0;

  #add(word: number): void {
    let a = Math.imul(word, 0xcc9e2d51);
    a = Math.imul((a << 15) | (a >>> 17), 0x1b873593) ^ this.#a;
    this.#a = (Math.imul((a << 13) | (a >>> 19), 5) + 0xe6546b64) | 0;
    let b = Math.imul(word, 0x85ebca6b);
    b = Math.imul((b << 13) | (b >>> 19), 0xc2b2ae35) ^ this.#b;
    this.#b = (Math.imul((b << 17) | (b >>> 15), 5) + 0x52dce729) | 0;
    this.#length += 1;
  }

  addText(text: string): void {
    for (let index = 0; index < text.length; index++) this.#add(text.charCodeAt(index));
  }

  /** `"#9e3779b97f4a7c15"` */
  text(): string {
    return `#${[this.#a, this.#b]
      .map((half) =>
        mixed(half ^ this.#length)
          .toString(16)
          .padStart(8, "0"),
      )
      .join("")}`;
  }

  /** Of the values, not of the bits: one NaN is as another. The array's memory may change meanwhile. */
  static ofNumbers(numbers: NumberArray): string {
    const digest = new Digest();
    for (let from = 0; from < numbers.length; from += CHUNK) {
      const some = (numbers as Float64Array).slice(from, from + CHUNK);
      if (some instanceof Float64Array || (some as unknown) instanceof Float32Array) {
        for (let index = 0; index < some.length; index++) if (Number.isNaN(some[index])) some[index] = NaN;
      }
      const { buffer, byteOffset, byteLength } = some;
      const words =
        some.BYTES_PER_ELEMENT < 4
          ? new Uint8Array(buffer, byteOffset, byteLength)
          : new Uint32Array(buffer, byteOffset, byteLength / 4);
      for (const word of words) digest.#add(word);
    }
    return digest.text();
  }
}

function mixed(half: number): number {
  let word = half ^ (half >>> 16);
  word = Math.imul(word, 0x85ebca6b);
  word ^= word >>> 13;
  word = Math.imul(word, 0xc2b2ae35);
  return (word ^ (word >>> 16)) >>> 0;
}
