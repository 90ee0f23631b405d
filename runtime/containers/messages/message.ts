/** One message, as its consumer sees it: in place until it is released, or a copy. */
import { Buffer, constants } from "node:buffer";
import { FRAME } from "../../../schema/containers/messages.js";
import { type Inspect, inspect } from "../../access/printing.js";
import type { MessageKind } from "./frames.js";
import { badJson, messageIsOver, tooLongForText } from "./refusals.js";

/** Of text that is printed. */
const SHOWN = 200;

/** Ends a message that is shown in place. */
export let endMessage: (message: Message) => void;
/** The same message in private memory. */
export let copyMessage: (message: Message) => Message;

/** A frame of messages, whose head was looked at. */
export interface Frame {
  /** Where the message begins, bytes in its memory. */
  readonly at: number;
  /** Bytes. */
  readonly size: number;
  /** A number of schema/containers/messages.ts. */
  readonly kind: number;
}

/** A message. Of one in place, `peek` and others say how long it is valid; after that it throws ERR_SHM_CLOSED. */
export class Message {
  /** Where it lies; undefined when it was released. */
  #memory: Buffer | undefined;
  readonly #at: number;
  readonly #length: number;
  readonly #kind: number;
  readonly #field: string;

  static {
    endMessage = (message) => {
      message.#memory = undefined;
    };
    copyMessage = (message) => {
      const size = message.#length;
      const memory = Buffer.allocUnsafeSlow(size);
      memory.set(message.bytes);
      return new Message(memory, { at: 0, size, kind: message.#kind }, message.#field);
    };
  }

  /** @internal */
  constructor(memory: Buffer, { at, size, kind }: Frame, field: string) {
    this.#memory = memory;
    this.#at = at;
    this.#length = size;
    this.#kind = kind;
    this.#field = field;
  }

  /** Bytes. */
  get length(): number {
    return this.#length;
  }

  /** How it was pushed. */
  get kind(): MessageKind {
    return FRAME.kinds[this.#kind] as MessageKind;
  }

  /**
   * Its bytes, in place: a view of the region's memory, a SharedArrayBuffer, or an ArrayBuffer in regions that were mapped as `"view"`; they
   * are the producers' again after the release. Of a copy private memory. @throws ShmError ERR_SHM_CLOSED
   */
  get bytes(): Uint8Array {
    const { buffer, byteOffset } = this.#own;
    return new Uint8Array(buffer, byteOffset + this.#at, this.#length);
  }

  /** Its bytes as UTF-8; what is none becomes U+FFFD. @throws ShmError ERR_SHM_CLOSED; ShmRangeError for more than a string can hold */
  get text(): string {
    const length = this.#length;
    if (length > constants.MAX_STRING_LENGTH) throw tooLongForText(this.#field, constants.MAX_STRING_LENGTH, length);
    return this.#own.toString("utf8", this.#at, this.#at + length);
  }

  /** The value that was pushed. @throws ShmError ERR_SHM_FORMAT for what is no JSON, with the parser's error as its cause; ERR_SHM_CLOSED */
  json(): unknown {
    const { text } = this;
    try {
      return JSON.parse(text) as unknown;
    } catch (cause) {
      throw badJson(this.#field, cause);
    }
  }

  get #own(): Buffer {
    const memory = this.#memory;
    if (memory === undefined) throw messageIsOver(this.#field);
    return memory;
  }

  /** For printing. */
  toJSON(): { readonly kind: MessageKind; readonly length: number; readonly text?: string } {
    const { kind, length } = this;
    const memory = this.#memory;
    if (memory === undefined || kind === "bytes") return { kind, length };
    return { kind, length, text: memory.toString("utf8", this.#at, this.#at + Math.min(length, SHOWN)) };
  }

  [inspect](_depth: number, options: unknown, show: Inspect): string {
    return `Message ${show(this.toJSON(), options)}`;
  }
}
