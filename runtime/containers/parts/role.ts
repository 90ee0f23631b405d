/**
 * A role that one thread of all processes has at a time, by a word with its owner: the producer of a ring, the writer of a broadcast. Nobody
 * waits for it. That of a dead one is recovered and taken over.
 */
import { OWNER } from "../../../schema/containers/owner.js";
import { type MemoryView, type ParticipantsPort, rawMemory } from "../../access/memory-view.js";
import { closed } from "../../access/refusals.js";
import type { ShmErrorFacts } from "../../errors.js";
import { monotonicMs } from "../../monotonic.js";
import { noOwner, roleClosed, roleIsOurs, roleTaken } from "./refusals.js";
import { RECOVERIES, SLICE_MS } from "./sleeping.js";
import { TakingPart } from "./taking-part.js";

/** The roles that this thread has, by the index of their words. */
const roles = new WeakMap<ParticipantsPort, Map<number, Role>>();

function heldBy(participants: ParticipantsPort): Map<number, Role> {
  let held = roles.get(participants);
  if (held === undefined) roles.set(participants, (held = new Map()));
  return held;
}

/** Where a role is. */
export interface RolePlace {
  readonly view: MemoryView;
  /** Of its word in `rawMemory(view).u32`. */
  readonly index: number;
  /** Of its container, for messages. */
  readonly field: string;
  /** What messages call it: "producer". */
  readonly name: string;
}

export class Role {
  readonly #place: RolePlace;
  readonly #words: Uint32Array;
  readonly #part: TakingPart;
  readonly #me: number;
  #closed = false;

  /**
   * Takes it. @throws ShmError ERR_SHM_BUSY when a living participant has it, with who that is, or this thread; ERR_SHM_READ_ONLY,
   * ERR_SHM_UNSUPPORTED, ERR_SHM_CLOSED; ERR_SHM_FORMAT when the word names nobody
   */
  constructor(place: RolePlace) {
    this.#place = place;
    this.#words = rawMemory(place.view).u32;
    this.#part = new TakingPart(place.view, place.field);
    this.#me = this.#take();
  }

  /** This thread's number. */
  get me(): number {
    return this.#me;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get participants(): ParticipantsPort {
    return this.#part.port;
  }

  /** What messages say of it. */
  get facts(): ShmErrorFacts {
    return { path: this.#place.view.label, field: this.#place.field };
  }

  /** Gives it back: whether it was ours until now, in memory that is open. */
  close(): boolean {
    const { view, index } = this.#place;
    if (this.#closed) return false;
    this.#closed = true;
    // The close of its thread's last handle gives the role back, and another one of its handles can take it.
    if (view.closed) return false;
    Atomics.compareExchange(this.#words, index, this.#me, 0); // Step role.free
    return true;
  }

  /** @throws ShmError ERR_SHM_CLOSED */
  checkOpen(): void {
    const { view, field, name } = this.#place;
    if (view.closed) throw closed(view.label, field);
    if (this.#closed) throw roleClosed(this.facts, name);
  }

  #take(): number {
    const words = this.#words;
    const { index, name } = this.#place;
    const me = this.#part.claim();
    const participants = this.#part.port;
    const deadline = monotonicMs() + SLICE_MS;
    for (let recoveries = 0; recoveries <= RECOVERIES; recoveries += 1) {
      const word = Atomics.compareExchange(words, index, 0, me); // Step role.take
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
        throw roleTaken(facts, name, participants.describe(owner));
      }
    }
    throw noOwner({ ...this.facts, found: Atomics.load(words, index) });
  }

  /** Whether this thread's role was that of a handle of the region that has been closed. @throws ShmError ERR_SHM_BUSY otherwise */
  #inherits(participants: ParticipantsPort, index: number): boolean {
    const held = heldBy(participants);
    const before = held.get(index);
    if (before === undefined || !before.#place.view.closed) throw roleIsOurs(this.facts, this.#place.name);
    held.set(index, this);
    return true;
  }
}

/** Of an error about somebody whose process is known. */
export function pidFact(pid: number | undefined): ShmErrorFacts {
  return pid === undefined ? {} : { pid };
}
