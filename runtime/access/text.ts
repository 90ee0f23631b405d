/** Fixed-size text and bytes. */
import { badValue, badText } from "./refusals.js";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();
const LONE_SURROGATE = /\p{Surrogate}/u;

/** The text of `size` bytes up to the first NUL. Bytes that are no UTF-8 read as U+FFFD. */
export function readText(memory: Uint8Array, offset: number, size: number): string {
  // The copy decouples decoding from writers of other processes; decoders refuse shared memory, too.
  const copy = memory.slice(offset, offset + size);
  const end = copy.indexOf(0);
  return decoder.decode(end < 0 ? copy : copy.subarray(0, end));
}

/**
 * Writes text and zeroes the rest of its `size` bytes. Not atomic: a reader at the same time may see a mixture.
 * @throws ShmRangeError for text that is too long in UTF-8, has a NUL in it or a lone surrogate; nothing is written then.
 */
export function writeText(memory: Uint8Array, offset: number, size: number, value: string, field: string): void {
  if (typeof value !== "string") throw badValue(field, `text of at most ${size} bytes (utf8<${size}>)`, value);
  if (value.includes("\0")) throw badText(field, value, "has a NUL in it, where a reader would stop");
  if (LONE_SURROGATE.test(value)) throw badText(field, value, "has a lone surrogate, which UTF-8 cannot express");
  const bytes = encoder.encode(value);
  if (bytes.length > size) throw badText(field, value, `has ${bytes.length} bytes in UTF-8`, size);
  memory.set(bytes, offset);
  memory.fill(0, offset + bytes.length, offset + size);
}
