/** What puts bytes into a buffer. The steps are those of test/model/bip-buffer.ts. */
import { BIP_BUFFER } from "../../../schema/containers/bip-buffer.js";
import { checkOptions } from "../../arguments/check-options.js";
import { disposesItself } from "../../access/disposing.js";
import type { MemoryView } from "../../access/memory-view.js";
import { spoilable } from "../../access/retire.js";
import type { Counters } from "../parts/counters.js";
import { wakeOther } from "../parts/flag-waits.js";
import { advanced, areCounters, type BytesPlace, isBytes, placeOf, usedOf } from "../parts/laps.js";
import { PendingPushes } from "../parts/pushes.js";
import { Side } from "../parts/side.js";
import { TIMEOUT_MS, type WaitAsyncOptions, type WaitOptions } from "../parts/sleeping.js";
import { BipBufferEnd, bytesOf, PIECE, SIDES, wordOf } from "./end.js";
import { badBytes, badSize, damagedPlaces, notBytes, unpublishedBytes } from "./refusals.js";

const DONE = Promise.resolve();

/**
 * The producer of a buffer: a role that one thread of all processes has at a time. What it publishes is delivered in this order, at
 * least once. Killed at any instruction it leaves what was published; what it had claimed or half written is not a part of it.
 */
export class BipBufferProducer extends BipBufferEnd {
  readonly #load: Counters["load"] = bytesOf(this).counters.load;
  readonly #store: Counters["publish"] = bytesOf(this).counters.publish;
  #writeAt: number = wordOf(this, "write");
  readonly #readAt: number = wordOf(this, "read");
  readonly #sleepsAt: number = wordOf(this, "consumerSleeps");
  readonly #watermarkAt: number = bytesOf(this).base + BIP_BUFFER.at.watermark / 4;
  readonly #words: Uint32Array = bytesOf(this).words;
  readonly #bytes: Uint8Array = bytesOf(this).memory.u8;
  readonly #first: number = bytesOf(this).first;
  readonly #length: number = bytesOf(this).length;
  readonly #view: MemoryView = bytesOf(this).view;
  /** Whether the role was given back. */
  #isShut = false;
  readonly #side: Side = new Side(bytesOf(this), SIDES.producer, {
    look: () => this.#look(1),
    position: () => Math.floor(this.#write / PIECE),
    length: bytesOf(this).length / PIECE,
  });
  /** After the role was taken: a producer before us may have published until then. */
  #write: number = this.#load(this.#writeAt); // Step put.readWrite.
  /** As it was read last: the consumer's may be further on. */
  #read: number = this.#load(this.#readAt); // Step put.readRead.
  /** Where the claimed bytes begin; -1: none are. */
  #claimedAt = -1;
  #claimed = 0;
  #pushes: PendingPushes<Uint8Array> | undefined;

  /** @internal */
  constructor(place: BytesPlace, view: MemoryView) {
    super(place);
    view.track(this);
    try {
      this.#reload();
    } catch (error) {
      this.#side.close();
      throw error;
    }
    disposesItself(this, () => this.#close());
  }

  /** Gives the role back; twice is once. Bytes that were claimed and not published are dropped, and pending pushes rejected. */
  declare readonly close: () => void;
  declare readonly [Symbol.dispose]: () => void;

  /**
   * The longest piece, in bytes, that can be claimed by now. A longer one may have to wait until the consumer has read more.
   * @throws ShmError ERR_SHM_FORMAT, ERR_SHM_CLOSED
   */
  get room(): number {
    this.#reload();
    const place = placeOf(this.#write, this.#length);
    const free = this.#length - usedOf(this.#write, this.#read, this.#length);
    const atEnd = this.#length - place;
    return Math.max(Math.min(atEnd, free), free - atEnd);
  }

  /**
   * `size` bytes in place and in one piece, to be filled; older bytes are in them. Undefined when there is no such piece. Another call
   * takes the place of the claim before it. They are the consumer's once they are published, and must not be written any more.
   *
   * The piece is a view of the region's memory: a SharedArrayBuffer, or an ArrayBuffer in regions that were mapped as `"view"`.
   * @throws ShmRangeError for more bytes than the buffer has; ShmError ERR_SHM_FORMAT, ERR_SHM_CLOSED
   */
  claim(size: number): Uint8Array | undefined {
    const at = this.#find(size);
    if (at < 0) return undefined;
    this.#claimedAt = at;
    this.#claimed = size;
    return this.#bytes.subarray(this.#first + at, this.#first + at + size);
  }

  /**
   * Makes the first `count` of the claimed bytes visible, by one atomic store; all of them unless it is given. The others are not claimed any more.
   * @throws ShmRangeError for more than were claimed
   */
  publish(count = this.#claimed): void {
    const at = this.#claimedAt;
    if (at < 0 || count >>> 0 !== count || count > this.#claimed) this.#refusePublish(count);
    this.#claimedAt = -1;
    this.#claimed = 0;
    if (count > 0) this.#advance(at, count);
  }

  /** Forgets the bytes that were claimed. */
  discard(): void {
    this.#side.checkOpen();
    this.#claimedAt = -1;
    this.#claimed = 0;
  }

  /**
   * Publishes a copy of `bytes`, in one piece. False, and nothing done, when there is no room for it.
   * @throws ShmRangeError for more bytes than the buffer has, and what is no Uint8Array; ShmError ERR_SHM_BUSY while bytes are claimed,
   * ERR_SHM_FORMAT, ERR_SHM_CLOSED
   */
  push(bytes: Uint8Array): boolean {
    const size = this.#sizeOf(bytes);
    if (this.#claimedAt >= 0) throw unpublishedBytes(this.#side.facts, this.#claimed);
    const at = this.#find(size);
    if (at < 0) return false;
    this.#bytes.set(bytes, this.#first + at); // Step put.fill.
    if (size > 0) this.#advance(at, size);
    return true;
  }

  /** As {@link push}, but sleeps until there is room. @throws ShmError ERR_SHM_BUSY at the timeout, with who is the consumer */
  pushWait(bytes: Uint8Array, options: WaitOptions = {}): void {
    while (!this.push(bytes)) this.#side.wait(options, this.#looks(bytes.byteLength));
  }

  /**
   * As {@link push}, but resolves when there was room. Those that wait are published in the order of their calls; {@link push} does not
   * queue up behind them. The bytes are read when there is room.
   * @throws ShmError ERR_SHM_BUSY at the timeout, with who is the consumer; ERR_SHM_CLOSED when it is closed meanwhile
   */
  pushAsync(bytes: Uint8Array, options: WaitAsyncOptions = {}): Promise<void> {
    try {
      options.signal?.throwIfAborted();
      if (this.#pushes?.isEmpty !== false && this.push(bytes)) return DONE;
      checkOptions(options, "waitAsync");
    } catch (error) {
      return Promise.reject(error as Error);
    }
    this.#pushes ??= new PendingPushes(this.#side, {
      push: (one) => this.push(one),
      look: (one) => this.#look(one.byteLength),
    });
    const { timeoutMs = TIMEOUT_MS, signal } = options;
    return this.#pushes.add({ value: bytes, timeoutMs, signal });
  }

  /**
   * Blocks this thread until {@link claim} has `size` bytes. Not in a thread that has an event loop to serve.
   * @throws ShmError ERR_SHM_BUSY at the timeout, with who is the consumer; ERR_SHM_FORMAT, ERR_SHM_CLOSED
   */
  wait(size: number, options: WaitOptions = {}): void {
    if (this.#look(size) === 0) this.#side.wait(options, this.#looks(size));
  }

  /** As {@link wait}, without blocking. Rejects with the reason of `signal` when that is aborted. */
  async waitAsync(size: number, options: WaitAsyncOptions = {}): Promise<void> {
    checkOptions(options, "waitAsync");
    return this.#side.waitAsync(options.timeoutMs ?? TIMEOUT_MS, options.signal, this.#looks(size));
  }

  #looks(size: number): () => number {
    return () => this.#look(size);
  }

  /** Pieces that are free by now if `size` bytes can be claimed, else 0. */
  #look(size: number): number {
    if (this.#find(size) < 0) return 0;
    return 1 + Math.floor((this.#length - usedOf(this.#write, this.#read, this.#length)) / PIECE);
  }

  /** Where `size` bytes can be claimed, or -1. */
  #find(size: number): number {
    const length = this.#length;
    if (size >>> 0 !== size || size > length) throw badSize(this.#side.facts, length, size);
    const at = this.#fit(size);
    return at >= 0 ? at : this.#findAnew(size);
  }

  /** By what is known of the consumer. Closed ones know that there is no room. */
  #fit(size: number): number {
    const length = this.#length;
    const place = placeOf(this.#write, length);
    const free = length - usedOf(this.#write, this.#read, length);
    const atEnd = length - place;
    if (size <= atEnd) return size <= free && !this.#isShut ? place : -1;
    return size <= free - atEnd && !this.#isShut ? 0 : -1;
  }

  #findAnew(size: number): number {
    this.#reload();
    const at = this.#fit(size);
    if (at < 0) this.#leaveLap(size);
    return at;
  }

  /**
   * For a piece that is longer than what lies before this place and than what lies behind it: however much the consumer reads, there
   * would be no room. So the rest of the lap is left out, without any bytes, as soon as the consumer has come to this lap.
   */
  #leaveLap(size: number): void {
    const length = this.#length;
    const place = placeOf(this.#write, length);
    const isInSameLap = usedOf(this.#write, this.#read, length) <= place;
    if (size <= place || size <= length - place || !isInSameLap) return;
    Atomics.store(this.#words, this.#watermarkAt, place); // Step put.watermark.
    this.#publish(advanced(this.#write, length - place, length)); // Step put.leaveLap.
  }

  /** The watermark is stored whenever the lap is left: who sees a `write` of the next lap finds the end of this one. */
  #advance(at: number, count: number): void {
    const length = this.#length;
    const place = placeOf(this.#write, length);
    const isLeaving = at !== place || at + count === length;
    if (!isLeaving) return this.#publish(advanced(this.#write, count, length));
    const end = at === place ? length : place;
    Atomics.store(this.#words, this.#watermarkAt, end); // Step put.watermark.
    this.#publish(advanced(this.#write, at === place ? count : length - place + count, length));
  }

  #publish(write: number): void {
    this.#write = write;
    // Steps put.publish wake.look.
    if (this.#store(this.#writeAt, write, this.#sleepsAt) !== 0) wakeOther(this.#side);
  }

  /** @throws ShmError ERR_SHM_FORMAT, ERR_SHM_CLOSED */
  #reload(): void {
    if (this.#isShut || this.#view.closed) this.#side.checkOpen();
    const read = this.#load(this.#readAt); // Step put.rereadRead.
    const capacity = this.#length;
    if (!areCounters(this.#write, read, capacity)) {
      throw damagedPlaces(this.#side.facts, { write: this.#write, read, capacity });
    }
    this.#read = read;
  }

  #refusePublish(count: number): never {
    this.#side.checkOpen();
    throw badBytes(this.#side.facts, "publish", this.#claimed, count);
  }

  /** @throws ShmRangeError */
  #sizeOf(bytes: Uint8Array): number {
    if (!isBytes(bytes)) throw notBytes(this.#side.facts, bytes);
    return bytes.byteLength;
  }

  #close(): void {
    this.#side.close();
    this.#isShut = true;
    this.#claimedAt = -1;
    this.#claimed = 0;
  }

  static {
    spoilable<BipBufferProducer>(this, (own, closed) => {
      own.#writeAt = closed;
      own.#isShut = true;
    });
  }
}
