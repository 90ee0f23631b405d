/**
 * Semaphores, schema/containers/semaphore.ts. The names of the steps are those of runtime/containers/semaphore/ and parts/gate.ts. Of the gate
 * the lower bits count, 64 is bit 31.
 */
import { type Model, type Steps, type World, emptyWorld, recovering, sleep, step, wake } from "./sleepers.js";

/** Seeded mistakes; all false is the semaphore. */
export const SEMAPHORE = {
  sleepsWithoutLookingAgain: false,
  doesNotRaise: false,
  takesTheBitOffWhenItWakesOne: false,
  lowersWithoutWaking: false,
  takesByStoring: false,
  doesNotAskForOwners: false,
  recoversHalf: false,
  leavesWithoutPassingOn: false,
};
export type SemaphoreRules = Readonly<typeof SEMAPHORE>;

/** Acquire and release; "leave": stops waiting while its wait in the background is pending. */
export type Party = "acquire" | "leave";

const SLEEPERS = 64;

interface SemaphoreWorld extends World {
  readonly permits: number[];
  gate: number;
  /** Who has which, as they know it. */
  readonly had: number[][];
}

export function semaphoreModel(
  programs: readonly (readonly Party[])[],
  rules: SemaphoreRules,
  permits = 1,
  deaths = 1,
): Model<SemaphoreWorld> {
  return {
    parties: programs.length,
    deaths,
    world: () => ({
      ...emptyWorld(),
      permits: Array.from({ length: permits }, () => 0),
      gate: 0,
      had: Array.from({ length: permits }, () => []),
    }),
    run: (world, me) => new SemaphoreParty(world, me, rules).run(programs[me - 1] ?? []),
    dies(world, who) {
      world.had.forEach((have) => have.splice(0, have.length, ...have.filter((one) => one !== who)));
    },
    wrongWith({ had, permits: words, recovered }) {
      if (had.some((have) => have.length > 1)) return "two have the same permit";
      return words.some((owner) => recovered.has(owner)) ? "a permit is lost: its owner's number is free" : undefined;
    },
    wrongAtEnd: ({ permits: words, dead }) =>
      words.every((owner) => owner === 0 || dead.has(owner)) ? undefined : "a permit was not given back",
  };
}

class SemaphoreParty {
  readonly world: SemaphoreWorld;
  readonly me: number;
  readonly rules: SemaphoreRules;

  constructor(world: SemaphoreWorld, me: number, rules: SemaphoreRules) {
    this.world = world;
    this.me = me;
    this.rules = rules;
  }

  *run(program: readonly Party[]): Steps {
    for (const [at, kind] of program.entries()) {
      const permit = yield* this.#acquire(kind, at);
      if (permit < 0) continue;
      yield step("work", at, permit);
      yield* this.#release(permit, at);
    }
  }

  *#acquire(kind: Party, at: number): Steps<number> {
    const { world, me, rules } = this;
    for (;;) {
      const first = yield* this.#take(at, "first", kind);
      if (first >= 0) return first;
      if (!rules.doesNotAskForOwners) yield* this.#askOwners(at, kind);
      yield step("gate.look", at, kind);
      let { gate } = world;
      if (gate < SLEEPERS) {
        yield step("gate.announce", at, kind, gate);
        world.gate = gate = world.gate | SLEEPERS;
      }
      const again = rules.sleepsWithoutLookingAgain ? -1 : yield* this.#take(at, "again", kind, gate);
      if (again >= 0) return again;
      const laid = gate;
      yield* sleep(world, me, () => world.gate === laid, at, kind, laid);
      if (kind === "leave") {
        if (rules.leavesWithoutPassingOn) return -1;
        yield step("gate.wake", at, "on");
        wake(world, 1);
        return -1;
      }
    }
  }

  *#take(...locals: unknown[]): Steps<number> {
    const { world, me, rules } = this;
    for (let index = 0; index < world.permits.length; index += 1) {
      yield step("semaphore.look", index, ...locals);
      if (world.permits[index] !== 0) continue;
      yield step("semaphore.take", index, ...locals);
      if (world.permits[index] !== 0 && !rules.takesByStoring) continue;
      world.permits[index] = me;
      world.had[index]?.push(me);
      return index;
    }
    return -1;
  }

  *#askOwners(...locals: unknown[]): Steps {
    const { world, me } = this;
    for (let index = 0; index < world.permits.length; index += 1) {
      yield step("owners.isAlive", index, ...locals);
      const owner = world.permits[index] ?? 0;
      if (world.dead.has(owner)) {
        yield* recovering(world, me, owner, () => this.#recover(owner, index, ...locals), index, ...locals);
      }
    }
  }

  *#release(permit: number, at: number): Steps {
    const { world, me } = this;
    yield step("semaphore.release", permit, at);
    const have = world.had[permit] ?? [];
    have.splice(have.indexOf(me), 1);
    if (world.permits[permit] !== me) world.wrong = "somebody else has the permit";
    world.permits[permit] = 0;
    yield step("gate.look", at, "release");
    for (let { gate } = world; gate >= SLEEPERS;) {
      yield step("gate.raise", at, gate);
      if (world.gate === gate) {
        yield* this.#wake(gate, at);
        return;
      }
      gate = world.gate;
    }
  }

  *#wake(gate: number, at: number): Steps {
    const { world, rules } = this;
    const count = rules.doesNotRaise ? gate % SLEEPERS : (gate + 1) % SLEEPERS;
    const raised = rules.takesTheBitOffWhenItWakesOne ? count : count | SLEEPERS;
    world.gate = raised;
    yield step("gate.wake", at, raised);
    if (wake(world, 1) > 0) return;
    yield step("gate.lower", at, raised);
    if (world.gate !== raised) return;
    world.gate = raised % SLEEPERS;
    if (rules.lowersWithoutWaking) return;
    yield step("gate.wakeAll", at);
    wake(world, Infinity);
  }

  *#recover(number: number, ...locals: unknown[]): Steps {
    const { world, rules } = this;
    for (let index = 0; index < world.permits.length; index += 1) {
      if (rules.recoversHalf && index > 0) break;
      yield step("recover.permit", number, index, ...locals);
      if (world.permits[index] === number) world.permits[index] = 0;
    }
    yield step("recover.lookGate", number, ...locals);
    for (let { gate } = world; gate >= SLEEPERS;) {
      yield step("recover.gate", number, gate, ...locals);
      if (world.gate === gate) {
        world.gate = (gate + 1) % SLEEPERS;
        break;
      }
      gate = world.gate;
    }
    yield step("recover.wake", number, ...locals);
    wake(world, Infinity);
  }
}
