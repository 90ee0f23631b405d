/**
 * The producers of messages, as far as one thread is one of them: what it writes under their lock, and how it waits for room. The steps are
 * those of test/model/messages.ts.
 *
 *   push       lock; look at both places; frame, `write`; unlock; wake the consumer if that sleeps
 *   wait       flag = 1, look again, sleep while the flag is 1. The flag stays: others may sleep on it
 */
import { Buffer } from "node:buffer";
import { FRAME, MESSAGES } from "../../../schema/containers/messages.js";
import { OWNER } from "../../../schema/containers/owner.js";
import type { RawMemory } from "../../access/memory-view.js";
import { closed } from "../../access/refusals.js";
import { FlagWaits, wakeOther } from "../parts/flag-waits.js";
import { type BytesPlace, isBytes } from "../parts/laps.js";
import { isOurs, OwnerWord, ownerOf, recoverOwner } from "../parts/owner-word.js";
import { PendingPushes, type PushPort } from "../parts/pushes.js";
import { EVERYBODY, TIMEOUT_MS, type WaitAsyncOptions } from "../parts/sleeping.js";
import { frameOf, Frames, kindNumber, longestOf, type MessageKind, PIECE, SIDES } from "./frames.js";
import { type GrantPort, MessageGrant } from "./grant.js";
import {
  badKind,
  beyondClaim,
  claimedByThisThread,
  claimIsOver,
  notAMessage,
  notTextual,
  tooLong,
} from "./refusals.js";

/** Options of what pushes. */
export interface PushOptions {
  /** Ms, default 5,000: of `push` for the lock alone, of others for room as well. `Infinity` waits for ever. */
  readonly timeoutMs?: number;
  /** Of text: `"json"` says that it is. */
  readonly kind?: "bytes" | "text" | "json";
}

/** A message that waits. */
interface Waiting {
  readonly message: string | Uint8Array;
  readonly kind: MessageKind | undefined;
}

const [BYTES, TEXT] = [FRAME.kinds.indexOf("bytes"), FRAME.kinds.indexOf("text")];
/** A code unit of JavaScript takes at most as many bytes of UTF-8. */
const MOST_BYTES = 3;
const DONE = Promise.resolve();
/** There was no room. */
const FULL = -1;

/** Frees the lock of a dead producer. First the consumer is woken, for what the dead one may have published. */
export function recoverProducer(memory: RawMemory, base: number, number: number): void {
  const words = memory.u32;
  const { role, othersSleep } = SIDES.producer;
  if (ownerOf(words, base + role) !== number) return; // Step recover.look.
  Atomics.store(words, base + othersSleep, 0); // Step recover.clear.
  memory.futex?.notify((base + othersSleep) * 4, EVERYBODY); // Step recover.wake.
  recoverOwner(memory, base + role, number, OWNER.free); // Step recover.free.
}

/** All producers sleep on one flag, for room of different sizes. */
class ProducersWaits extends FlagWaits {
  readonly #place: BytesPlace;

  constructor(place: BytesPlace, frames: Frames) {
    super(place, SIDES.producer, {
      look: () => frames.wouldFit(FRAME.head),
      position: () => 0,
      length: place.length / PIECE,
    });
    this.#place = place;
  }

  protected override get isShared(): boolean {
    return true;
  }

  override checkOpen(): void {
    const { view, field } = this.#place;
    if (view.closed) throw closed(view.label, field);
  }
}

export class MessageProducers {
  readonly #lock: OwnerWord;
  readonly #frames: Frames;
  readonly #waits: ProducersWaits;
  /** The whole view. */
  readonly #bytes: Uint8Array;
  /** The frames alone. */
  readonly #text: Buffer;
  readonly #first: number;
  readonly #longest: number;
  #pushes: PendingPushes<Waiting> | undefined;
  #grant: MessageGrant | undefined;
  #port: GrantPort | undefined;

  constructor(place: BytesPlace, text: Buffer) {
    const { view, base, field, memory, first, length } = place;
    this.#lock = new OwnerWord(view, base + MESSAGES.at.producer / 4, field, claimedByThisThread);
    this.#frames = new Frames(place);
    this.#waits = new ProducersWaits(place, this.#frames);
    this.#bytes = memory.u8;
    this.#text = text;
    this.#first = first;
    this.#longest = longestOf(length);
  }

  push(message: string | Uint8Array, kind: MessageKind | undefined, timeoutMs: number): boolean {
    const number = this.#check(message, kind);
    this.#lock.take(timeoutMs);
    return this.#pushLocked(message, number);
  }

  /** Sleeps until there may be room for it. */
  waitFor(message: string | Uint8Array, timeoutMs: number): void {
    this.#waits.wait({ timeoutMs }, this.#looks(message));
  }

