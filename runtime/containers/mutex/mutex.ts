/**
 * A lock of all threads and processes that have a region open, and what its user's data needs when somebody dies with it: schema/containers/
 * mutex.ts. Its word is an {@link OwnerWord}; its steps are those of test/model/owner-word.ts.
 */
import { MUTEX } from "../../../schema/containers/mutex.js";
import { OWNER } from "../../../schema/containers/owner.js";
import type { MemoryView, RawMemory } from "../../access/memory-view.js";
import { rawMemory } from "../../access/memory-view.js";
import { spoilable } from "../../access/retire.js";
import { checkOptions } from "../../arguments/check-options.js";
import type { AbortOptions } from "../../arguments/wait-options.js";
import { Container, type ContainerShape, type Death, nameOf } from "../container.js";
import { disposes } from "../../access/disposing.js";
import { OwnerWord, ownerOf, recoverOwner } from "../parts/owner-word.js";
import { abandoned, repairsLater } from "./refusals.js";

/** Whose death left a mutex abandoned. */
export interface Abandonment {
  /** Process that died, in its own namespace; 0 when that is not known. */
  readonly pid: number;
  /** When it was found, ms since 1970. */
  readonly at: number;
}

/** Options of {@link Mutex.lock}. */
export interface LockOptions {
  /** Ms, default 5,000. `Infinity` waits for ever. */
  readonly timeoutMs?: number;
  /**
   * Is called under the lock when its last owner died with it, and mends what it guards. What it throws leaves the mutex abandoned, and is
   * thrown by the call. If its process is killed meanwhile, the mutex is abandoned by that one.
   */
  readonly repair?: (by: Abandonment) => void;
  /** `"take"`: an abandoned mutex is taken as any other; {@link MutexLock.abandoned} says that it was. */
  readonly onAbandoned?: "take";
}

/** Options of {@link Mutex.lockAsync}. */
export interface LockAsyncOptions extends Omit<LockOptions, "repair">, AbortOptions {
  /** As that of {@link LockOptions}; a promise is waited for. */
  readonly repair?: (by: Abandonment) => void | Promise<void>;
}

type Repairs = Pick<LockAsyncOptions, "repair" | "onAbandoned">;

/** One turn of a mutex. */
export class MutexLock {
  /** {@link MutexLock.unlock}, for `using`. */
  declare readonly [Symbol.dispose]: () => void;
  /** Undefined when the turn is over. */
  #word: OwnerWord | undefined;
  readonly #abandoned: boolean;

  static {
    disposes(this, "unlock");
  }

  constructor(word: OwnerWord, wasAbandoned: boolean) {
    this.#word = word;
    this.#abandoned = wasAbandoned;
  }

  /** Whether the owner before died with it. */
  get abandoned(): boolean {
    return this.#abandoned;
  }

  /**
   * Lets go. One who sleeps is woken, or the next flow of this thread has it at once. A second call does nothing: the lock may be
   * another one's by then. @throws ShmError ERR_SHM_CLOSED after close, when it lets go all the same if the thread has other handles; ERR_SHM_FORMAT when the word says that somebody else has it
   */
  unlock(): void {
    const word = this.#word;
    if (word === undefined) return;
    this.#word = undefined;
    word.release();
  }
}

const WORD = MUTEX.at.word;
const BY = MUTEX.at.abandonedBy;
const AT = MUTEX.at.abandonedAt;

function abandonment({ u32, u64 }: RawMemory, offset: number): Abandonment {
  return { pid: Atomics.load(u32, (offset + BY) / 4), at: Number(Atomics.load(u64, (offset + AT) / 8)) };
}

/**
 * An exclusive lock of all threads of all processes. It is had by threads: one thread can have it once, and flows of one thread wait for
 * each other in {@link Mutex.lockAsync}. What is stored under it is seen by whoever has it next.
 *
 * SIGKILL of its owner at any instruction frees it: the next one to come finds out by asking the kernel, who sleeps after 100 ms at most.
 * What it guards may be half changed then, so the next one gets ERR_SHM_ABANDONED, unless it says what to do about it. Closing a
 * region with a lock abandons it as well, when it is the thread's last handle.
 */
export class Mutex extends Container {
  #word: OwnerWord;
  #view: MemoryView;
  readonly #raw: RawMemory;
  readonly #offset: number;
  readonly #field: string;

  static {
    spoilable<Mutex, never>(this, (own, closed) => {
      own.#word = closed;
      own.#view = closed;
    });
  }

  /** Leaves the lock of a dead participant abandoned, with who it was, and wakes all who wait for it. */
  static recover(memory: RawMemory, offset: number, _shape: ContainerShape, { number, pid, at }: Death): void {
    const word = (offset + WORD) / 4;
    if (ownerOf(memory.u32, word) !== number) return; // Step recover.look
    // Step recover.who: before the word says that there is somebody to ask for.
    Atomics.store(memory.u32, (offset + BY) / 4, pid);
    Atomics.store(memory.u64, (offset + AT) / 8, BigInt(at));
    recoverOwner(memory, word, number, OWNER.abandoned);
  }

