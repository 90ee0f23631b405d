/** What takes messages. The steps are those of test/model/messages.ts. */
import { Buffer } from "node:buffer";
import { FRAME, MESSAGES } from "../../../schema/containers/messages.js";
import { checkFunction, checkOptions } from "../../arguments/check-options.js";
import { disposesItself } from "../../access/disposing.js";
import type { MemoryView } from "../../access/memory-view.js";
import { spoilable } from "../../access/retire.js";
import { Uncloneable } from "../../access/uncloneable.js";
import type { Counters } from "../parts/counters.js";
import { wakeOther } from "../parts/flag-waits.js";
import { ConsumerItems } from "../parts/consumer-items.js";
import { advanced, areCounters, type BytesPlace, placeOf, usedOf } from "../parts/laps.js";
import { drainedMeanwhile } from "../parts/refusals.js";
import { Side } from "../parts/side.js";
import { type AbortOptions, TIMEOUT_MS, type WaitAsyncOptions, type WaitOptions } from "../parts/sleeping.js";
import { frameOf, PIECE, SIDES } from "./frames.js";
import { copyMessage, endMessage, Message } from "./message.js";
import { damagedFrames, nothingToRelease } from "./refusals.js";

const { head: HEAD, padding: PADDING } = FRAME;

/**
 * The consumer of messages: a role that one thread of all processes has at a time. It gets all messages in the order in which they were
 * published, at least once: what it had not released when it was killed goes to the next consumer.
 */
export class MessagesConsumer extends Uncloneable implements AsyncIterable<Message> {
  readonly #load: Counters["load"];
  readonly #store: Counters["publish"];
  #readAt: number;
  readonly #writeAt: number;
  readonly #sleepsAt: number;
  readonly #words: Uint32Array;
  /** The frames alone. */
  readonly #frames: Buffer;
  readonly #firstWord: number;
  readonly #length: number;
  readonly #view: MemoryView;
  readonly #side: Side;
  readonly #field: string;
  /** Whether the role was given back. */
  #isShut = false;
  #read = 0;
  /** As it was loaded last: the producers' may be further on. */
  #write = 0;
  /** The first message that was not released, if it was shown, and where the one after it begins. */
  #shown: Message | undefined;
  #next = 0;
  /** Head of the frame that was found last. */
  #size = 0;
  #kind = 0;
  #isDraining = false;
  #items: ConsumerItems<Message> | undefined;

