/** schema/inflate.ts against zlib: the same bytes, and the same refusals. */
import * as zlib from "node:zlib";
import { deflateSync } from "fflate";
import { expect, it } from "vitest";
import { UnpackError, inflate } from "../../schema/dist/inflate.js";
import { byDepth } from "../support/run/depth.js";
import { Random, runSeed } from "../support/run/random.js";

const TEXTS = byDepth(200, 1000, 20_000);
const TIMEOUT_MS = 1_200_000;
const DAMAGED = byDepth(2000, 30_000, 1_000_000);

const STRATEGIES = [
  zlib.constants.Z_DEFAULT_STRATEGY,
  zlib.constants.Z_HUFFMAN_ONLY,
  zlib.constants.Z_RLE,
  zlib.constants.Z_FIXED,
];

/** Of few letters or of many, with repetitions near and far. */
function randomText(random: Random, most: number): Buffer {
  const length = random.pick([0, 1, 2, 5, 40, 300, 1000, random.integer(0, most)]);
  const bytes = Buffer.alloc(length);
  const letters = random.pick([1, 2, 3, 20, 256]);
  for (let at = 0; at < length;) {
    if (at > 0 && random.chance(0.2)) {
      const from = random.integer(0, at - 1);
      for (let n = random.integer(1, 400); n > 0 && at < length; n -= 1, at += 1)
        bytes[at] = bytes[from + (at % 7)] ?? 0;
      continue;
    }
    bytes[at] = random.integer(0, letters - 1);
    at += 1;
  }
  return bytes;
}

function deflated(random: Random, text: Buffer): Uint8Array {
  if (random.chance(0.3)) return deflateSync(text, { level: random.integer(0, 9) as 0 });
  const options = { level: random.integer(0, 9), memLevel: random.integer(1, 9), strategy: random.pick(STRATEGIES) };
  return zlib.deflateRawSync(text, options);
}

/** What zlib makes of all of the data; undefined where it refuses it, needs more of it, or leaves some of it. */
function byZlib(data: Uint8Array, size: number): Buffer | undefined {
  try {
    // Its types know nothing of `info`.
    const options = { info: true, maxOutputLength: size + 1 } as zlib.ZlibOptions;
    const { buffer, engine } = zlib.inflateRawSync(data, options) as unknown as {
      readonly buffer: Buffer;
      readonly engine: { readonly bytesWritten: number };
    };
    return engine.bytesWritten === data.length && buffer.length === size ? buffer : undefined;
  } catch {
    return undefined;
  }
}

function byOurs(data: Uint8Array, size: number): Uint8Array | undefined {
  try {
    return inflate(data, size);
  } catch (error) {
    if (error instanceof UnpackError) return undefined;
    throw error;
  }
}

it(
  `${TEXTS.toLocaleString("en")} texts that zlib and fflate have deflated are what they were`,
  () => {
    const seed = runSeed("inflate");
    const random = new Random(seed);
    for (let n = 0; n < TEXTS; n += 1) {
      const text = randomText(random, 70_000);
      const data = deflated(random, text);
      expect(text.equals(inflate(data, text.length)), `SHMGEN_SEED=${seed} text ${n}`).toBe(true);
      // Neither more nor less than was said.
      for (const size of [text.length + 1, text.length - 1].filter((size) => size >= 0)) {
        expect(() => inflate(data, size)).toThrow(/^it inflates to (more than )?\d+ bytes/);
      }
      expect(() => inflate(Buffer.concat([data, Buffer.alloc(1)]), text.length)).toThrow("more data follows");
    }
  },
  TIMEOUT_MS,
);

it(
  `of ${DAMAGED.toLocaleString("en")} damaged data it accepts what zlib accepts, and finds the same bytes`,
  () => {
    const seed = runSeed("inflate damaged");
    const random = new Random(seed);
    const counts = { accepted: 0, refused: 0 };
    for (let n = 0; n < DAMAGED; n += 1) {
      const text = randomText(random, 2000);
      let data = Buffer.from(deflated(random, text));
      const kind = random.integer(0, 3);
      if (kind === 0) data = data.subarray(0, random.integer(0, data.length));
      else if (kind === 1) for (let at = 0; at < data.length; at += 1) data[at] = random.bits();
      // The beginning has the codes.
      else
        for (let flips = random.integer(1, 3); flips > 0; flips -= 1) {
          const at = random.chance(0.7)
            ? random.integer(0, Math.min(60, data.length - 1))
            : random.integer(0, data.length - 1);
          data[at] = (data[at] ?? 0) ^ (1 << random.integer(0, 7));
        }
      const theirs = byZlib(data, text.length);
      const ours = byOurs(data, text.length);
      const where = `SHMGEN_SEED=${seed} data ${n}: ${data.toString("hex")} size ${text.length}`;
      expect(ours === undefined, where).toBe(theirs === undefined);
      if (theirs !== undefined) expect(theirs.equals(ours ?? Buffer.alloc(0)), where).toBe(true);
      counts[theirs === undefined ? "refused" : "accepted"] += 1;
    }
    console.log(`${counts.accepted} accepted, ${counts.refused} refused`);
    expect(counts.accepted).toBeGreaterThan(DAMAGED / 100);
  },
  TIMEOUT_MS,
);

it.each<[what: string, hex: string, size: number, reason: string]>([
  ["nothing", "", 0, "the data ends too early"],
  ["a block of kind 3", "07", 0, "a block of an unknown kind"],
  ["a stored block whose lengths differ", "010100ffff41", 1, "a stored block has two lengths"],
  ["a stored block that is cut short", "010200fdff41", 2, "the data ends too early"],
  ["a match before the data", "030200", 9, "a match begins before the data"],
])("%s is refused with the reason", (_what, hex, size, reason) => {
  expect(() => inflate(Buffer.from(hex, "hex"), size)).toThrow(reason);
});

it("data that inflates to 16 MiB is refused as soon as it has made what it may", () => {
  const bomb = zlib.deflateRawSync(Buffer.alloc(1 << 24));
  expect(() => inflate(bomb, 1 << 20)).toThrow("it inflates to more than 1048576 bytes");
});
