import type { EncodingName } from "../../schema/encodings.js";
import { placeText } from "./identity.js";
import type { VersionPort } from "./layout.js";
import { type ArrayOf, ARRAYS, type NumberKind, SIZE } from "./numbers.js";
import { checkOptions } from "../arguments/check-options.js";
import { notOfKind } from "../arguments/refusals.js";
import { RAW_NUMBERS, type RawNumber, type RawNumberOf } from "./raw-numbers.js";
import { ENCODING_NAMES, endOfText, unitOf } from "./raw-text.js";
import { readText } from "./text.js";
import {
  closed,
  endlessText,
  misaligned,
  noSuchWord,
  notALength,
  outOfBounds,
  readOnlyMemory,
  unsupportedHost,
} from "./refusals.js";
import { tagged } from "./printing.js";
import { retireAccessors } from "./retire.js";
import { JobScopedList } from "./job-scoped.js";
import { Uncloneable } from "./uncloneable.js";

if (new Uint8Array(new Uint16Array([1]).buffer)[0] !== 1) throw unsupportedHost();

/**
 * Sleeping and waking on 32-bit words of a mapping, across processes. `byteOffset` counts from the start of the view and
 * is a multiple of 4; `expected` is the word as an unsigned integer. Implemented by wait/, injected into the view.
 */