  pushAsync(message: string | Uint8Array, options: WaitAsyncOptions & PushOptions): Promise<void> {
    const { kind, signal, timeoutMs = TIMEOUT_MS } = options;
    signal?.throwIfAborted();
    const number = this.#check(message, kind);
    // Those that wait come first.
    const isFirst = this.#pushes?.isEmpty !== false && isOurs(this.#lock.tryTake());
    if (isFirst && this.#pushLocked(message, number)) return DONE;
    this.#pushes ??= new PendingPushes(this.#waits, this.#pushPort());
    return this.#pushes.add({ value: { message, kind }, timeoutMs, signal });
  }

  #pushPort(): PushPort<Waiting> {
    return {
      push: ({ message, kind }, wish) => {
        const number = this.#check(message, kind);
        if (isOurs(this.#lock.tryTake())) return this.#pushLocked(message, number);
        return this.#pushBehind(message, number, wish);
      },
      look: ({ message }) => this.#frames.wouldFit(frameOf(this.#sizeOf(message))),
    };
  }

  /** The lock is another one's, who may be stopped. */
  async #pushBehind(
    message: string | Uint8Array,
    number: number,
    { timeoutMs, isWanted }: Parameters<PushPort<Waiting>["push"]>[1],
  ): Promise<boolean> {
    const turn = (): boolean => {
      if (isWanted()) return this.#pushLocked(message, number);
      this.#lock.release();
      return false;
    };
    return this.#lock.turnAsync(turn, { timeoutMs });
  }

  claim(size: number, timeoutMs: number): MessageGrant | undefined {
    const { facts } = this.#frames;
    if (size >>> 0 !== size || size > this.#longest) throw tooLong(facts, this.#longest, size);
    this.#lock.take(timeoutMs);
    let at: number = FULL;
    let sleeps = 0;
    try {
      this.#frames.look();
      at = this.#frames.find(frameOf(size));
      if (at < 0) sleeps = this.#leaveLap(frameOf(size));
    } finally {
      if (at < 0) this.#unlock(sleeps);
    }
    if (at < 0) return undefined;
    const from = this.#frames.messageAt(at);
    const grant = new MessageGrant(this.#grants(), at, this.#bytes.subarray(from, from + size));
    this.#grant = grant;
    return grant;
  }

  #grants(): GrantPort {
    return (this.#port ??= {
      check: (grant, claimed, length) => {
        this.#waits.checkOpen();
        const { facts } = this.#frames;
        if (this.#grant !== grant) throw claimIsOver(facts);
        if (length >>> 0 !== length || length > claimed) throw beyondClaim(facts, claimed, length);
      },
      publish: (_grant, at, size, kind) => {
        const number = kindNumber(kind);
        if (number < 0) throw badKind(this.#frames.facts, kind);
        this.#grant = undefined;
        this.#unlock(this.#frames.publish(at, size, number));
      },
      discard: (grant) => {
        if (this.#grant !== grant) return;
        this.#grant = undefined;
        this.#lock.release();
      },
    });
  }

  /** Lets go, and wakes the consumer then, if it has said that it sleeps. */
  #unlock(sleeps: number): void {
    this.#lock.release(); // Step lock.release.
    if (sleeps !== 0) wakeOther(this.#waits);
  }

  /** Whether there was room. The lock is free afterwards. */
  #pushLocked(message: string | Uint8Array, kind: number): boolean {
    let isDone = false;
    let sleeps = 0;
    const frames = this.#frames;
    try {
      frames.look();
      const at = typeof message === "string" ? this.#writeText(message) : this.#writeBytes(message);
      isDone = at !== FULL;
      sleeps = isDone ? frames.publish(at, this.#written, kind) : this.#leaveLap(frameOf(this.#written));
    } finally {
      this.#unlock(sleeps);
    }
    return isDone;
  }

  /** Bytes of the message that was written last, or for which there was no room. */
  #written = 0;

  #writeBytes(message: Uint8Array): number {
    const size = message.byteLength;
    this.#written = size;
    const at = this.#frames.find(frameOf(size));
    if (at !== FULL) this.#bytes.set(message, this.#frames.messageAt(at)); // Step put.fill.
    return at;
  }

  /** Text is measured only where it may not fit: that takes twice as long as writing it. */
  #writeText(message: string): number {
    const most = message.length * MOST_BYTES;
    const fits = most <= this.#longest && this.#frames.fitsHere(frameOf(most));
    const size = fits ? most : Buffer.byteLength(message);
    this.#written = size;
    const at = this.#frames.find(frameOf(size));
    if (at === FULL) return at;
    this.#written = this.#text.write(message, this.#frames.messageAt(at) - this.#first, size, "utf8");
    return at;
  }

  #leaveLap(frame: number): number {
    return this.#frames.needsNextLap(frame) ? this.#frames.leaveLap() : 0;
  }

  #looks(message: string | Uint8Array): () => number {
    const frame = frameOf(this.#sizeOf(message));
    return () => this.#frames.wouldFit(frame);
  }

  #sizeOf(message: string | Uint8Array): number {
    return typeof message === "string" ? Buffer.byteLength(message) : message.byteLength;
  }

  /** The number of its kind. @throws ShmRangeError; ShmError ERR_SHM_CLOSED */
  #check(message: string | Uint8Array, kind: MessageKind | undefined): number {
    const longest = this.#longest;
    if (typeof message === "string") {
      const isShort = message.length * MOST_BYTES <= longest;
      const size = isShort ? 0 : message.length > longest ? message.length : Buffer.byteLength(message);
      if (size > longest) throw tooLong(this.#frames.facts, longest, size);
      return kind === undefined ? TEXT : this.#textual(kind);
    }
    if (!isBytes(message)) throw notAMessage(this.#frames.facts, message);
    if (message.byteLength > longest) throw tooLong(this.#frames.facts, longest, message.byteLength);
    return kind === undefined ? BYTES : this.#numberOf(kind);
  }

  #textual(kind: MessageKind): number {
    if (kind === "bytes") throw notTextual(this.#frames.facts, kind);
    return this.#numberOf(kind);
  }

  #numberOf(kind: MessageKind): number {
    const number = kindNumber(kind);
    if (number < 0) throw badKind(this.#frames.facts, kind);
    return number;
  }
}
