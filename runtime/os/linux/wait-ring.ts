/**
 * Sleeping on words without a thread: waits of io_uring (Linux 6.7), of whose ends libuv's loop hears by a byte in a pipe. Whoever
 * notifies wakes the thread that waits, and not a second one that has to wake the first.
 *
 *   start   put     entries: the sleep, its deadline if it has one, the bell; hard links, so that the bell follows any end of the sleep
 *           submit  one system call; from here on a notification finds the sleep
 *   kernel  end     says in the queue how the sleep ended: woken, deadline, cancelled, or the word had changed before
 *           ring    a byte into the pipe, after `end`
 *   event   hear    libuv has taken the bytes out of the pipe
 *           drain   takes all ends from the queue, after `hear`, and fetches those that found no room there
 *   cancel  forget  the sleep's number is nobody's any more, before `submit`: an end that comes all the same settles nothing
 *
 * These are the steps of test/model/wait-ring.ts. The first wait loads it (event-waits.ts), with io-uring.ts as one file that ships; it
 * imports nothing else of ours.
 * @see io_uring(7), io_uring_enter(2), include/uapi/linux/io_uring.h
 */
import { constants } from "node:os";
import type * as Net from "node:net";
import type { EventWaits, FutexWord, SleepEnd } from "../contract.js";
import { type End, FLAG, IoUring, OP, closeAll, own } from "./io-uring.js";
import type { RingCalls } from "./libc.js";

const { EAGAIN, ECANCELED, EFAULT } = constants.errno;
const O_CLOEXEC = 0o2000000;
const O_NONBLOCK = 0o4000;
/** Years; a wait that is longer has no deadline. */
const LONGEST_MS = 1e13;

/** Node's types have the second part for sockets that connect alone. */
type SocketOptions = Net.SocketConstructorOpts & { readonly onread: Net.OnReadOpts };

export interface RingEvents {
  ended(id: number, result: SleepEnd): void;
  failed(id: number, errno: number): void;
  /** No sleep of this ring ends any more. */
  lost(cause: unknown): void;
}

/** @throws where the system has no such ring, or does not let us have it */
export function openWaitRing(calls: RingCalls, events: RingEvents): EventWaits {
  const owned: number[] = [];
  try {
    return new WaitRing(calls, events, owned);
  } catch (error) {
    closeAll(owned);
    throw error;
  }
}

/** A ring that has waited for a word and is given up again. @throws as {@link openWaitRing}, with `errno` where the system refused */
export function tryWaitRing(calls: RingCalls): IoUring {
  const owned: number[] = [];
  try {
    return new IoUring(calls, owned);
  } finally {
    closeAll(owned);
  }
}

class WaitRing implements EventWaits {
  readonly #events: RingEvents;
  readonly #owned: number[];
  readonly #ring: IoUring;
  readonly #bell: number;
  readonly #socket: Net.Socket;

  /** `owned` gets the descriptors that are to be closed when this throws. */
  constructor(calls: RingCalls, events: RingEvents, owned: number[]) {
    this.#events = events;
    this.#owned = owned;
    this.#ring = new IoUring(calls, owned);
    const pipe = new Int32Array(2);
    const [ear, bell] = calls.pipe2(pipe, O_CLOEXEC | O_NONBLOCK) === 0 ? pipe : [];
    if (ear === undefined || bell === undefined) throw new Error(`pipe2 failed, errno ${calls.errno()}`);
    try {
      this.#bell = own(calls, bell, owned);
      this.#socket = this.#listen(ear);
    } catch (error) {
      calls.close(ear);
      throw error;
    }
  }

  start(id: number, { address, expected }: FutexWord, timeoutMs: number): void {
    const ring = this.#ring;
    ring.putSleep(id, address, expected, FLAG.hardLink);
    if (timeoutMs < LONGEST_MS) {
      ring.put({ op: OP.deadline, flags: FLAG.hardLink, address: ring.timeFor(timeoutMs), length: 1 });
    }
    ring.put({ op: OP.write, flags: FLAG.skipSuccess, fd: this.#bell, address: ring.byteAddress, length: 1 });
    this.#submit();
  }

  cancel(ids: readonly number[]): void {
    // What is cancelled is named where others have an address.
    for (const id of ids) this.#ring.put({ op: OP.cancel, flags: FLAG.skipSuccess, address: id });
    this.#submit();
  }

  keepAlive(isNeeded: boolean): void {
    if (isNeeded) this.#socket.ref();
    else this.#socket.unref();
  }

  /** Hears the bell. The socket has the descriptor from here on. */
  #listen(fd: number): Net.Socket {
    const hear = (): boolean => {
      this.#drain();
      return true;
    };
    const onread = { buffer: new Uint8Array(1024), callback: hear };
    const options: SocketOptions = { fd, readable: true, writable: false, onread };
    const socket = new (process.getBuiltinModule("node:net").Socket)(options);
    let cause: unknown;
    socket.on("error", (error) => (cause = error));
    // The ring was given up, or somebody has closed our descriptors.
    socket.on("close", () => this.#events.lost(cause));
    return socket.unref();
  }

  /** A sleep that may be without its bell ends with all others: they are lost. */
  #submit(): void {
    try {
      this.#ring.submit();
    } catch (cause) {
      closeAll(this.#owned);
      this.#socket.destroy(cause as Error);
    }
  }

  /** Whoever ends while this looks rings afterwards, and is heard afterwards. */
  #drain(): void {
    do {
      for (let end = this.#ring.nextEnd(); end !== undefined; end = this.#ring.nextEnd()) this.#tell(end);
    } while (this.#ring.fetch());
  }

  #tell({ id, result }: End): void {
    // Deadlines, bells and cancellations have no number.
    if (id === 0) return;
    if (result === 0 || result === -EAGAIN) this.#events.ended(id, "ok");
    else if (result === -ECANCELED) this.#events.ended(id, "timed-out");
    else if (result === -EFAULT) this.#events.ended(id, "gone");
    else this.#events.failed(id, -result);
  }
}
