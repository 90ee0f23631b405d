/**
 * How bytes are text: one record for each encoding. Pure; compiled into both packages.
 *
 * In memory every text is the same: whole units, then units of zeros up to the end of the field, none where the text fills it.
 */

/** A text in memory. */
export interface Encoding {
  /** As messages call it. */
  readonly name: string;
  /** Bytes of a unit. */
  readonly unit: 1 | 2 | 4;
  /** The text of whole units; what is no text reads as U+FFFD. `isCut`: more follows, so a character that only begins is left out. */
  decode(bytes: Uint8Array, isCut: boolean): string;
  /** The bytes of a text that lacks nothing. */
  encode(text: string): Uint8Array;
  /** The first character of a text that the encoding does not have. */
  lacks(text: string): string | undefined;
}

// The vocabulary is built without the types of any platform, and every one has these.
declare const TextDecoder: new (
  label: string,
  options: { readonly ignoreBOM: true },
) => { decode(bytes: Uint8Array, options?: { readonly stream: boolean }): string };
declare const TextEncoder: new () => { encode(text: string): Uint8Array };

const OPTIONS = { ignoreBOM: true } as const;
const UNKNOWN = "\ufffd";
const SURROGATE = /\p{Surrogate}/u;
const loneSurrogate = (text: string): string | undefined => SURROGATE.exec(text)?.[0];

/** Encodings that every engine decodes by itself. A decoder that was told of more bytes to come is used once. */
function decoding(label: string): Encoding["decode"] {
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  return (bytes, isCut) =>
    isCut
      ? new TextDecoder(label, OPTIONS).decode(bytes, { stream: true })
      : (decoder ??= new TextDecoder(label, OPTIONS)).decode(bytes);
}

const encoder = new TextEncoder();
const utf8: Encoding = {
  name: "UTF-8",
  unit: 1,
  decode: decoding("utf-8"),
  encode: (text) => encoder.encode(text),
  lacks: loneSurrogate,
};

const utf16: Encoding = {
  name: "UTF-16",
  unit: 2,
  decode: decoding("utf-16le"),
  encode: (text) => {
    const bytes = new Uint8Array(text.length * 2);
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      bytes[at * 2] = code;
      bytes[at * 2 + 1] = code >>> 8;
    }
    return bytes;
  },
  lacks: loneSurrogate,
};

const isCharacter = (code: number): boolean => code <= 0x10ffff && code >>> 11 !== 0xd800 >>> 11;
const utf32: Encoding = {
  name: "UTF-32",
  unit: 4,
  decode: (bytes) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let text = "";
    for (let at = 0; at < bytes.length; at += 4) {
      const code = view.getUint32(at, true);
      text += isCharacter(code) ? String.fromCodePoint(code) : UNKNOWN;
    }
    return text;
  },
  encode: (text) => {
    const characters = Array.from(text);
    const view = new DataView(new ArrayBuffer(characters.length * 4));
    for (const [at, character] of characters.entries()) view.setUint32(at * 4, character.codePointAt(0) ?? 0, true);
    return new Uint8Array(view.buffer);
  },
  lacks: loneSurrogate,
};

/**
 * 0x80 to 0x9f of windows-1252, as the index of the WHATWG Encoding Standard has them: the five bytes that Microsoft left
 * unassigned are the C1 controls of their numbers, so that all bytes round-trip. Not the engines' decoders: some releases of Node read
 * these bytes as ISO 8859-1.
 */
const C1 =
  "\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f" +
  "\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178";

function windows1252Byte(character: string): number | undefined {
  const code = character.charCodeAt(0);
  if (character.length === 1 && (code < 0x80 || (code >= 0xa0 && code <= 0xff))) return code;
  const at = C1.indexOf(character);
  return at < 0 ? undefined : 0x80 + at;
}

const latin1: Encoding = {
  name: "windows-1252",
  unit: 1,
  decode: (bytes) => {
    let text = "";
    for (const byte of bytes) text += byte >>> 5 === 0x80 >>> 5 ? C1.charAt(byte - 0x80) : String.fromCharCode(byte);
    return text;
  },
  encode: (text) => {
    const bytes = new Uint8Array(text.length);
    for (let at = 0; at < text.length; at += 1) bytes[at] = windows1252Byte(text.charAt(at)) ?? 0x3f;
    return bytes;
  },
  lacks: (text) => {
    for (const character of text) if (windows1252Byte(character) === undefined) return character;
    return undefined;
  },
};

