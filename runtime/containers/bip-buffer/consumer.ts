/** What takes bytes from a buffer. The steps are those of test/model/bip-buffer.ts. */
import { BIP_BUFFER } from "../../../schema/containers/bip-buffer.js";
import { checkOptions } from "../../arguments/check-options.js";
import { disposesItself } from "../../access/disposing.js";
import type { MemoryView } from "../../access/memory-view.js";
import { spoilable } from "../../access/retire.js";
import type { Counters } from "../parts/counters.js";
import { wakeOther } from "../parts/flag-waits.js";
import { ConsumerItems } from "../parts/consumer-items.js";
import { advanced, areCounters, type BytesPlace, placeOf, usedOf } from "../parts/laps.js";
import { Side } from "../parts/side.js";
import { type AbortOptions, TIMEOUT_MS, type WaitAsyncOptions, type WaitOptions } from "../parts/sleeping.js";
import { BipBufferEnd, bytesOf, PIECE, SIDES, wordOf } from "./end.js";
import { badBytes, damagedPlaces, nothingShown } from "./refusals.js";

/**
 * The consumer of a buffer: a role that one thread of all processes has at a time. It gets all bytes in order, at least once: what it had
 * not released when it was killed goes to the next consumer. Bytes are shown in place until they are released; after that they are
 * the producer's again.
 */
