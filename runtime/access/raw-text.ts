/** Where a text at any place of memory ends. */
import { ENCODINGS, type EncodingName } from "../../schema/encodings.js";

export const ENCODING_NAMES = Object.keys(ENCODINGS) as readonly EncodingName[];

/** Bytes of a code unit, of which one that is zero ends a text. Undefined for a name that no encoding has. */
export function unitOf(encoding: string): number | undefined {
  return Object.hasOwn(ENCODINGS, encoding) ? ENCODINGS[encoding as EncodingName].unit : undefined;
}

/** Where the first unit of zeros from `offset` on begins; -1 where there is none. */
export function endOfText(memory: Uint8Array, offset: number, unit: number): number {
  for (let at = memory.indexOf(0, offset); at >= 0; at = memory.indexOf(0, at)) {
    at -= (at - offset) % unit;
    if (at + unit > memory.length) return -1;
    let zeros = 0;
    while (zeros < unit && memory[at + zeros] === 0) zeros += 1;
    if (zeros === unit) return at;
    at += unit;
  }
  return -1;
}