/** The same encoding with the most significant byte of each unit first. */
function bigEndian({ unit, decode, encode, ...rest }: Encoding): Encoding {
  const swapped = (bytes: Uint8Array): Uint8Array => bytes.map((_, at) => bytes[at ^ (unit - 1)] ?? 0);
  return {
    ...rest,
    unit,
    decode: (bytes, isCut) => decode(swapped(bytes), isCut),
    encode: (text) => swapped(encode(text)),
  };
}

/** The encodings by their names: the words of the schema language, and those that `be<>` makes of them. */
export const ENCODINGS = { utf8, latin1, utf16, utf32, utf16be: bigEndian(utf16), utf32be: bigEndian(utf32) };

/** The name of an encoding: `"utf16"`. */
export type EncodingName = keyof typeof ENCODINGS;

/** The encoding of a word, in a byte order. Of one byte there is one order. */
export function encodingOf(word: "utf8" | "latin1" | "utf16" | "utf32", isBigEndian = false): EncodingName {
  return isBigEndian && (word === "utf16" || word === "utf32") ? `${word}be` : word;
}

/** Bytes before the first unit of zeros, or all. */
function endOf(bytes: Uint8Array, unit: number): number {
  let at = bytes.indexOf(0);
  if (unit === 1) return at < 0 ? bytes.length : at;
  const isZero = (from: number): boolean => {
    for (let byte = from; byte < from + unit; byte += 1) if (bytes[byte] !== 0) return false;
    return true;
  };
  if (at < 0) return bytes.length;
  for (at -= at % unit; at < bytes.length; at += unit) if (isZero(at)) return at;
  return bytes.length;
}

/**
 * A text in memory, up to the first NUL. `isCut`: the memory goes on behind `bytes`, so that the text may, too; what begins a character at the end is
 * left out then.
 */
export function textIn(
  bytes: Uint8Array,
  encoding: EncodingName,
  isCut: boolean,
): { readonly text: string; readonly isWhole: boolean } {
  const { unit, decode } = ENCODINGS[encoding];
  const end = endOf(bytes, unit);
  const isWhole = !isCut || end < bytes.length;
  return { text: decode(end === bytes.length ? bytes : bytes.subarray(0, end), !isWhole), isWhole };
}

/** A text in memory, up to the first NUL, or all of it. */
export function decodeText(bytes: Uint8Array, encoding: EncodingName): string {
  return textIn(bytes, encoding, false).text;
}

/**
 * What keeps a text from standing in `size` bytes. "long": it has so many units; "nul": a reader would stop there; "lacks": the
 * encoding does not have the character. Else its bytes.
 */
export type Encoded =
  | { readonly bytes: Uint8Array; readonly problem?: undefined }
  | ({ readonly bytes?: undefined } & (
      | { readonly problem: "long"; readonly units: number }
      | { readonly problem: "nul" }
      | { readonly problem: "lacks"; readonly character: string }
    ));

/** The bytes of a text, without the zeros behind it. */
export function encodeText(text: string, encoding: EncodingName, size: number): Encoded {
  if (text.includes("\0")) return { problem: "nul" };
  const { unit, encode, lacks } = ENCODINGS[encoding];
  const character = lacks(text);
  if (character !== undefined) return { problem: "lacks", character };
  const bytes = encode(text);
  return bytes.length > size ? { problem: "long", units: bytes.length / unit } : { bytes };
}

/**
 * What memory that holds a text begins with: the text, and the NUL behind it where it does not fill `size` bytes. Texts are compared by
 * it, since many bytes read as U+FFFD, and what stands behind a NUL is of no moment.
 */
export function expectedBytes(text: string, encoding: EncodingName, size: number): Uint8Array {
  const { bytes = new Uint8Array() } = encodeText(text, encoding, size);
  const ended = new Uint8Array(Math.min(size, bytes.length + ENCODINGS[encoding].unit));
  ended.set(bytes);
  return ended;
}

/** Whether memory begins with these bytes. */
export function beginsWith(memory: Uint8Array, bytes: Uint8Array): boolean {
  return bytes.every((byte, at) => byte === memory[at]);
}

/** Bytes that are written as hexadecimal digits, with spaces between bytes or without; undefined for other text. */
export function hexBytes(text: string): Uint8Array | undefined {
  if (!/^(?:[0-9a-f]{2} *)*$/i.test(text)) return undefined;
  return Uint8Array.from(text.match(/[0-9a-f]{2}/gi) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** Bytes as hexadecimal digits: `"89504e47"`. */
export function hexText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
