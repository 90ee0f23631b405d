/** A message that is written in place. */
import { disposes } from "../../access/disposing.js";
import type { MessageKind } from "./frames.js";

/** What a claim needs of its messages. */
export interface GrantPort {
  publish(grant: MessageGrant, at: number, size: number, kind: MessageKind): void;
  discard(grant: MessageGrant): void;
  /** @throws ShmError ERR_SHM_CLOSED, ShmRangeError */
  check(grant: MessageGrant, claimed: number, length: number): void;
}

/**
 * Room for a message, to be filled in place. Whoever has one has the lock of the producers, and all others wait: fill it at once. It is
 * given back by `publish`, `discard`, `using`, the death of its thread, and when that closes the region.
 */
export class MessageGrant {
  /** {@link MessageGrant.discard}, for `using`. */
  declare readonly [Symbol.dispose]: () => void;
  readonly #port: GrantPort;
  readonly #at: number;
  readonly #bytes: Uint8Array;

  static {
    disposes(this, "discard");
  }

  /** @internal */
  constructor(port: GrantPort, at: number, bytes: Uint8Array) {
    this.#port = port;
    this.#at = at;
    this.#bytes = bytes;
  }

  /**
   * Where the message goes, with older bytes in it: a view of the region's memory, a SharedArrayBuffer, or an ArrayBuffer in regions that were
   * mapped as `"view"`. Not to be written after `publish` or `discard`.
   */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /**
   * Publishes the first `length` bytes, by one atomic store; all of them unless it is given. Text and JSON are UTF-8.
   * @throws ShmRangeError for a kind that there is not, or more than was claimed; ShmError ERR_SHM_CLOSED when it was published or
   * discarded before
   */
  publish(kind: MessageKind = "bytes", length: number = this.#bytes.length): void {
    this.#port.check(this, this.#bytes.length, length);
    this.#port.publish(this, this.#at, length, kind);
  }

  /**
   * Gives it back. Nothing is published. A second call does nothing. @throws ShmError ERR_SHM_CLOSED after close, when it lets go all
   * the same if the thread has other handles
   */
  discard(): void {
    this.#port.discard(this);
  }
}
