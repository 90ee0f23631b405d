/**
 * Waits of one side of a container for the other one, which a flag announces. The steps are those of test/model/ring.ts.
 *
 *   wait   flag = 1, look again, sleep while the flag is 1; after a slice ask whether the other side lives
 *   wake   after a counter was stored: flag 1 -> 0, wake
 *
 * Sleepers sleep on the flag and not on the counter: who publishes may see a flag that was set after its element was, and clear it, and
 * whoever falls asleep then would be woken by nobody (the model's mutant `sleepsOnCounter`).
 */
import { OWNER } from "../../../schema/containers/owner.js";
import { apart } from "../../access/apart.js";
import type { FutexPort } from "../../access/memory-view.js";
import { checkOptions } from "../../arguments/check-options.js";
import type { ShmErrorFacts } from "../../errors.js";
import { monotonicMs } from "../../monotonic.js";
import { cannotSleep, stillEmpty, stillFull } from "./refusals.js";
import { type Looked, Looking } from "./looking.js";
import { pidFact } from "./role.js";
import type { SidePlace, SideWords } from "./sides.js";
import { EVERYBODY, SLICE_MS, sleepAsync, TIMEOUT_MS, type WaitOptions } from "./sleeping.js";
import { TakingPart } from "./taking-part.js";

/** What a side is asked while it waits. All in elements, or in pieces of bytes that take as long as one. */
export interface WaitPort extends Looked {
  /** What there can be at most. */
  readonly length: number;
}

/** Wakes the other side, which has said that it sleeps. Seldom, in short functions. */
export const wakeOther = apart((side: FlagWaits) => side.wakeOther());

/** Wakes all who sleep on a flag. */
export function wakeFlag({ words, memory }: Pick<SidePlace, "words" | "memory">, index: number): void {
  Atomics.store(words, index, 0); // Step wake.clear.
  memory.futex?.notify(index * 4, EVERYBODY); // Step wake.notify.
}

export abstract class FlagWaits {
  readonly #place: SidePlace;
  readonly #words: SideWords;
  readonly #port: WaitPort;
  readonly #part: TakingPart;
  /** Of this side's flag. */
  readonly #sleeps: number;
  readonly #looking: Looking;

  constructor(place: SidePlace, words: SideWords, port: WaitPort) {
    this.#place = place;
    this.#words = words;
    this.#port = port;
    this.#looking = new Looking(port, port.length);
    this.#part = new TakingPart(place.view, place.field);
    this.#sleeps = place.base + words.sleeps;
  }

  /** @throws ShmError ERR_SHM_CLOSED */
  abstract checkOpen(): void;

  /** What messages say of it. */
  get facts(): ShmErrorFacts {
    return { path: this.#place.view.label, field: this.#place.field };
  }

  protected get part(): TakingPart {
    return this.#part;
  }

  /** Whether several threads are this side, and sleep on its flag. */
  protected get isShared(): boolean {
    return false;
  }

  /** Wakes the other side, which has said that it sleeps. */
  wakeOther(): void {
    wakeFlag(this.#place, this.#place.base + this.#words.othersSleep);
  }

  /** Blocks until there is something to do. */
  wait(options: WaitOptions = {}, look?: () => number): void {
    checkOptions(options, "wait");
    const { timeoutMs = TIMEOUT_MS } = options;
    const deadline = monotonicMs() + timeoutMs;
    if (this.#looking.forAWhile(look)) return;
    const futex = this.#futex();
    while (!this.announce(look)) {
      const left = deadline - monotonicMs();
      if (left <= 0) throw this.busy(timeoutMs);
      const ended = futex.wait(this.#sleeps * 4, 1, Math.min(left, SLICE_MS)); // Step wait.sleep.
      if (ended === "timed-out") this.#ask();
    }
  }

  /** Before a sleep: true when there is something to do, so that nobody has to sleep. */
  announce(look: () => number = this.#port.look): boolean {
    const { words } = this.#place;
    this.checkOpen();
    Atomics.store(words, this.#sleeps, 1); // Step wait.flag.
    if (look() === 0) return false; // Step wait.recheck.
    // Others may sleep on a flag that is theirs as well.
    if (!this.isShared) Atomics.store(words, this.#sleeps, 0); // Step wait.unflag.
    return true;
  }

  /** After {@link announce}: one sleep of at most a slice, which does not block. */
  async sleepAsync(mostMs: number, signal?: AbortSignal): Promise<void> {
    const byteOffset = this.#sleeps * 4;
    const timeoutMs = Math.min(mostMs, SLICE_MS);
    const ended = await sleepAsync({ futex: this.#futex(), byteOffset, expected: 1, timeoutMs, signal }); // Step wait.asleep.
    if (ended === "timed-out") this.#ask();
  }

  /**
   * Recovers the other side if it has died. Not before the first sleep, which could only find that nobody will wake us: what it published
   * was seen after the flag was set.
   */
  #ask(): void {
    this.checkOpen();
    const owner = this.#other; // Step wait.ask.
    const { port } = this.#part;
    // Step recover.lock. Step recover.unlock.
    if (owner !== OWNER.free && owner !== port.self() && !port.isAlive(owner)) port.recover(owner);
  }

  get #other(): number {
    const { words, base } = this.#place;
    return Atomics.load(words, base + this.#words.other) & OWNER.mask;
  }

  /** Resolves when there is something to do. `timeoutMs` may be Infinity. */
  async waitAsync(timeoutMs: number, signal: AbortSignal | undefined, look?: () => number): Promise<void> {
    const deadline = monotonicMs() + timeoutMs;
    signal?.throwIfAborted();
    while (!this.announce(look)) {
      const left = deadline - monotonicMs();
      if (left <= 0) throw this.busy(timeoutMs);
      await this.sleepAsync(left, signal);
    }
  }

  /** The error of who waited in vain: names the other side. */
  busy(timeoutMs: number): Error {
    const { participants } = this.#place.memory;
    const owner = this.#other;
    const other = owner === OWNER.free ? "nobody" : (participants?.describe(owner) ?? `participant ${owner}`);
    const facts = { ...this.facts, ...pidFact(participants?.pidOf(owner)) };
    return (this.#words.name === "producer" ? stillFull : stillEmpty)(facts, other, timeoutMs);
  }

  #futex(): FutexPort {
    const { view, memory, field } = this.#place;
    if (memory.futex === undefined) throw cannotSleep(view.label, field);
    return memory.futex;
  }
}