export class BipBufferConsumer extends BipBufferEnd implements AsyncIterable<Uint8Array> {
  readonly #load: Counters["load"] = bytesOf(this).counters.load;
  readonly #store: Counters["publish"] = bytesOf(this).counters.publish;
  #readAt: number = wordOf(this, "read");
  readonly #writeAt: number = wordOf(this, "write");
  readonly #sleepsAt: number = wordOf(this, "producerSleeps");
  readonly #watermarkAt: number = bytesOf(this).base + BIP_BUFFER.at.watermark / 4;
  readonly #words: Uint32Array = bytesOf(this).words;
  readonly #bytes: Uint8Array = bytesOf(this).memory.u8;
  readonly #first: number = bytesOf(this).first;
  readonly #length: number = bytesOf(this).length;
  readonly #view: MemoryView = bytesOf(this).view;
  /** Whether the role was given back. */
  #isShut = false;
  readonly #side: Side = new Side(bytesOf(this), SIDES.consumer, {
    look: () => Math.ceil(this.available / PIECE),
    position: () => Math.floor(this.#read / PIECE),
    length: bytesOf(this).length / PIECE,
  });
  /** After the role was taken: a consumer before us may have released until then. */
  #read: number = this.#load(this.#readAt); // Step get.readRead.
  /** Bytes behind it that are in one piece, as far as we know. */
  #available = 0;
  /** Bytes behind those that are left out. */
  #gap = 0;
  #shown = 0;
  #items: ConsumerItems<Uint8Array> | undefined;

  /** @internal */
  constructor(place: BytesPlace, view: MemoryView) {
    super(place);
    view.track(this);
    try {
      this.#look();
    } catch (error) {
      this.#side.close();
      throw error;
    }
    disposesItself(this, () => this.#close());
  }

  /** Gives the role back; twice is once. What was not released goes to the next consumer. */
  declare readonly close: () => void;
  declare readonly [Symbol.dispose]: () => void;

  /** Bytes that {@link peek} would show by now. @throws ShmError ERR_SHM_FORMAT, ERR_SHM_CLOSED */
  get available(): number {
    this.#look();
    return this.#available;
  }

  /**
   * All bytes that are there by now in one piece, in place; undefined when there are none. Each piece begins with the first byte that was not
   * released. What was claimed in one piece comes in one piece, perhaps with others before and behind it. Valid until it is released.
   *
   * It is a view of the region's memory: a SharedArrayBuffer, or an ArrayBuffer in regions that were mapped as `"view"`. Whoever passes it
   * on to another thread, or keeps it, copies it first: `bytes.slice()`.
   * @throws ShmError ERR_SHM_FORMAT, ERR_SHM_CLOSED
   */
  peek(): Uint8Array | undefined {
    this.#look();
    const count = this.#available;
    this.#shown = count;
    if (count === 0) return undefined;
    const from = this.#first + placeOf(this.#read, this.#length);
    return this.#bytes.subarray(from, from + count);
  }

  /**
   * Gives the first `count` bytes back to the producer, by one atomic store; unless it is given, all that the last {@link peek} has shown.
   * @throws ShmRangeError for more than there are
   */
  release(count = this.#shown === 0 ? NaN : this.#shown): void {
    if (count === 0) return;
    if (count >>> 0 !== count || count > this.#available) this.#checkRelease(count);
    this.#shown = Math.max(0, this.#shown - count);
    this.#available -= count;
    // With the last bytes of a lap goes what was left out behind them.
    const gap = this.#available === 0 ? this.#gap : 0;
    if (this.#available === 0) this.#gap = 0;
    this.#advance(count + gap); // Step get.release.
  }

  /** Blocks until there are bytes. @throws ShmError ERR_SHM_BUSY at the timeout, with who is the producer */
  wait(options: WaitOptions = {}): void {
    if (this.#available === 0) this.#side.wait(options);
  }

  /** Resolves when there are bytes. @throws ShmError ERR_SHM_BUSY at the timeout, with who is the producer */
  async waitAsync(options: WaitAsyncOptions = {}): Promise<void> {
    checkOptions(options, "waitAsync");
    await this.#side.waitAsync(options.timeoutMs ?? TIMEOUT_MS, options.signal);
  }

  /**
   * Pieces as {@link peek} shows them, one after the other: each is released when the loop asks for the next one, unless its body has
   * released a part of it. One on which the loop broke or threw stays, and is delivered again. Ends by `signal` only, with its reason. One iteration at a time.
   */
  items(options: AbortOptions = {}): AsyncIterableIterator<Uint8Array> {
    checkOptions(options, "items");
    const { signal } = options;
    return (this.#items = new ConsumerItems<Uint8Array>(this, this.#side, signal, {
      isLatest: (items) => this.#items === items,
      head: () => this.#read,
    }));
  }

  /** As {@link items}. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    return this.items();
  }

  #checkRelease(count: number): void {
    this.#look();
    if (Number.isNaN(count)) throw nothingShown(this.#side.facts);
    if (count >>> 0 !== count || count > this.#available) {
      throw badBytes(this.#side.facts, "release", this.#available, count);
    }
  }

  #advance(by: number): void {
    const read = advanced(this.#read, by, this.#length);
    this.#read = read;
    // Step wake.look.
    if (this.#store(this.#readAt, read, this.#sleepsAt) !== 0) wakeOther(this.#side);
  }

  /** How far the producer is. The watermark is of the lap that `write` has left, so `write` is loaded first. */
  #look(): void {
    if (this.#isShut || this.#view.closed) this.#side.checkOpen();
    const length = this.#length;
    const write = this.#load(this.#writeAt); // Step get.readWrite.
    if (!areCounters(write, this.#read, length)) throw this.#damaged(write);
    const used = usedOf(write, this.#read, length);
    const toEnd = length - placeOf(this.#read, length);
    this.#available = used;
    this.#gap = 0;
    if (used >= toEnd) this.#lookBehindLap(write, used, toEnd);
  }

  #lookBehindLap(write: number, used: number, toEnd: number): void {
    const watermark = Atomics.load(this.#words, this.#watermarkAt); // Step get.readWatermark.
    const count = watermark - placeOf(this.#read, this.#length);
    if (count < 0 || count > toEnd) throw this.#damaged(write, watermark);
    this.#available = count;
    this.#gap = toEnd - count;
    if (count > 0) return;
    // Nothing but what was left out: it goes at once, since the producer may wait for it.
    this.#gap = 0;
    this.#available = used - toEnd;
    this.#advance(toEnd); // Step get.leaveLap.
  }

  #damaged(write: number, watermark?: number): Error {
    const places = { write, read: this.#read, capacity: this.#length };
    return damagedPlaces(this.#side.facts, watermark === undefined ? places : { ...places, watermark });
  }

  #close(): void {
    this.#side.close();
    this.#isShut = true;
    // Whatever is asked now looks empty, and looks again.
    this.#available = this.#gap = this.#shown = 0;
  }

  static {
    spoilable<BipBufferConsumer>(this, (own, closed) => {
      own.#readAt = closed;
      own.#isShut = true;
    });
  }
}
