/** Pools of slots, schema/containers/slot-pool.ts. The names of the steps are those of runtime/containers/slot-pool/ and of lists.ts. */
import {
  isQuiet,
  ListParty,
  LISTS,
  type ListWorld,
  listWorld,
  NOBODY,
  wrongWithFree,
  wrongWithNumbers,
} from "./lists.js";
import { type Model, type Steps, step } from "./sleepers.js";

/** Seeded mistakes; all false is the pool. */
export const SLOT_POOL = {
  ...LISTS,
  freesWhateverItIs: false,
  lendsWhateverItIs: false,
  takesOldHandles: false,
};
export type SlotPoolRules = Readonly<typeof SLOT_POOL>;

/**
 * "use": alloc, free. "send": alloc, show the handle, lend. "keep": alloc, show the handle, free all the same. "receive": take what the
 * handle says, free.
 */
export type Party = "use" | "send" | "keep" | "receive";

interface PoolWorld extends ListWorld {
  readonly generations: number[];
  /** Handles that were shown, of which each party may have any. */
  shown: string;
  /** Who knows of each slot that it is its own. */
  readonly had: number[][];
}

export function slotPoolModel(
  programs: readonly (readonly Party[])[],
  rules: SlotPoolRules,
  { slots, deaths, dead = [] }: { readonly slots: number; readonly deaths: number; readonly dead?: readonly number[] },
): Model<PoolWorld> {
  return {
    parties: programs.length,
    deaths: deaths + dead.length,
    world: () => ({
      ...listWorld(slots, dead),
      generations: Array.from({ length: slots }, () => 0),
      shown: "",
      had: Array.from({ length: slots }, () => []),
    }),
    run: (world, me) => new PoolParty(world, me, rules).run(programs[me - 1] ?? []),
    dies: (world, who) => forget(world, who),
    wrongWith(world) {
      if (world.had.some((have) => have.length > 1)) return "two have the same slot";
      return wrongWithNumbers(world) ?? (isQuiet(world) ? wrongWithFree(world) : undefined);
    },
    wrongAtEnd: ({ states, dead }) =>
      states.every((state) => state === 0 || state === NOBODY || dead.has(state)) ? undefined : "a slot was not freed",
  };
}

function forget(world: PoolWorld, who: number, index?: number): void {
  for (const [at, have] of world.had.entries()) {
    if (index === undefined || index === at) have.splice(0, have.length, ...have.filter((one) => one !== who));
  }
}

class PoolParty extends ListParty<PoolWorld> {
  declare readonly rules: SlotPoolRules;

  *run(program: readonly Party[]): Steps {
    for (const [at, kind] of program.entries()) {
      if (kind === "receive") yield* this.#receive(at);
      else yield* this.#use(kind, at);
    }
  }

  *#use(kind: Party, at: number): Steps {
    const { world, me } = this;
    const slot = yield* this.#alloc(at);
    if (slot === undefined) return;
    const [index, generation] = slot;
    if (kind === "use") {
      yield step("work", at, index, generation);
      return yield* this.#free(index, generation, at);
    }
    yield step("work", at, "show", index, generation);
    world.shown = `${index} ${generation}`;
    forget(world, me, index);
    if (kind === "keep") return yield* this.#free(index, generation, at);
    yield step("lend.publish", at, index);
    if (world.states[index] === me || this.rules.lendsWhateverItIs) world.states[index] = NOBODY;
  }

  *#alloc(at: number): Steps<readonly [index: number, generation: number] | undefined> {
    for (const again of ["first", "again"]) {
      yield* this.lock(at, again);
      yield* this.mend(at, again);
      const index = yield* this.takeFree(at, again);
      if (index >= 0) return yield* this.#given(index, at, again);
      yield* this.unlock(at, again);
      if (again === "first") yield* this.askOwners(at);
    }
    return undefined;
  }

  *#given(index: number, ...locals: unknown[]): Steps<readonly [index: number, generation: number]> {
    const { world, me } = this;
    yield step("alloc.raise", index, ...locals);
    const generation = (world.generations[index] ?? 0) + 1;
    world.generations[index] = generation;
    yield step("alloc.publish", index, generation, ...locals);
    world.states[index] = me;
    world.had[index]?.push(me);
    yield* this.unlock(index, generation, ...locals);
    return [index, generation];
  }

  *#receive(at: number): Steps {
    const { world, me, rules } = this;
    yield step("work", at, "look");
    if (world.shown === "") return;
    const [index = 0, generation = 0] = world.shown.split(" ").map(Number);
    yield* this.lock(at, index, generation);
    yield* this.mend(at, index, generation);
    for (;;) {
      yield step("take.look", at, index, generation);
      const state = world.states[index] ?? 0;
      if (state === 0 || (world.generations[index] !== generation && !rules.takesOldHandles)) {
        return yield* this.unlock(at, "stale");
      }
      yield step("take.own", at, index, generation, state);
      if (world.states[index] === state) break;
    }
    world.states[index] = me;
    // Whoever had it by the same handle has been told by that.
    if (world.generations[index] === generation) world.had[index]?.splice(0);
    world.had[index]?.push(me);
    yield* this.unlock(at, index, generation, "taken");
    yield step("work", at, index, generation, "taken");
    yield* this.#free(index, generation, at);
  }

  *#free(index: number, generation: number, at: number): Steps {
    const { world, me, rules } = this;
    yield* this.lock(at, index, generation, "free");
    yield* this.mend(at, index, generation, "free");
    yield step("free.publish", at, index, generation);
    const isOurs = world.states[index] === me && world.generations[index] === generation;
    if (isOurs || rules.freesWhateverItIs) {
      world.states[index] = 0;
      forget(world, me, index);
      yield* this.give(index, generation, at);
    }
    yield* this.unlock(at, index, generation, "free");
  }

  protected leftOf(): number {
    return 0;
  }

  protected *rebuildOthers(): Steps {
    // A pool has one list.
  }
}
