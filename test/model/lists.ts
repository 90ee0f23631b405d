/**
 * What the models of slot pools, queues of work and counters have in common: a lock, a list of free slots that can be made anew of their states, and deaths
 * that leave it incomplete. The names of the steps are those of runtime/containers/parts/free-list.ts. The lock has a
 * model of its own (owner-word.ts); here it is taken in a step when nobody has it, or a dead one, which is recovered then.
 */
import { type Steps, type World, emptyWorld, recovering, step } from "./sleepers.js";

/** Seeded mistakes of all of them. */
export const LISTS = {
  locksNothing: false,
  saysNothingOfLosses: false,
  saysLossesFirst: false,
  readsLossesAfterwards: false,
  forgetsTheFreshOnes: false,
  recoversNoSlot: false,
  recoversNoLock: false,
};
export type ListRules = Readonly<typeof LISTS>;

export const NOBODY = 99;

export interface ListWorld extends World {
  lock: number;
  losses: number;
  repaired: number;
  fresh: number;
  /** 1 + the first; 0: none. */
  free: number;
  readonly states: number[];
  readonly nexts: number[];
}

/** Each of the `dead` has a slot, and has died before all begins. */
export const listWorld = (slots: number, dead: readonly number[] = []): ListWorld => ({
  ...emptyWorld(),
  dead: new Set(dead),
  lock: 0,
  losses: 0,
  repaired: 0,
  fresh: dead.length,
  free: 0,
  states: Array.from({ length: slots }, (_, index) => dead[index] ?? 0),
  nexts: Array.from({ length: slots }, () => 0),
});

/** Whether everything is to be as it should be: nobody is at it, and no death is to be made good. */
export function isQuiet({ lock, losses, repaired, recoverer, dead, recovered }: ListWorld): boolean {
  return lock === 0 && losses === repaired && recoverer === 0 && [...dead].every((who) => recovered.has(who));
}

/** Slots of a list, or what is wrong with it. */
export function listed({ nexts }: ListWorld, first: number): number[] | string {
  const found: number[] = [];
  for (let one = first; one !== 0; one = nexts[one - 1] ?? 0) {
    if (found.includes(one - 1)) return "a list has a slot twice";
    found.push(one - 1);
  }
  return found;
}

/** What is wrong with the list of free slots, as nobody is at it. */
export function wrongWithFree(world: ListWorld): string | undefined {
  const list = listed(world, world.free);
  if (typeof list === "string") return list;
  const never = world.states.map((_, index) => index).filter((index) => index >= world.fresh);
  if (list.some((index) => never.includes(index))) return "a slot is free twice";
  const free = world.states.map((_, index) => index).filter((index) => world.states[index] === 0);
  const known = [...list, ...never].sort();
  return known.join() === free.join() ? undefined : `free are ${free.join()}, and listed ${known.join()}`;
}

/** A party's part in all that. */
export abstract class ListParty<W extends ListWorld> {
  readonly world: W;
  readonly me: number;
  readonly rules: ListRules;

  constructor(world: W, me: number, rules: ListRules) {
    this.world = world;
    this.me = me;
    this.rules = rules;
  }

  /** The state that a slot of the dead gets, when it gets it. */
  protected abstract leftOf(index: number): number;
  /** What is made anew besides the list of free ones. */
  protected abstract rebuildOthers(...locals: unknown[]): Steps;

  protected *lock(...locals: unknown[]): Steps {
    const { world, me, rules } = this;
    while (!rules.locksNothing) {
      yield { ...step("lock", ...locals), can: () => world.lock === 0 || world.dead.has(world.lock) };
      if (world.lock === 0) {
        world.lock = me;
        return;
      }
      yield* this.recoversDead(world.lock, "lock", ...locals);
    }
  }

  protected *unlock(...locals: unknown[]): Steps {
    yield step("unlock", ...locals);
    if (this.world.lock === this.me) this.world.lock = 0;
  }

  protected *askOwners(...locals: unknown[]): Steps {
    const { world } = this;
    for (let index = 0; index < world.states.length; index += 1) {
      yield step("owners.isAlive", index, ...locals);
      yield* this.recoversDead(world.states[index] ?? 0, index, ...locals);
    }
  }

  /** Who was found to be dead. */
  protected *recoversDead(owner: number, ...locals: unknown[]): Steps {
    const { world, me } = this;
    if (world.dead.has(owner)) yield* recovering(world, me, owner, () => this.#recover(owner, ...locals), ...locals);
  }

  protected *mend(...locals: unknown[]): Steps {
    const { world, rules } = this;
    yield step("mend.losses", ...locals);
    const { losses } = world;
    if (losses === world.repaired) return;
    yield* this.#rebuild(losses, ...locals);
    yield step("mend.done", losses, ...locals);
    world.repaired = rules.readsLossesAfterwards ? world.losses : losses;
  }

  *#rebuild(...locals: unknown[]): Steps {
    const { world, rules } = this;
    let first = 0;
    for (let index = world.states.length - 1; index >= 0; index -= 1) {
      yield step("rebuild.look", index, first, ...locals);
      if (world.states[index] !== 0) continue;
      yield step("rebuild.link", index, first, ...locals);
      world.nexts[index] = first;
      first = index + 1;
    }
    yield step("rebuild.fresh", first, ...locals);
    if (!rules.forgetsTheFreshOnes) world.fresh = world.states.length;
    yield step("rebuild.list", first, ...locals);
    world.free = first;
    yield* this.rebuildOthers(...locals);
  }

  /** A slot, or -1. */
  protected *takeFree(...locals: unknown[]): Steps<number> {
    const { world } = this;
    yield step("list.first", ...locals);
    const first = world.free - 1;
    const index = first >= 0 ? first : world.fresh;
    if (index >= world.states.length) return -1;
    if (world.states[index] !== 0) world.wrong = "a slot that is not free is listed";
    if (first >= 0) {
      const next = world.nexts[index] ?? 0;
      yield step("list.unlink", index, next, ...locals);
      world.free = next;
    } else {
      yield step("list.fresh", index, ...locals);
      world.fresh = index + 1;
    }
    return index;
  }

  protected *give(index: number, ...locals: unknown[]): Steps {
    const { world } = this;
    const { free } = world;
    yield step("list.link", index, free, ...locals);
    world.nexts[index] = free;
    yield step("list.give", index, ...locals);
    world.free = index + 1;
  }

  *#recover(number: number, ...locals: unknown[]): Steps {
    const { world, rules } = this;
    if (rules.saysLossesFirst) yield* this.#say(number, ...locals);
    for (let index = 0; index < world.states.length && !rules.recoversNoSlot; index += 1) {
      yield step("recover.slot", number, index, ...locals);
      if (world.states[index] === number) world.states[index] = this.leftOf(index);
    }
    if (!rules.saysLossesFirst && !rules.saysNothingOfLosses) yield* this.#say(number, ...locals);
    yield step("recover.free", number, ...locals);
    if (world.lock === number && !rules.recoversNoLock) world.lock = 0;
  }

  *#say(number: number, ...locals: unknown[]): Steps {
    yield step("recover.losses", number, ...locals);
    this.world.losses += 1;
  }
}

/** What is wrong in any state: numbers that are free already. */
export function wrongWithNumbers({ states, lock, recovered }: ListWorld): string | undefined {
  if (states.some((state) => recovered.has(state))) return "a slot is lost: its owner's number is free";
  return recovered.has(lock) ? "the lock says a number that is free" : undefined;
}
