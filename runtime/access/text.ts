/** Fixed-size text, in the encodings of schema/encodings.ts. */
import { decodeText, ENCODINGS, encodeText, type EncodingName } from "../../schema/encodings.js";
import { badText, badValue } from "./refusals.js";

/** The text of `size` bytes up to the first NUL, at any place. Bytes that are no text read as U+FFFD. */
export function readText(memory: Uint8Array, offset: number, size: number, encoding: EncodingName = "utf8"): string {
  // The copy decouples decoding from writers of other processes; decoders refuse shared memory, too.
  return decodeText(memory.slice(offset, offset + size), encoding);
}

/**
 * Writes text and zeroes the rest of its `size` bytes. Not atomic: a reader at the same time may see a mixture.
 * @throws ShmRangeError for text that is too long, has a NUL in it or a character that the encoding lacks; nothing is written then.
 */
export function writeText(
  memory: Uint8Array,
  offset: number,
  size: number,
  value: string,
  field: string,
  encoding: EncodingName = "utf8",
): void {
  if (typeof value !== "string") throw badValue(field, allowedText(encoding, size), value);
  const encoded = encodeText(value, encoding, size);
  if (encoded.problem !== undefined) throw badText(field, value, encoded, encoding, size);
  memory.set(encoded.bytes, offset);
  memory.fill(0, offset + encoded.bytes.length, offset + size);
}

/** `text of at most 32 bytes (utf8<32>)` */
function allowedText(encoding: EncodingName, size: number): string {
  const { unit } = ENCODINGS[encoding];
  const units = size / unit;
  const word = encoding.endsWith("be") ? `be<${encoding.slice(0, -2)}<${units}>>` : `${encoding}<${units}>`;
  return `text of at most ${units} ${unit === 1 ? "bytes" : "code units"} (${word})`;
}
