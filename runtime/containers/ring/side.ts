/**
 * One side of a ring: its role, and its waits for the other side. The steps are those of test/model/ring.ts.
 *
 *   wait   flag = 1, look again, sleep while the flag is 1; after a slice ask whether the other side lives
 *   wake   after a counter was stored: flag 1 -> 0, wake
 *
 * Sleepers sleep on the flag and not on the counter: who publishes may see a flag that was set after its element was, and clear it, and
 * whoever falls asleep then would be woken by nobody (the model's mutant `sleepsOnCounter`).
 */
import { OWNER } from "../../../schema/containers/owner.js";
import { RING } from "../../../schema/containers/ring.js";
import { checkOptions } from "../../arguments/check-options.js";
import { apart } from "../../access/apart.js";
import type { FutexPort, MemoryView, ParticipantsPort, RawMemory } from "../../access/memory-view.js";
import { closed } from "../../access/refusals.js";
import type { ShmErrorFacts } from "../../errors.js";
import { monotonicMs } from "../../monotonic.js";
import type { Counters } from "../parts/counters.js";
import {
  cannotSleep,
  damagedCounters,
  noOwner,
  roleClosed,
  roleIsOurs,
  roleTaken,
  stillEmpty,
  stillFull,
} from "../parts/refusals.js";
import type { Slots } from "../parts/slots.js";
import { EVERYBODY, RECOVERIES, rest, SLICE_MS, sleepAsync, TIMEOUT_MS, type WaitOptions } from "../parts/sleeping.js";
import { TakingPart } from "../parts/taking-part.js";

/** A ring in memory, as its sides need it. */
export interface RingPlace<T, W> {
  readonly view: MemoryView;
  readonly memory: RawMemory;
  readonly words: Uint32Array;
  /** Of the first word in `words`. */
  readonly base: number;
  readonly counters: Counters;
  readonly length: number;
  readonly slots: Slots<T, W>;
  readonly field: string;
}

export type RingRole = "producer" | "consumer";

const WORDS = {
  producer: { role: RING.at.producer / 4, other: RING.at.consumer / 4, sleeps: RING.at.producerSleeps / 4 },
  consumer: { role: RING.at.consumer / 4, other: RING.at.producer / 4, sleeps: RING.at.consumerSleeps / 4 },
} as const;

/** Turns of {@link rest} before somebody sleeps: some ten microseconds, which is what sleeping and being woken takes. */
const LOOK_TURNS = 16_384;
/** Turns of {@link rest} between two looks, at least and at most: 30 ns and 3 us. */
const SHORTEST_REST = 32;
const LONGEST_REST = 4096;
/** For so many turns, 0.4 us, there has to be one element more after a rest, for the next to be longer. */
const TURNS_FOR_ONE = 512;

/** What a participant has of a ring. */
export function rolesOf(words: Uint32Array, base: number, number: number): RingRole[] {
  const has = (role: RingRole): boolean => (Atomics.load(words, base + WORDS[role].role) & OWNER.mask) === number;
  return (["producer", "consumer"] as const).filter(has);
}

/** Frees the roles of the dead. First the other side is woken: who recovers may die as well, and the next one wakes again. */
export function recoverRoles(memory: RawMemory, base: number, number: number): void {
  const words = memory.u32;
  for (const { role, other } of [WORDS.producer, WORDS.consumer]) {
    const word = Atomics.load(words, base + role); // Step recover.look.
    if ((word & OWNER.mask) !== number) continue;
    const sleeps = base + (other === WORDS.consumer.role ? WORDS.consumer : WORDS.producer).sleeps;
    Atomics.store(words, sleeps, 0); // Step recover.clear.
    memory.futex?.notify(sleeps * 4, EVERYBODY); // Step recover.wake.
    Atomics.compareExchange(words, base + role, word, 0); // Step recover.free.
  }
}

/** The roles that this thread has, by the index of their words. */
const roles = new WeakMap<ParticipantsPort, Map<number, RingSide>>();

function heldBy(participants: ParticipantsPort): Map<number, RingSide> {
  let held = roles.get(participants);
  if (held === undefined) roles.set(participants, (held = new Map()));
  return held;
}

/** Wakes the other side, which has said that it sleeps. Seldom, in short functions. */
export const wakeOther = apart((side: RingSide) => side.wakeOther());

