/** Bytes of a region, as whoever decodes it gets them: copies, never a mapping, and nothing beyond the end. */

/** Where the bytes come from. */
export interface ByteSource {
  /** Bytes that there are. */
  readonly size: number;
  /**
   * A copy of these bytes, which lie within `size`.
   * @throws InspectError "changed" when there are fewer by now
   */
  read(offset: number, length: number): Uint8Array;
}

/** Memory that is looked at again and again. */
export interface LiveMemory {
  /** The bytes as far as it reaches now. */
  source(): ByteSource;
  /** What its path or name leads to now. */
  fate(): "same" | "replaced" | "gone";
  close(): void;
}

/** Why a region could not be decoded. The only thing that this room throws. */
export class InspectError extends Error {
  override readonly name = "InspectError";
  /** "changed": it was grown, made anew or cut short meanwhile; another look may succeed. */
  readonly kind: "changed" | "damaged";

  constructor(kind: "changed" | "damaged", message: string) {
    super(message);
    this.kind = kind;
  }
}

/** Bytes of what is copied whole before it is decoded: decoding takes longer, and more may change meanwhile. */
const COPIED_MAX = 1 << 22;

/** All bytes, as they are now; of what is too long for that the source itself. */
export function copiedIfSmall(source: ByteSource): ByteSource {
  const { size } = source;
  if (size > COPIED_MAX) return source;
  const bytes = source.read(0, size);
  return { size, read: (offset, length) => bytes.slice(offset, offset + length) };
}

/** Bytes that are read ahead, so that a field costs no system call. A multiple of every alignment. */
const WINDOW = 1 << 16;

/** Small reads of neighbouring bytes, with few reads of the source. */
export class Window {
  readonly #source: ByteSource;
  #start = 0;
  #bytes: Uint8Array = new Uint8Array(0);

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** A view of up to {@link WINDOW} bytes, good until the next call. */
  view(offset: number, length: number): DataView {
    const { size } = this.#source;
    if (offset < 0 || length > WINDOW || offset + length > size) {
      throw new InspectError("damaged", `bytes ${offset} to ${offset + length} lie beyond the end at ${size}`);
    }
    if (offset < this.#start || offset + length > this.#start + this.#bytes.length) {
      this.#start = offset - (offset % 8);
      this.#bytes = this.#source.read(this.#start, Math.min(WINDOW + 8, size - this.#start));
    }
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset + offset - this.#start, length);
  }

  /** A copy, of any length. */
  copy(offset: number, length: number): Uint8Array {
    if (offset + length > this.#source.size) {
      throw new InspectError("damaged", `bytes ${offset} to ${offset + length} lie beyond the end`);
    }
    if (length > WINDOW) return this.#source.read(offset, length);
    const view = this.view(offset, length);
    return new Uint8Array(view.buffer, view.byteOffset, length).slice();
  }
}