export interface FutexPort {
  wait(byteOffset: number, expected: number, timeoutMs: number): "ok" | "not-equal" | "timed-out";
  notify(byteOffset: number, count: number): number;
  /** Rejects with the signal's reason; a wake-up that comes all the same is passed on to the next one who sleeps there. */
  waitAsync(
    byteOffset: number,
    expected: number,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<"ok" | "not-equal" | "timed-out">;
  /** As {@link FutexPort.waitAsync}, but the process may end meanwhile. */
  watch?(
    byteOffset: number,
    expected: number,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<"ok" | "not-equal" | "timed-out">;
  /** Makes what pending waits need. @throws ShmError ERR_SHM_UNSUPPORTED where that cannot be had */
  prepare?(): void;
  /** Rejects what is pending, and refuses what comes later. */
  close?(): void;
}

/**
 * Who takes part in a region, by numbers from 1 on; words of containers hold them. Implemented by participants/, and injected into the
 * view. A number belongs to a thread, whatever handles it has, and is not given to anybody else before everything that its dead
 * owner had was recovered.
 */
export interface ParticipantsPort {
  /**
   * This thread's number, claimed at the first use. @throws ShmError ERR_SHM_BUSY when all numbers are taken, with who has them;
   * ERR_SHM_READ_ONLY and ERR_SHM_UNSUPPORTED for memory in which nobody can take part; ERR_SHM_CLOSED
   */
  self(): number;
  /** Whether somebody lives by this number. False as well for a number that nobody can have. One system call. */
  isAlive(number: number): boolean;
  /**
   * Frees everything that a dead participant had, in all containers of the region. False, and nothing done, when it is alive, or another
   * recoverer is at work for longer than 10 ms.
   */
  recover(number: number): boolean;
  /** Whether somebody else recovers just now: whoever that is for looks alive meanwhile. One system call. */
  isRecovering(): boolean;
  /** `"process 4711 (node server.js), thread 4712"`, for messages. */
  describe(number: number): string;
  /**
   * Path of the container at a place, bytes from the start of the mapping: `"rooms[2].door"`. Undefined for one that the region has itself, and
   * for none.
   */
  nameOf(place: number): string | undefined;
  /** Process of a participant; undefined where that is not known. */
  pidOf(number: number): number | undefined;
}

/** What a {@link MemoryView} is made of. */
export interface MemoryViewInit<ReadOnly extends boolean = boolean> {
  readonly buffer: ArrayBufferLike;
  /** Where the view begins in the buffer, bytes, a multiple of 8. Default 0. */
  readonly byteOffset?: number;
  /** Bytes that are mapped; the buffer may be longer. */
  readonly byteLength: number;
  /** True when the pages are PROT_READ. */
  readonly readOnly: ReadOnly;
  /** Elements of the region's tail. */
  readonly tailLength?: number;
  /** Where a tail lies that can grow. */
  readonly growing?: GrowingTail | undefined;
  /** Path or name, for messages. */
  readonly label: string;
  /** Absent where nobody can be woken. */
  readonly futex?: FutexPort | undefined;
  /** Absent where the memory has no table of participants. */
  readonly participants?: ParticipantsPort | undefined;
  /** The WebAssembly.Memory that `buffer` is of. Absent for other memory. */
  readonly wasm?: object | undefined;
  /** Of a region that is older than the code and lacks some of its fields. */
  readonly otherVersion?: VersionPort | undefined;
  /** True for memory that only its maker has, and that nobody else can have mapped. */
  readonly isPrivate?: boolean;
}

/** A tail whose length in the view may be older than the one in memory. */
export interface GrowingTail {
  /** Of its first element, bytes from the start of the view. */
  readonly offset: number;
  /** Elements that it has by now. */
  lengthNow(): number;
}

/** The typed arrays over one mapping, each made on first use and shared by all accessors. */
export interface RawMemory extends Views {
  readonly buffer: ArrayBufferLike;
  readonly byteOffset: number;
  readonly byteLength: number;
  readonly futex: FutexPort | undefined;
  readonly participants: ParticipantsPort | undefined;
  readonly wasm: object | undefined;
}

const VIEWS = [...(Object.keys(ARRAYS) as NumberKind[]), "dataView"] as const;

/** The typed arrays, which are defined on the prototypes one by one below. */
interface Views extends ArrayOf {
  readonly dataView: DataView;
}
const Views = Object as unknown as new () => Views;

/** External buffers over mappings, of which two may have the same pages. */
const mapped = new WeakSet<object>();

/** Whether something else than this buffer may be the same memory: another mapping, or another thread's. */
export function mayBeShared(buffer: ArrayBufferLike): boolean {
  return !(buffer instanceof ArrayBuffer) || mapped.has(buffer);
}

class Mapped extends Views {
  readonly buffer: ArrayBufferLike;
  readonly byteOffset: number;
  readonly byteLength: number;
  readonly futex: FutexPort | undefined;
  readonly participants: ParticipantsPort | undefined;
  readonly wasm: object | undefined;

  constructor({ buffer, byteOffset = 0, byteLength, futex, participants, wasm, isPrivate = false }: MemoryViewInit) {
    super();
    if (!isPrivate && buffer instanceof ArrayBuffer) mapped.add(buffer);
    this.buffer = buffer;
    this.byteOffset = byteOffset;
    this.byteLength = byteLength;
    this.futex = futex;
    this.participants = participants;
    this.wasm = wasm;
  }

  static {
    for (const kind of VIEWS) {
      // On first use the getter gives way to a property of the object's own, which is as fast as a field.
      const get = function (this: Mapped): ArrayBufferView {
        const { buffer, byteOffset, byteLength } = this;
        const value =
          kind === "dataView"
            ? new DataView(buffer, byteOffset, byteLength)
            : new (ARRAYS[kind] as Float64ArrayConstructor)(buffer, byteOffset, Math.floor(byteLength / SIZE[kind]));
        Object.defineProperty(this, kind, { value });
        return value;
      };
      Object.defineProperty(this.prototype, kind, { get });
    }
  }
}

/**
 * The typed arrays of a view without the guard of its own getters. For generated accessors and the rooms above, which prove
 * by their shape that they do not write to read-only memory.
 */
export let rawMemory: (view: MemoryView) => RawMemory;
/** Whether an argument is a view. */
export let isMemoryView: (value: unknown) => value is MemoryView;

const NO_OPTIONS: TextOptions = {};

function checkLength(length: unknown, unit: number): void {
  if (!Number.isSafeInteger(length) || (length as number) < 0 || (length as number) % unit !== 0)
    throw notALength(length, unit);
}

function isInside(value: unknown, most: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= most;
}

/** @throws ShmRangeError for what is no memory, or reaches beyond it */
function checkInit(init: MemoryViewInit): void {
  const { buffer, byteOffset = 0, byteLength } = Object(init) as Partial<MemoryViewInit>;
  const size = (buffer as ArrayBufferLike | null | undefined)?.byteLength;
  // Shared memory of another realm is no instance of ours.
  if (typeof size !== "number" || ArrayBuffer.isView(buffer)) {
    throw notOfKind("buffer", "an ArrayBuffer or SharedArrayBuffer", buffer, "pass the memory to look at");
  }
  if (!isInside(byteOffset, size) || byteOffset % 8 !== 0) {
    throw notOfKind("byteOffset", `a multiple of 8 up to ${size}`, byteOffset, "leave it out for 0");
  }
  if (!isInside(byteLength, size - byteOffset)) {
    throw notOfKind("byteLength", `bytes, up to ${size - byteOffset}`, byteLength, "pass the length of the memory");
  }
}

/** Where a text lies, and how its bytes are text: see {@link MemoryView.text}. */
export interface TextOptions {
  /** Bytes; the text ends before them at the first NUL. Default: up to the first NUL that there is. */
  readonly length?: number;
  /** Default "utf8". */
  readonly encoding?: EncodingName;
}

/**
 * One mapping: its length, its typed arrays, the accessors over it, and reads of what no struct says. `MemoryView<true>` is memory that is only
 * read: `Struct.at(memory, offset)` gives the reader there.
 */
export class MemoryView<ReadOnly extends boolean = boolean> extends (Uncloneable as unknown as typeof Views) {
  /** Bytes that are mapped. */
  readonly byteLength: number;
  readonly readOnly: ReadOnly;
  /** Elements of the region's tail; 0 without one. */
  readonly tailLength: number;
  /** Path or name of the memory. */
  readonly label: string;
  /** @internal */
  readonly growing: GrowingTail | undefined;
  /** @internal */
  readonly otherVersion: VersionPort | undefined;
  readonly #raw: RawMemory;
  #closed = false;
  readonly #accessors = new JobScopedList<object>();

  constructor(init: MemoryViewInit<ReadOnly>) {
    super();
    checkInit(init);
    this.byteLength = init.byteLength;
    this.readOnly = init.readOnly;
    this.tailLength = init.tailLength ?? 0;
    this.label = init.label;
    this.growing = init.growing;
    this.otherVersion = init.otherVersion;
    this.#raw = new Mapped(init);
    // A view that stopped being read-only would let writers in, and a store there ends the process.
    Object.freeze(this);
  }

  get closed(): boolean {
    return this.#closed;
  }
  /**
   * The memory itself. As all typed arrays it throws ERR_SHM_READ_ONLY over read-only memory, where a store would end the
   * process, and ERR_SHM_CLOSED.
   */
  get buffer(): ArrayBufferLike {
    return this.#writable().buffer;
  }

  /**
   * The number at any offset, aligned or not, over read-only memory as well: `memory.read("be u16", 13)`. 64 bits and more are a bigint. A plain
   * read and no atomic one: of a number that others write meanwhile it may have the bytes of two.
   * @throws ShmError ERR_SHM_RANGE for what does not lie in the memory, and for no kind of number; ERR_SHM_CLOSED
   */
  read<K extends RawNumber>(kind: K, offset: number): RawNumberOf<K> {
    const row = RAW_NUMBERS[kind];
    if (row === undefined) throw noSuchWord("kind", kind, Object.keys(RAW_NUMBERS));
    this.checkRange(offset, row.size, 1, kind);
    return row.get(this.#raw.dataView, offset) as RawNumberOf<K>;
  }

  /**
   * A copy of `length` bytes at any offset, over read-only memory as well. Not atomic: what others write meanwhile is in it or not, byte by byte.
   * @throws ShmError ERR_SHM_RANGE, ERR_SHM_CLOSED
   */
  bytes(offset: number, length: number): Uint8Array {
    checkLength(length, 1);
    this.checkRange(offset, length, 1, "bytes");
    // Of a plain buffer also over a SharedArrayBuffer: what decodes and sends refuses shared memory.
    return this.#raw.u8.slice(offset, offset + length);
  }

  /**
   * The text at any offset, a copy: `text(64)` up to its NUL, `text(64, 16)` of 16 bytes, up to the first NUL among them, if there is one, as
   * `utf8<16>` reads. Bytes that are no text read as U+FFFD. Not atomic, as {@link MemoryView.bytes}.
   * @throws ShmError ERR_SHM_RANGE for what does not lie in the memory, and without a length for text that has no NUL there; ERR_SHM_CLOSED
   */
  text(offset: number, options: number | TextOptions = NO_OPTIONS): string {
    const { length, encoding = "utf8" } = typeof options === "number" ? { length: options } : options;
    if (typeof options !== "number" && options !== NO_OPTIONS) checkOptions(options, "text");
    const unit = unitOf(encoding);
    if (unit === undefined) throw noSuchWord("encoding", encoding, ENCODING_NAMES);
    if (length !== undefined) checkLength(length, unit);
    this.checkRange(offset, length ?? 0, 1, "text");
    const { u8 } = this.#raw;
    const end = length === undefined ? endOfText(u8, offset, unit) : offset + length;
    if (end < 0) throw endlessText(offset, this.byteLength, this.label);
    return readText(u8, offset, end - offset, encoding);
  }

  /**
   * Proves that `size` bytes lie at `offset`, a multiple of `align`. @throws ShmError ERR_SHM_RANGE, ERR_SHM_CLOSED.
   */
  checkRange(offset: number, size: number, align: number, what: string): void {
    if (this.#closed) throw closed(this.label, what);
    if (!Number.isSafeInteger(offset) || offset < 0 || !(size >= 0) || offset > this.byteLength - size) {
      throw outOfBounds(what, offset, size, this.byteLength, this.label);
    }
    if (offset % align !== 0) throw misaligned(what, offset, align, this.label);
  }

  /** Remembers an accessor, weakly, for {@link MemoryView.retire}. Those beyond 262,144 at a time read zeros after close. */
  track(accessor: object): void {
    this.#accessors.add(accessor);
  }

  /** Closes the view: pending waits are rejected, and every later use of its accessors throws ERR_SHM_CLOSED. */
  retire(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#raw.futex?.close?.();
    retireAccessors(this.#accessors.drain(), this.label);
  }

  #writable(): RawMemory {
    if (this.#closed) throw closed(this.label);
    if (this.readOnly) throw readOnlyMemory(this.label);
    return this.#raw;
  }

  /** Says its place, so that whoever compares deeply finds two equal where they are of one memory. */
  get [Symbol.toStringTag](): string {
    return tagged("MemoryView", () => `of ${this.byteLength} bytes at ${placeText(this.#raw, 0)}`);
  }

  static {
    rawMemory = (view) => view.#raw;
    isMemoryView = (value): value is MemoryView => typeof value === "object" && value !== null && #raw in value;
    for (const kind of VIEWS) {
      const get = function (this: MemoryView): ArrayBufferView {
        return this.#writable()[kind];
      };
      Object.defineProperty(this.prototype, kind, { get });
    }
  }
}