/** What the side of a ring is asked while it waits. */
interface RingPort {
  /** Elements that can be taken, or put, by now. Loads the other side's counter. */
  look(): number;
  /** Its own counter. */
  position(): number;
}

export class RingSide {
  readonly #place: RingPlace<unknown, never>;
  readonly #role: RingRole;
  readonly #port: RingPort;
  /** Turns, for the next rest. */
  #rest = SHORTEST_REST;
  /** The own counter at the end of the last wait. */
  #waitedAt = 0;
  readonly #part: TakingPart;
  readonly #me: number;
  #closed = false;

  /** Takes the role. @throws ShmError as {@link RingSide.take} */
  constructor(place: RingPlace<unknown, never>, role: RingRole, port: RingPort) {
    this.#place = place;
    this.#role = role;
    this.#port = port;
    this.#part = new TakingPart(place.view, place.field);
    this.#me = this.#take();
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** What messages say of it. */
  get facts(): ShmErrorFacts {
    return { path: this.#place.view.label, field: this.#place.field };
  }

  /** Gives the role back, once. */
  close(): void {
    const { words, base, view } = this.#place;
    if (this.#closed) return;
    this.#closed = true;
    // The close of its thread's last handle gives the role back, and another one of its handles can take it.
    if (view.closed) return;
    const { role, sleeps } = WORDS[this.#role];
    Atomics.compareExchange(words, base + role, this.#me, 0); // Step role.free.
    this.#wake(base + sleeps);
  }

  /** @throws ShmError ERR_SHM_CLOSED */
  checkOpen(): void {
    const { view, field } = this.#place;
    if (view.closed) throw closed(view.label, field);
    if (this.#closed) throw roleClosed(this.facts, this.#role);
  }

  /** Wakes the other side, which has said that it sleeps. */
  wakeOther(): void {
    const other = this.#role === "producer" ? WORDS.consumer : WORDS.producer;
    this.#wake(this.#place.base + other.sleeps);
  }

  #wake(index: number): void {
    Atomics.store(this.#place.words, index, 0); // Step wake.clear.
    this.#place.memory.futex?.notify(index * 4, EVERYBODY); // Step wake.notify.
  }

  /** The error about counters that cannot be. */
  damaged(tail: number, head: number): Error {
    return damagedCounters(this.facts, tail >>> 0, head >>> 0, this.#place.length);
  }

  /** Blocks until there is something to do. */
  wait(options: WaitOptions = {}): void {
    checkOptions(options);
    const { timeoutMs = TIMEOUT_MS } = options;
    const deadline = monotonicMs() + timeoutMs;
    if (this.#lookForAWhile()) return;
    const futex = this.#futex();
    const sleeps = this.#place.base + WORDS[this.#role].sleeps;
    while (!this.announce()) {
      const left = deadline - monotonicMs();
      if (left <= 0) throw this.busy(timeoutMs);
      const ended = futex.wait(sleeps * 4, 1, Math.min(left, SLICE_MS)); // Step wait.sleep.
      if (ended === "timed-out") this.#ask();
    }
  }

  /**
   * Whether there was something to do soon. Who looks all the time takes the line of the other side's counter away from it at each of its
   * stores, and both go in step, an element at a time: 42 ns for each. So it rests before it looks, and longer and longer as long as that
   * brings it many elements at once: 28 ns. Who gets one and answers, as in a round trip, rests for the shortest time.
   */
  #lookForAWhile(): boolean {
    const since = (this.#port.position() - this.#waitedAt) | 0;
    for (let turns = 0; turns < LOOK_TURNS; turns += this.#rest) {
      rest(this.#rest);
      const found = this.#port.look();
      if (found === 0) continue;
      this.#rest = this.#nextRest(since, found);
      this.#waitedAt = this.#port.position();
      return true;
    }
    return false;
  }

  /** Longer when it brought many, but not so many that the other side may have to wait before long. */
  #nextRest(since: number, found: number): number {
    const isWorthIt = since > 1 && found * TURNS_FOR_ONE > this.#rest && found <= this.#place.length / 4;
    return isWorthIt ? Math.min(2 * this.#rest, LONGEST_REST) : Math.max(this.#rest / 2, SHORTEST_REST);
  }

  /** Before a sleep: true when there is something to do, so that nobody has to sleep. */
  announce(): boolean {
    const { words, base } = this.#place;
    const sleeps = base + WORDS[this.#role].sleeps;
    this.checkOpen();
    Atomics.store(words, sleeps, 1); // Step wait.flag.
    if (this.#port.look() === 0) return false; // Step wait.recheck.
    Atomics.store(words, sleeps, 0); // Step wait.unflag.
    return true;
  }

  /** After {@link announce}: one sleep of at most a slice, which does not block. */
  async sleepAsync(mostMs: number, signal?: AbortSignal): Promise<void> {
    const byteOffset = (this.#place.base + WORDS[this.#role].sleeps) * 4;
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
    const { words, base } = this.#place;
    const participants = this.#part.port;
    const owner = Atomics.load(words, base + WORDS[this.#role].other) & OWNER.mask; // Step wait.ask.
    // Step recover.lock. Step recover.unlock.
    if (owner !== OWNER.free && owner !== this.#me && !participants.isAlive(owner)) participants.recover(owner);
  }

  /** Resolves when there is something to do. `timeoutMs` may be Infinity. */
  async waitAsync(timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
    const deadline = monotonicMs() + timeoutMs;
    signal?.throwIfAborted();
    while (!this.announce()) {
      const left = deadline - monotonicMs();
      if (left <= 0) throw this.busy(timeoutMs);
      await this.sleepAsync(left, signal);
    }
  }

  /** The error of who waited in vain: names the other side. */
  busy(timeoutMs: number): Error {
    const { words, base, memory } = this.#place;
    const owner = Atomics.load(words, base + WORDS[this.#role].other) & OWNER.mask;
    const { participants } = memory;
    const other = owner === OWNER.free ? "nobody" : (participants?.describe(owner) ?? `participant ${owner}`);
    const facts = { ...this.facts, ...pidFact(participants?.pidOf(owner)) };
    return (this.#role === "producer" ? stillFull : stillEmpty)(facts, other, timeoutMs);
  }

  /**
   * @throws ShmError ERR_SHM_BUSY when a living participant has the role, with who that is, or this thread; ERR_SHM_READ_ONLY,
   * ERR_SHM_UNSUPPORTED, ERR_SHM_CLOSED; ERR_SHM_FORMAT when the word names nobody
   */
  #take(): number {
    const { words, base } = this.#place;
    const me = this.#part.claim();
    const participants = this.#part.port;
    const index = base + WORDS[this.#role].role;
    const deadline = monotonicMs() + SLICE_MS;
    for (let recoveries = 0; recoveries <= RECOVERIES; recoveries += 1) {
      const word = Atomics.compareExchange(words, index, 0, me); // Step role.take.
      if (word === 0) {
        heldBy(participants).set(index, this);
        return me;
      }
      const owner = word & OWNER.mask;
      if (owner === me && this.#inherits(participants, index)) return me;
      // A number that is being recovered looks alive, as its lock is taken: so those who seem to live are asked for behind the recoverer.
      while (!participants.recover(owner)) {
        const isAlive = participants.isAlive(owner);
        const isRecovering = participants.isRecovering();
        if (Atomics.load(words, index) !== word) break;
        if (isRecovering && monotonicMs() < deadline) continue;
        if (!isAlive && !isRecovering) break;
        const facts = { ...this.facts, ...pidFact(participants.pidOf(owner)) };
        throw roleTaken(facts, this.#role, participants.describe(owner));
      }
    }
    throw noOwner({ ...this.facts, found: Atomics.load(words, index) });
  }

  /** Whether this thread's role was that of a handle of the region that has been closed. @throws ShmError ERR_SHM_BUSY otherwise */
  #inherits(participants: ParticipantsPort, index: number): boolean {
    const held = heldBy(participants);
    const before = held.get(index);
    if (before === undefined || !before.#place.view.closed) throw roleIsOurs(this.facts, this.#role);
    held.set(index, this);
    return true;
  }

  #futex(): FutexPort {
    const { view, memory, field } = this.#place;
    if (memory.futex === undefined) throw cannotSleep(view.label, field);
    return memory.futex;
  }
}

function pidFact(pid: number | undefined): ShmErrorFacts {
  return pid === undefined ? {} : { pid };
}
