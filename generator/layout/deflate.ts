/**
 * Raw deflate (RFC 1951) whose output depends on the input alone. zlib will not do: its bytes differ between versions of
 * Node and, where it hashes with SIMD instructions, between processors, and generated files have to be the same everywhere.
 * One block with the fixed Huffman codes; matches by hash chains with lazy evaluation.
 */

const WINDOW = 32768;
const MATCH_MIN = 3;
const MATCH_MAX = 258;
const CHAIN_MAX = 128;

const LENGTH_BASE = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
];
const LENGTH_EXTRA = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCE_BASE = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
  8193, 12289, 16385, 24577,
];

/** Bits in the order of deflate: least significant first. */
class BitWriter {
  readonly bytes: number[] = [];
  #bits = 0;
  #count = 0;

  write(value: number, count: number): void {
    this.#bits |= value << this.#count;
    this.#count += count;
    while (this.#count >= 8) {
      this.bytes.push(this.#bits & 0xff);
      this.#bits >>>= 8;
      this.#count -= 8;
    }
  }

  /** Huffman codes stand with their most significant bit first. */
  writeCode(code: number, count: number): void {
    for (let bit = count - 1; bit >= 0; bit -= 1) this.write((code >> bit) & 1, 1);
  }

  end(): Uint8Array {
    if (this.#count > 0) this.bytes.push(this.#bits & 0xff);
    return Uint8Array.from(this.bytes);
  }
}

/** The fixed code of a literal or length symbol (RFC 1951, 3.2.6). */
function writeSymbol(writer: BitWriter, symbol: number): void {
  if (symbol < 144) writer.writeCode(0x30 + symbol, 8);
  else if (symbol < 256) writer.writeCode(0x190 + symbol - 144, 9);
  else if (symbol < 280) writer.writeCode(symbol - 256, 7);
  else writer.writeCode(0xc0 + symbol - 280, 8);
}

function lastNotAbove(bases: readonly number[], value: number): number {
  let index = bases.length - 1;
  while ((bases[index] as number) > value) index -= 1;
  return index;
}

function writeMatch(writer: BitWriter, length: number, distance: number): void {
  const l = lastNotAbove(LENGTH_BASE, length);
  writeSymbol(writer, 257 + l);
  writer.write(length - (LENGTH_BASE[l] as number), LENGTH_EXTRA[l] as number);
  const d = lastNotAbove(DISTANCE_BASE, distance);
  writer.writeCode(d, 5);
  writer.write(distance - (DISTANCE_BASE[d] as number), Math.max(0, (d >> 1) - 1));
}

/** Earlier places with the same three bytes, newest first. */
class Matcher {
  readonly #input: Uint8Array;
  readonly #heads = new Map<number, number>();
  readonly #previous: Int32Array;

  constructor(input: Uint8Array) {
    this.#input = input;
    this.#previous = new Int32Array(input.length);
  }

  #key(at: number): number {
    const input = this.#input;
    return ((input[at] as number) << 16) | ((input[at + 1] as number) << 8) | (input[at + 2] as number);
  }

  insert(at: number): void {
    if (at + MATCH_MIN > this.#input.length) return;
    const key = this.#key(at);
    this.#previous[at] = this.#heads.get(key) ?? -1;
    this.#heads.set(key, at);
  }

  find(at: number): { length: number; distance: number } {
    const input = this.#input;
    const best = { length: 0, distance: 0 };
    if (at + MATCH_MIN > input.length) return best;
    const limit = Math.min(MATCH_MAX, input.length - at);
    let candidate = this.#heads.get(this.#key(at)) ?? -1;
    for (let steps = 0; candidate >= 0 && at - candidate <= WINDOW && steps < CHAIN_MAX; steps += 1) {
      let length = 0;
      while (length < limit && input[candidate + length] === input[at + length]) length += 1;
      if (length > best.length) Object.assign(best, { length, distance: at - candidate });
      if (length === limit) break;
      candidate = this.#previous[candidate] as number;
    }
    return best.length >= MATCH_MIN ? best : { length: 0, distance: 0 };
  }
}

/** Raw deflate data of `input`. Any inflater reads it. */
export function deflate(input: Uint8Array): Uint8Array {
  const writer = new BitWriter();
  const matcher = new Matcher(input);
  writer.write(1, 1);
  writer.write(1, 2);
  let at = 0;
  let match = matcher.find(0);
  while (at < input.length) {
    matcher.insert(at);
    const next = at + 1 < input.length ? matcher.find(at + 1) : { length: 0, distance: 0 };
    if (match.length < MATCH_MIN || next.length > match.length) {
      writeSymbol(writer, input[at] as number);
      at += 1;
      match = next;
      continue;
    }
    writeMatch(writer, match.length, match.distance);
    const end = at + match.length;
    for (at += 1; at < end; at += 1) matcher.insert(at);
    match = matcher.find(at);
  }
  writeSymbol(writer, 256);
  return writer.end();
}
