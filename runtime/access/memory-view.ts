import { closed, misaligned, outOfBounds, readOnlyMemory, unsupportedHost } from "./refusals.js";
import { retireAccessor } from "./retire.js";

if (new Uint8Array(new Uint16Array([1]).buffer)[0] !== 1) throw unsupportedHost();

/**
 * Sleeping and waking on 32-bit words of a mapping, across processes. `byteOffset` counts from the start of the view and
 * is a multiple of 4; `expected` is the word as an unsigned integer. Implemented by region/, injected into the view.
 */
export interface FutexPort {
  wait(byteOffset: number, expected: number, timeoutMs: number): "ok" | "not-equal" | "timed-out";
  notify(byteOffset: number, count: number): number;
  waitAsync(byteOffset: number, expected: number, timeoutMs: number): Promise<"ok" | "not-equal" | "timed-out">;
}

/** What a {@link MemoryView} is made of. */
export interface MemoryViewInit {
  readonly buffer: ArrayBufferLike;
  /** Bytes that are mapped; the buffer may be longer (Wasm pages). */
  readonly byteLength: number;
  /** True when the pages are PROT_READ: then nothing hands out an array that could be written to. */
  readonly readOnly: boolean;
  /** Elements of the region's tail. */
  readonly tailLength?: number;
  /** Path or name, for messages. */
  readonly label: string;
  /** Absent where nobody can be woken, e.g. over an ordinary ArrayBuffer. */
  readonly futex?: FutexPort;
}

/** The typed arrays over one mapping, each made on first use and shared by all accessors. */
export class RawMemory {
  readonly buffer: ArrayBufferLike;
  readonly byteLength: number;
  readonly futex: FutexPort | undefined;
  #u8: Uint8Array | undefined;
  #i8: Int8Array | undefined;
  #u16: Uint16Array | undefined;
  #i16: Int16Array | undefined;
  #u32: Uint32Array | undefined;
  #i32: Int32Array | undefined;
  #f32: Float32Array | undefined;
  #f64: Float64Array | undefined;
  #u64: BigUint64Array | undefined;
  #i64: BigInt64Array | undefined;
  #dataView: DataView | undefined;

