/**
 * One side of a container that has two, as a ring has: the role that one thread of all has at a time, and its waits for the other side.
 * The steps are those of test/model/ring.ts.
 */
import { OWNER } from "../../../schema/containers/owner.js";
import type { RawMemory } from "../../access/memory-view.js";
import { FlagWaits, type WaitPort, wakeFlag } from "./flag-waits.js";
import { Role } from "./role.js";
import type { RoleName, SidePlace, Sides, SideWords } from "./sides.js";
import { EVERYBODY } from "./sleeping.js";

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

export class Side extends FlagWaits {
  readonly #place: SidePlace;
  readonly #words: SideWords;
  readonly #role: Role;

  /** Takes the role. @throws ShmError as that of {@link Role} */
  constructor(place: SidePlace, words: SideWords, port: WaitPort) {
    super(place, words, port);
    this.#place = place;
    this.#words = words;
    const { view, base, field } = place;
    this.#role = new Role({ view, index: base + words.role, field, name: words.name });
  }

  get closed(): boolean {
    return this.#role.closed;
  }

  /** Gives the role back, once, and wakes who sleeps as it does. */
  close(): void {
    if (this.#role.close()) wakeFlag(this.#place, this.#place.base + this.#words.sleeps);
  }

  override checkOpen(): void {
    this.#role.checkOpen();
  }
}
