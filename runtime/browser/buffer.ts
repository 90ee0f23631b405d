/**
 * What the runtime uses of Node's Buffer, over what browsers have: text of messages, and bytes that stand in generated code. Browsers decode
 * no text in shared memory, so that is copied first.
 */
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Without the static methods, which have other parameters here. */
const Bytes = Uint8Array as unknown as new (
  source: number | ArrayBufferLike,
  offset?: number,
  length?: number,
) => Uint8Array;

export class Buffer extends Bytes {
  static from(source: string | ArrayBufferLike, offset?: string | number, length?: number): Buffer {
    if (typeof source !== "string") return new Buffer(source, offset as number, length);
    if (offset !== "base64") return made(encoder.encode(source));
    return made(Uint8Array.from(atob(source), (character) => character.charCodeAt(0)));
  }

  static allocUnsafeSlow(size: number): Buffer {
    return new Buffer(size);
  }

  /** Of a text in UTF-8. */
  static byteLength(text: string): number {
    return encoder.encode(text).length;
  }

  /** Bytes that were written. There is room for all of it. */
  write(text: string, offset: number): number {
    const bytes = encoder.encode(text);
    this.set(bytes, offset);
    return bytes.length;
  }

  override toString(_encoding?: string, start = 0, end: number = this.length): string {
    return decoder.decode(this.slice(start, end));
  }
}

function made(bytes: Uint8Array): Buffer {
  return new Buffer(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** As V8 has it; others have more. */
export const constants = { MAX_STRING_LENGTH: 2 ** 29 - 24 };