  /** @internal */
  constructor(place: BytesPlace, view: MemoryView) {
    super();
    const { counters, base, words, memory, first, length, field } = place;
    const at = (word: keyof typeof MESSAGES.at): number => counters.base + base * 4 + MESSAGES.at[word];
    this.#load = counters.load;
    this.#store = counters.publish;
    this.#readAt = at("read");
    this.#writeAt = at("write");
    this.#sleepsAt = at("producerSleeps");
    this.#words = words;
    this.#frames = Buffer.from(memory.buffer as ArrayBuffer, memory.byteOffset + first, length);
    this.#firstWord = first / 4;
    this.#length = length;
    this.#view = view;
    this.#field = `${field}[]`;
    view.track(this);
    this.#side = new Side(place, SIDES.consumer, {
      look: () => Math.ceil(this.#used() / PIECE),
      position: () => Math.floor(this.#read / PIECE),
      length: length / PIECE,
    });
    try {
      // After the role was taken: a consumer before us may have released until then.
      this.#read = this.#write = this.#load(this.#readAt); // Step get.readRead.
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

  /**
   * The first message that was not released, in place; undefined when there is none. Valid until it is released.
   * @throws ShmError ERR_SHM_FORMAT for a frame that others have damaged, ERR_SHM_CLOSED
   */
  peek(): Message | undefined {
    const shown = this.#shown;
    if (shown !== undefined && !this.#isShut && !this.#isDraining) return shown;
    if (this.#isDraining) throw drainedMeanwhile(this.#side.facts);
    const at = this.#find(this.#read);
    if (at < 0) return undefined;
    return (this.#shown = this.#messageAt(at));
  }

  /** Gives the room of the first message back to the producers, by one atomic store. @throws ShmRangeError when there is none */
  release(): void {
    if (this.peek() === undefined) throw nothingToRelease(this.#side.facts);
    this.#advance(this.#next); // Step get.release.
  }

  /**
   * Takes the first message: a copy in private memory. Undefined when there is none. It is released before its user has it, and so is
   * gone with who is killed then; `peek` and `release`, `drain` and `for await` deliver it again.
   * @throws ShmError ERR_SHM_FORMAT, ERR_SHM_CLOSED
   */
  take(): Message | undefined {
    const message = this.peek();
    if (message === undefined) return undefined;
    const copy = copyMessage(message); // Step get.copy.
    this.#advance(this.#next);
    return copy;
  }

  /**
   * Calls `take` with each message that is there, at most `max`, in place, and releases them together, by one atomic store: how many. A message
   * is valid during its call. If `take` throws, the messages before are released, and this one will be delivered again; so will be all
   * of them when the process is killed meanwhile.
   */
  drain(take: (message: Message) => void, max = Infinity): number {
    if (typeof take !== "function") checkFunction(take, "take");
    if (this.#isDraining) throw drainedMeanwhile(this.#side.facts);
    this.#look();
    this.#endShown();
    const most = Math.max(0, Math.floor(max)) || 0;
    let taken = 0;
    let read = this.#read;
    this.#isDraining = true;
    try {
      // Nothing is released meanwhile, so that it ends.
      while (taken < most && !this.#isShut) {
        const at = this.#find(read);
        if (at < 0) break;
        const next = this.#next;
        this.#show(this.#messageAt(at), take);
        read = next;
        taken += 1;
      }
    } finally {
      this.#isDraining = false;
      if (taken > 0 && !this.#side.closed && !this.#view.closed) this.#advance(read);
    }
    return taken;
  }

  #show(message: Message, take: (message: Message) => void): void {
    try {
      take(message);
    } finally {
      endMessage(message);
    }
  }

  /** Blocks until a message is there. @throws ShmError ERR_SHM_BUSY at the timeout, with who is just pushing, if anybody is */
  wait(options: WaitOptions = {}): void {
    if (this.#shown === undefined) this.#side.wait(options);
  }

  /** Resolves when a message is there. @throws ShmError ERR_SHM_BUSY at the timeout */
  async waitAsync(options: WaitAsyncOptions = {}): Promise<void> {
    checkOptions(options, "waitAsync");
    await this.#side.waitAsync(options.timeoutMs ?? TIMEOUT_MS, options.signal);
  }

  /**
   * All messages, one after the other, in place: each is released when the loop asks for the next one. One on which the loop broke or
   * threw stays, and is delivered again. Ends by `signal` only, with its reason. One iteration at a time.
   */
  items(options: AbortOptions = {}): AsyncIterableIterator<Message> {
    checkOptions(options, "items");
    const { signal } = options;
    return (this.#items = new ConsumerItems<Message>(this, this.#side, signal, {
      isLatest: (items) => this.#items === items,
      head: () => this.#read,
    }));
  }

  /** As {@link items}. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Message> {
    return this.items();
  }

  /** Bytes that are there, without padding at the front. */
  #used(): number {
    return this.#find(this.#read) < 0 ? 0 : usedOf(this.#write, this.#read, this.#length);
  }

  /** Where the first frame from `read` on begins, or -1; {@link #next} is behind it then. Releases padding that nothing is before. */
  #find(read: number): number {
    const length = this.#length;
    for (let from = read; ;) {
      if (from === this.#write) this.#look();
      const used = usedOf(this.#write, from, length);
      if (used === 0) return -1;
      const place = placeOf(from, length);
      const word = this.#firstWord + place / 4;
      // Each is loaded once: whatever others write there, it is these numbers that were looked at.
      const size = this.#words[word] as number; // Step get.head.
      const kind = this.#words[word + 1] as number;
      if (kind === PADDING && length - place <= used) {
        from = advanced(from, length - place, length);
        // The producers may wait for it.
        if (this.#read === read && !this.#isDraining) this.#advance((read = from)); // Step get.leaveLap.
        continue;
      }
      const frame = size <= length - HEAD ? frameOf(size) : Infinity;
      if (kind >= PADDING || frame > used || frame > length - place) throw this.#damagedFrame(place, size, kind);
      this.#next = advanced(from, frame, length);
      this.#size = size;
      this.#kind = kind;
      return place;
    }
  }

  #messageAt(at: number): Message {
    return new Message(this.#frames, { at: at + HEAD, size: this.#size, kind: this.#kind }, this.#field);
  }

  #advance(read: number): void {
    this.#endShown();
    this.#read = read;
    // Step wake.look.
    if (this.#store(this.#readAt, read, this.#sleepsAt) !== 0) wakeOther(this.#side);
  }

  #endShown(): void {
    if (this.#shown === undefined) return;
    endMessage(this.#shown);
    this.#shown = undefined;
  }

  /** How far the producers are. @throws ShmError ERR_SHM_FORMAT, ERR_SHM_CLOSED */
  #look(): void {
    if (this.#isShut || this.#view.closed) this.#side.checkOpen();
    const write = this.#load(this.#writeAt); // Step get.readWrite.
    const capacity = this.#length;
    if (!areCounters(write, this.#read, capacity) || ((write | this.#read) & 7) !== 0) {
      throw damagedFrames(this.#side.facts, "its places", { write, read: this.#read, capacity });
    }
    this.#write = write;
  }

  #damagedFrame(place: number, length: number, kind: number): Error {
    return damagedFrames(this.#side.facts, "a frame", { place, length, kind, capacity: this.#length });
  }

  #close(): void {
    this.#endShown();
    this.#side.close();
    this.#isShut = true;
    // Whatever is asked now looks empty, and looks again.
    this.#write = this.#read;
  }

  static {
    spoilable<MessagesConsumer>(this, (own, closed) => {
      own.#readAt = closed;
      own.#isShut = true;
      own.#shown = undefined;
      own.#write = own.#read;
    });
  }
}
