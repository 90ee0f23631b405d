/**
 * One side of a container that has two, as a ring has: the role that one thread of all has at a time, and its waits for the other side.
 * The steps are those of test/model/ring.ts.
 */
import { OWNER } from "../../../schema/containers/owner.js";
import type { ParticipantsPort, RawMemory } from "../../access/memory-view.js";
import { closed } from "../../access/refusals.js";
import { monotonicMs } from "../../monotonic.js";
import { FlagWaits, pidFact, type WaitPort, wakeFlag } from "./flag-waits.js";
import { noOwner, roleClosed, roleIsOurs, roleTaken } from "./refusals.js";
import type { RoleName, SidePlace, Sides, SideWords } from "./sides.js";
import { EVERYBODY, RECOVERIES, SLICE_MS } from "./sleeping.js";

/** What a participant has of a container, for people. */
export function rolesOf(words: Uint32Array, base: number, sides: Sides, number: number): RoleName[] {
  const has = (role: RoleName): boolean => (Atomics.load(words, base + sides[role].role) & OWNER.mask) === number;
  return (["producer", "consumer"] as const).filter(has);
}

/** Who has a role, for people: `"process 4711 (node a.js), dead"`; null for nobody. */
export function roleText({ u32, participants }: RawMemory, index: number): string | null {
  const owner = Atomics.load(u32, index) & OWNER.mask;
  if (owner === OWNER.free) return null;
  if (participants === undefined) return `participant ${owner}`;
  return `${participants.describe(owner)}${participants.isAlive(owner) ? "" : ", dead"}`;
}

/** Frees the roles of the dead. */
export function recoverRoles(memory: RawMemory, base: number, sides: Sides, number: number): void {
  recoverRole(memory, base, sides.producer, number);
  recoverRole(memory, base, sides.consumer, number);
}

/** Frees the role of the dead. First the other side is woken: who recovers may die as well, and the next one wakes again. */
export function recoverRole(memory: RawMemory, base: number, { role, othersSleep }: SideWords, number: number): void {
  const words = memory.u32;
  const word = Atomics.load(words, base + role); // Step recover.look.
  if ((word & OWNER.mask) !== number) return;
  Atomics.store(words, base + othersSleep, 0); // Step recover.clear.
  memory.futex?.notify((base + othersSleep) * 4, EVERYBODY); // Step recover.wake.
  Atomics.compareExchange(words, base + role, word, 0); // Step recover.free.
}

/** The roles that this thread has, by the index of their words. */
const roles = new WeakMap<ParticipantsPort, Map<number, Side>>();

function heldBy(participants: ParticipantsPort): Map<number, Side> {
  let held = roles.get(participants);
  if (held === undefined) roles.set(participants, (held = new Map()));
  return held;
}

export class Side extends FlagWaits {
  readonly #place: SidePlace;
  readonly #words: SideWords;
  readonly #me: number;
  #closed = false;

  /** Takes the role. @throws ShmError as {@link Side.take} */
  constructor(place: SidePlace, words: SideWords, port: WaitPort) {
    super(place, words, port);
    this.#place = place;
    this.#words = words;
    this.#me = this.#take();
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Gives the role back, once. */
  close(): void {
    const { words, base, view } = this.#place;
    if (this.#closed) return;
    this.#closed = true;
    // The close of its thread's last handle gives the role back, and another one of its handles can take it.
    if (view.closed) return;
    const { role, sleeps } = this.#words;
    Atomics.compareExchange(words, base + role, this.#me, 0); // Step role.free.
    wakeFlag(this.#place, base + sleeps);
  }

  override checkOpen(): void {
    const { view, field } = this.#place;
    if (view.closed) throw closed(view.label, field);
    if (this.#closed) throw roleClosed(this.facts, this.#words.name);
  }

  /**
   * @throws ShmError ERR_SHM_BUSY when a living participant has the role, with who that is, or this thread; ERR_SHM_READ_ONLY,
   * ERR_SHM_UNSUPPORTED, ERR_SHM_CLOSED; ERR_SHM_FORMAT when the word names nobody
   */
  #take(): number {
    const { words, base } = this.#place;
    const me = this.part.claim();
    const participants = this.part.port;
    const index = base + this.#words.role;
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
        throw roleTaken(facts, this.#words.name, participants.describe(owner));
      }
    }
    throw noOwner({ ...this.facts, found: Atomics.load(words, index) });
  }

  /** Whether this thread's role was that of a handle of the region that has been closed. @throws ShmError ERR_SHM_BUSY otherwise */
  #inherits(participants: ParticipantsPort, index: number): boolean {
    const held = heldBy(participants);
    const before = held.get(index);
    if (before === undefined || !before.#place.view.closed) throw roleIsOurs(this.facts, this.#words.name);
    held.set(index, this);
    return true;
  }
}