  constructor(buffer: ArrayBufferLike, byteLength: number, futex: FutexPort | undefined) {
    this.buffer = buffer;
    this.byteLength = byteLength;
    this.futex = futex;
  }
  get u8(): Uint8Array {
    return (this.#u8 ??= new Uint8Array(this.buffer, 0, this.byteLength));
  }
  get i8(): Int8Array {
    return (this.#i8 ??= new Int8Array(this.buffer, 0, this.byteLength));
  }
  get u16(): Uint16Array {
    return (this.#u16 ??= new Uint16Array(this.buffer, 0, Math.floor(this.byteLength / 2)));
  }
  get i16(): Int16Array {
    return (this.#i16 ??= new Int16Array(this.buffer, 0, Math.floor(this.byteLength / 2)));
  }
  get u32(): Uint32Array {
    return (this.#u32 ??= new Uint32Array(this.buffer, 0, Math.floor(this.byteLength / 4)));
  }
  get i32(): Int32Array {
    return (this.#i32 ??= new Int32Array(this.buffer, 0, Math.floor(this.byteLength / 4)));
  }
  get f32(): Float32Array {
    return (this.#f32 ??= new Float32Array(this.buffer, 0, Math.floor(this.byteLength / 4)));
  }
  get f64(): Float64Array {
    return (this.#f64 ??= new Float64Array(this.buffer, 0, Math.floor(this.byteLength / 8)));
  }
  get u64(): BigUint64Array {
    return (this.#u64 ??= new BigUint64Array(this.buffer, 0, Math.floor(this.byteLength / 8)));
  }
  get i64(): BigInt64Array {
    return (this.#i64 ??= new BigInt64Array(this.buffer, 0, Math.floor(this.byteLength / 8)));
  }
  get dataView(): DataView {
    return (this.#dataView ??= new DataView(this.buffer, 0, this.byteLength));
  }
}

/**
 * The typed arrays of a view without the guard of its own getters. For generated accessors and region/, which prove
 * by their shape that they do not write to read-only memory.
 */
export let rawMemory: (view: MemoryView) => RawMemory;

/** Accessors that are collected leave an empty WeakRef behind; the list is swept whenever it has doubled. */
const SWEEP_AT_LEAST = 64;

/**
 * One mapping: its length, its typed arrays, and the accessors handed out over it.
 * The typed arrays throw ERR_SHM_READ_ONLY over read-only memory, because a store into such pages ends the process.
 */
export class MemoryView {
  /** Bytes that are mapped. */
  readonly byteLength: number;
  /** True when the memory can only be read. */
  readonly readOnly: boolean;
  /** Elements of the region's tail; 0 without one. */
  readonly tailLength: number;
  /** Path or name of the memory. */
  readonly label: string;
  readonly #raw: RawMemory;
  #closed = false;
  #accessors: WeakRef<object>[] = [];
  #sweepAt = SWEEP_AT_LEAST;

  constructor(init: MemoryViewInit) {
    this.byteLength = init.byteLength;
    this.readOnly = init.readOnly;
    this.tailLength = init.tailLength ?? 0;
    this.label = init.label;
    this.#raw = new RawMemory(init.buffer, init.byteLength, init.futex);
  }

  /** True after {@link MemoryView.retire}. */
  get closed(): boolean {
    return this.#closed;
  }
  /** The memory itself. @throws ShmError ERR_SHM_READ_ONLY, ERR_SHM_CLOSED, as all arrays below. */
  get buffer(): ArrayBufferLike {
    return this.#writable().buffer;
  }
  get u8(): Uint8Array {
    return this.#writable().u8;
  }
  get i8(): Int8Array {
    return this.#writable().i8;
  }
  get u16(): Uint16Array {
    return this.#writable().u16;
  }
  get i16(): Int16Array {
    return this.#writable().i16;
  }
  get u32(): Uint32Array {
    return this.#writable().u32;
  }
  get i32(): Int32Array {
    return this.#writable().i32;
  }
  get f32(): Float32Array {
    return this.#writable().f32;
  }
  get f64(): Float64Array {
    return this.#writable().f64;
  }
  get u64(): BigUint64Array {
    return this.#writable().u64;
  }
  get i64(): BigInt64Array {
    return this.#writable().i64;
  }
  get dataView(): DataView {
    return this.#writable().dataView;
  }

  /**
   * Proves that `size` bytes at `offset` lie inside the mapping and that `offset` is a multiple of `align`.
   * @throws ShmError ERR_SHM_RANGE when they do not; ERR_SHM_CLOSED after close.
   */
  checkRange(offset: number, size: number, align: number, what: string): void {
    if (this.#closed) throw closed(this.label, what);
    if (!Number.isSafeInteger(offset) || offset < 0 || !(size >= 0) || offset > this.byteLength - size) {
      throw outOfBounds(what, offset, size, this.byteLength, this.label);
    }
    if (offset % align !== 0) throw misaligned(what, offset, align, this.label);
  }

  /** Remembers an accessor, so that {@link MemoryView.retire} reaches it. Holds it weakly. */
  track(accessor: object): void {
    if (this.#accessors.length >= this.#sweepAt) {
      this.#accessors = this.#accessors.filter((reference) => reference.deref() !== undefined);
      this.#sweepAt = Math.max(SWEEP_AT_LEAST, this.#accessors.length * 2);
    }
    this.#accessors.push(new WeakRef(accessor));
  }

  /** Closes the view: from now on every use of every accessor over it throws ERR_SHM_CLOSED. Twice is fine. */
  retire(): void {
    if (this.#closed) return;
    this.#closed = true;
    const prototypes = new Map<object, object>();
    for (const reference of this.#accessors) {
      const accessor = reference.deref();
      if (accessor !== undefined) retireAccessor(accessor, this.label, prototypes);
    }
    this.#accessors = [];
  }

  #writable(): RawMemory {
    if (this.#closed) throw closed(this.label);
    if (this.readOnly) throw readOnlyMemory(this.label);
    return this.#raw;
  }

  static {
    rawMemory = (view) => view.#raw;
  }
}
