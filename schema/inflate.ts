/**
 * Raw deflate data (RFC 1951), inflated by JavaScript alone. Not by node:zlib: a worker that is ended between the making and
 * the initialising of one of its handles takes the whole process with it, and descriptions are read when regions are opened.
 */

/** Of bytes that are not what they are said to be. */
export class UnpackError extends Error {}

const CODE_BITS_MAX = 15;
const END_OF_BLOCK = 256;
const LITERALS_MAX = 286;
const DISTANCES_MAX = 30;

/** The order in which the lengths of the code for code lengths stand (3.2.7). */
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** What a symbol stands for: its base, and a number of so many bits more (3.2.5). */
interface Ranges {
  readonly base: readonly number[];
  readonly extra: readonly number[];
}

/** Each group of symbols has one bit more than the one before; the first two groups have none. */
function rangesOf(symbols: number, groupBits: number, first: number): Ranges {
  const base: number[] = [];
  const extra: number[] = [];
  for (let symbol = 0, next = first; symbol < symbols; symbol += 1) {
    const bits = Math.max(0, (symbol >> groupBits) - 1);
    base.push(next);
    extra.push(bits);
    next += 1 << bits;
  }
  return { base, extra };
}

const DISTANCES = rangesOf(DISTANCES_MAX, 1, 1);
const LENGTHS = ((): Ranges => {
  const { base, extra } = rangesOf(28, 2, 3);
  // The longest match has a symbol of its own.
  return { base: [...base, 258], extra: [...extra, 0] };
})();

/** A canonical Huffman code (3.2.2): how many symbols have codes of each length, and the symbols in the codes' order. */
interface Code {
  readonly counts: Uint16Array;
  readonly symbols: Uint16Array;
}

function codeOf(lengths: Uint8Array, mayHaveOne = true): Code {
  const counts = new Uint16Array(CODE_BITS_MAX + 1);
  for (const length of lengths) counts[length] = (counts[length] ?? 0) + 1;
  counts[0] = 0;
  const ends = new Uint16Array(CODE_BITS_MAX + 1);
  let free = 1;
  let used = 0;
  for (let bits = 1; bits <= CODE_BITS_MAX; bits += 1) {
    const count = counts[bits] ?? 0;
    free = free * 2 - count;
    if (free < 0) throw new UnpackError("a code has more symbols than there are bits for");
    ends[bits] = used;
    used += count;
  }
  // A code of one symbol leaves half of it free; one of none at all is not to be used.
  if (free > 0 && !(used === 0 || (mayHaveOne && used === counts[1]))) throw new UnpackError("a code is incomplete");
  const symbols = new Uint16Array(used);
  for (const [symbol, length] of lengths.entries()) {
    if (length === 0) continue;
    const at = ends[length] ?? 0;
    symbols[at] = symbol;
    ends[length] = at + 1;
  }
  return { counts, symbols };
}

interface Codes {
  readonly literals: Code;
  readonly distances: Code;
}

let fixed: Codes | undefined;

/** Of blocks that bring none of their own (3.2.6). Made on first use: most descriptions have no such block. */
function fixedCodes(): Codes {
  return (fixed ??= {
    literals: codeOf(
      Uint8Array.from({ length: 288 }, (_, symbol) => (symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8)),
    ),
    distances: codeOf(new Uint8Array(32).fill(5)),
  });
}

class Bits {
  readonly #bytes: Uint8Array;
  #at = 0;
  #hold = 0;
  #held = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** A number of at most 16 bits. */
  take(count: number): number {
    while (this.#held < count) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) throw new UnpackError("the data ends too early");
      this.#hold |= byte << this.#held;
      this.#at += 1;
      this.#held += 8;
    }
    const value = this.#hold & ((1 << count) - 1);
    this.#hold >>>= count;
    this.#held -= count;
    return value;
  }