  /** What a participant has of it, for people. */
  static holdings(memory: RawMemory, offset: number, _shape: ContainerShape, number: number): string | undefined {
    return ownerOf(memory.u32, (offset + WORD) / 4) === number ? "holds the lock" : undefined;
  }

  constructor(view: MemoryView, offset: number, shape: ContainerShape, field: string) {
    super(view, offset, shape, field);
    const name = nameOf(view, offset, field);
    this.#word = new OwnerWord(view, (offset + WORD) / 4, name);
    this.#view = view;
    this.#raw = rawMemory(view);
    this.#offset = offset;
    this.#field = name;
  }

  /** Number of the participant that has it, alive or dead; 0: nobody. One load, sequentially consistent. */
  get owner(): number {
    const { owner } = this.#word;
    return owner === OWNER.abandoned ? 0 : owner;
  }

  /** Whether somebody has it. */
  get isLocked(): boolean {
    return this.owner !== 0;
  }

  /** Whether nobody has it and its last owner died with it. */
  get abandoned(): boolean {
    return this.#word.owner === OWNER.abandoned;
  }

  /**
   * Takes the lock, and blocks this thread until it can. @throws ShmError ERR_SHM_BUSY at the timeout, with who has it, and at once when
   * this thread has it already; ERR_SHM_ABANDONED when its owner died with it and no option says what to do; ERR_SHM_FORMAT for damaged words;
   * ERR_SHM_READ_ONLY, ERR_SHM_UNSUPPORTED for memory without participants, ERR_SHM_CLOSED
   */
  lock(options?: LockOptions): MutexLock {
    const before =
      options === undefined
        ? this.#word.take(undefined, true)
        : this.#word.take(checked(options, "lock"), leaves(options));
    return before === OWNER.free ? new MutexLock(this.#word, false) : this.#repaired(options);
  }

  /** The lock, if nobody has it, or who has it is found dead; else undefined. Never sleeps. @throws ShmError as {@link Mutex.lock}, but for ERR_SHM_BUSY */
  tryLock(options?: Omit<LockOptions, "timeoutMs">): MutexLock | undefined {
    const before =
      options === undefined
        ? this.#word.tryTake(true)
        : (checked(options, "lock"), this.#word.tryTake(leaves(options)));
    if (before === OWNER.free) return new MutexLock(this.#word, false);
    return before === OWNER.abandoned ? this.#repaired(options) : undefined;
  }

  /**
   * As {@link Mutex.lock}, without blocking. Flows of this thread have it one after the other, in the order of their calls; after some
   * turns in a row other threads have theirs. Rejects with the reason of `signal` when that is aborted.
   */
  async lockAsync(options: LockAsyncOptions = {}): Promise<MutexLock> {
    const word = this.#word;
    const timeoutMs = checked(options, "lockAsync");
    const before = await word.takeAsync({ timeoutMs, signal: options.signal, leavesAbandoned: leaves(options) });
    if (before === OWNER.free) return new MutexLock(word, false);
    const { by, repair } = this.#takenFromTheDead(options);
    try {
      await repair?.(by);
    } catch (error) {
      word.abandon();
      throw error;
    }
    return new MutexLock(word, true);
  }

  /** For printing. */
  toJSON(): { owner: number; abandoned: boolean } {
    const { owner } = this.#word;
    const isAbandoned = owner === OWNER.abandoned;
    return { owner: isAbandoned ? 0 : owner, abandoned: isAbandoned };
  }

  #repaired(options: LockOptions | undefined): MutexLock {
    const { by, repair } = this.#takenFromTheDead(options ?? {});
    try {
      const result: unknown = repair?.(by);
      // It would go on after we have let go.
      if (typeof (result as PromiseLike<unknown> | undefined)?.then === "function") throw repairsLater(this.#field);
    } catch (error) {
      this.#word.abandon();
      throw error;
    }
    return new MutexLock(this.#word, true);
  }

  /** @throws ShmError ERR_SHM_ABANDONED where no option let us take it */
  #takenFromTheDead(options: Repairs): Repairs & { readonly by: Abandonment } {
    const by = abandonment(this.#raw, this.#offset);
    if (leaves(options)) throw abandoned(this.#view.label, this.#field, by.pid, by.at);
    return { ...options, by };
  }
}

/** Whether an abandoned mutex is left as it is. */
function leaves({ repair, onAbandoned }: Repairs): boolean {
  return repair === undefined && onAbandoned === undefined;
}

/** The timeout of options that are what they should be. */
function checked(options: LockAsyncOptions | LockOptions, taker: "lock" | "lockAsync"): number | undefined {
  checkOptions(options, taker);
  return options.timeoutMs;
}

/** A mutex of memory that is only read. */
export type MutexReader = Pick<Mutex, "owner" | "isLocked" | "abandoned" | "toJSON">;
