/**
 * HalfSipHash-1-3, by which the buckets of keys are found: https://github.com/veorq/SipHash. Its key is drawn by whoever sets the first
 * entry of a map, because keys often come from strangers: with a hash that anybody can compute they could put all of them into one
 * bucket. Linux uses the same function (hsiphash) for its tables. The C header has it as well.
 */

/** The hash's key, of each map another one. */
export interface Seed {
  readonly low: number;
  readonly high: number;
}

/** Of the first `length` bytes of `words`, which end in zeros, with one word to spare unless they fill whole ones. */
export function hashOf(words: Uint32Array, length: number, { low, high }: Seed): number {
  let v0 = low;
  let v1 = high;
  let v2 = low ^ 0x6c796765;
  let v3 = high ^ 0x74656462;
  const whole = length >>> 2;
  const rest = (length << 24) | ((length & 3) === 0 ? 0 : words[whole]!);
  // One round for each whole word, one for the rest and the length, and three to end with.
  for (let at = 0; at < whole + 4; at += 1) {
    const word = at < whole ? words[at]! : at === whole ? rest : 0;
    if (at === whole + 1) v2 ^= 0xff;
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
  }
  return v1 ^ v3;
}

/** Another one each time, as far as anybody can tell. Its lower half is odd: 0 says that a map has none. */
export function newSeed(): Seed {
  const [low = 0, high = 0] = globalThis.crypto.getRandomValues(new Uint32Array(2));
  return { low: (low | 1) >>> 0, high };
}