  /** The next symbol of a code, whose bits stand the other way round. */
  symbol({ counts, symbols }: Code): number {
    let code = 0;
    let first = 0;
    let index = 0;
    for (let bits = 1; bits <= CODE_BITS_MAX; bits += 1) {
      code |= this.take(1);
      const count = counts[bits] ?? 0;
      if (code < first + count) return symbols[index + code - first] ?? 0;
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    throw new UnpackError("no symbol has this code");
  }

  /** Bytes as they are, from the next whole byte on. */
  bytes(count: number): Uint8Array {
    this.#at -= this.#held >> 3;
    this.#hold = this.#held = 0;
    const bytes = this.#bytes.subarray(this.#at, this.#at + count);
    if (bytes.length < count) throw new UnpackError("the data ends too early");
    this.#at += count;
    return bytes;
  }

  get isAtEnd(): boolean {
    return this.#at - (this.#held >> 3) === this.#bytes.length;
  }
}

/** The codes that a block brings (3.2.7). */
function readCodes(input: Bits): Codes {
  const literals = input.take(5) + 257;
  const distances = input.take(5) + 1;
  if (literals > LITERALS_MAX || distances > DISTANCES_MAX) throw new UnpackError("a code has too many symbols");
  const ofLengths = new Uint8Array(ORDER.length);
  const count = input.take(4) + 4;
  for (const symbol of ORDER.slice(0, count)) ofLengths[symbol] = input.take(3);
  const code = codeOf(ofLengths, false);
  const lengths = new Uint8Array(literals + distances);
  for (let at = 0; at < lengths.length;) {
    const symbol = input.symbol(code);
    if (symbol < 16) {
      lengths[at] = symbol;
      at += 1;
      continue;
    }
    if (symbol === 16 && at === 0) throw new UnpackError("a length is repeated before there is one");
    const value = symbol === 16 ? (lengths[at - 1] ?? 0) : 0;
    const times = symbol === 16 ? 3 + input.take(2) : symbol === 17 ? 3 + input.take(3) : 11 + input.take(7);
    if (at + times > lengths.length) throw new UnpackError("more lengths than symbols");
    lengths.fill(value, at, at + times);
    at += times;
  }
  if (lengths[END_OF_BLOCK] === 0) throw new UnpackError("a block has no end");
  return { literals: codeOf(lengths.subarray(0, literals)), distances: codeOf(lengths.subarray(literals)) };
}

/** Appends the bytes of a block, and returns where they end. */
function readBlock(input: Bits, { literals, distances }: Codes, output: Uint8Array, from: number): number {
  let at = from;
  for (;;) {
    const symbol = input.symbol(literals);
    if (symbol === END_OF_BLOCK) return at;
    if (symbol < END_OF_BLOCK) {
      if (at === output.length) throw tooLong(output);
      output[at] = symbol;
      at += 1;
      continue;
    }
    const length = valueOf(input, LENGTHS, symbol - END_OF_BLOCK - 1);
    const distance = valueOf(input, DISTANCES, input.symbol(distances));
    if (distance > at) throw new UnpackError("a match begins before the data");
    if (length > output.length - at) throw tooLong(output);
    // Byte by byte, because a match may go on into what it makes.
    for (const end = at + length; at < end; at += 1) output[at] = output[at - distance] ?? 0;
  }
}

function valueOf(input: Bits, { base, extra }: Ranges, symbol: number): number {
  const [least, bits] = [base[symbol], extra[symbol]];
  if (least === undefined || bits === undefined) throw new UnpackError("a symbol that stands for nothing");
  return least + input.take(bits);
}

function tooLong({ length }: Uint8Array): UnpackError {
  return new UnpackError(`it inflates to more than ${length} bytes`);
}

/**
 * `size` is that of the result, in bytes, of which there are neither more nor fewer; nothing may follow the last block. The
 * time that it takes is bounded by both lengths. @throws UnpackError
 */
export function inflate(data: Uint8Array, size: number): Uint8Array {
  const input = new Bits(data);
  const output = new Uint8Array(size);
  let at = 0;
  for (let isLast = false; !isLast;) {
    isLast = input.take(1) === 1;
    const kind = input.take(2);
    if (kind === 0) {
      const [low = 0, high = 0, notLow = 0, notHigh = 0] = input.bytes(4);
      const length = low | (high << 8);
      if (length !== (~(notLow | (notHigh << 8)) & 0xffff)) throw new UnpackError("a stored block has two lengths");
      if (length > size - at) throw tooLong(output);
      output.set(input.bytes(length), at);
      at += length;
    } else if (kind === 3) {
      throw new UnpackError("a block of an unknown kind");
    } else {
      at = readBlock(input, kind === 1 ? fixedCodes() : readCodes(input), output, at);
    }
  }
  if (at < size) throw new UnpackError(`it inflates to ${at} bytes instead of ${size}`);
  if (!input.isAtEnd) throw new UnpackError("more data follows the last block");
  return output;
}
