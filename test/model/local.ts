/**
 * Memory of one process, runtime/local: threads take numbers and give them back, one recovers a number that nobody has, and tails grow. The names of
 * the steps are those of the code there. A thread that dies (`terminate()`) keeps its number and what it has; a lock of recoverers that dies with
 * it is waited for until a deadline, and given up.
 */
import { type Model, type Steps, type World, emptyWorld, step } from "./sleepers.js";

/** Seeded mistakes; all false is the code. */
export const LOCAL = {
  claimsByStoring: false,
  freesBeforeGivingBack: false,
  recoversWithoutClaiming: false,
  recoversWithoutLock: false,
  lengthBeforeMemory: false,
  lengthByStoring: false,
};
export type LocalRules = Readonly<typeof LOCAL>;
/** "use": takes part, has the word of a container, closes. A number: grows the tail to it. */
export type LocalParty = "use" | "recover" | number;

const NUMBERS = [1, 2];
/** The number that "recover" finds in a word that somebody has damaged. */
const DAMAGED = 2;

interface LocalWorld extends World {
  /** Recoverers' lock. */
  lock: number;
  /** Who is at work under it. */
  working: number;
  /** By number. */
  readonly taken: Record<number, boolean>;
  /** By number, who lives by it. */
  readonly lives: Record<number, number>;
  /** Words of two containers: one is free at first, the other damaged. */
  readonly words: [number, number];
  bytes: number;
  length: number;
}

export function localModel(parties: readonly LocalParty[], rules: LocalRules): Model<LocalWorld> {
  return {
    parties: parties.length,
    deaths: 1,
    world: () => ({
      ...emptyWorld(),
      lock: 0,
      working: 0,
      taken: { 1: false, 2: false },
      lives: {},
      words: [0, parties.includes("recover") ? DAMAGED : 0],
      bytes: 1,
      length: 1,
    }),
    run(world, me) {
      const does = parties[me - 1] ?? "use";
      if (does === "use") return use(world, rules, me);
      return does === "recover" ? recover(world, rules, me) : grow(world, rules, does);
    },
    wrongWith: ({ length, bytes }) => (length > bytes ? `${length} elements in memory for ${bytes}` : undefined),
    wrongAtEnd({ dead, taken, words }) {
      const left = NUMBERS.filter((number) => taken[number]);
      return dead.size === 0 && (left.length > 0 || words[0] !== 0)
        ? "something is taken, and all have closed"
        : undefined;
    },
  };
}

function* use(world: LocalWorld, rules: LocalRules, me: number): Steps {
  let mine = 0;
  for (const number of NUMBERS) {
    yield step("local.claim", number);
    if (rules.claimsByStoring) {
      if (world.taken[number] === true) continue;
      yield step("local.claim", number, "store");
    } else if (world.taken[number] === true) continue;
    const other = world.lives[number] ?? 0;
    if (other !== 0) world.wrong = `${me} and ${other} have number ${number}`;
    world.taken[number] = true;
    world.lives[number] = me;
    mine = number;
    break;
  }
  if (mine === 0) return;
  yield step("work", mine);
  const has = world.words[0] === 0;
  if (has) world.words[0] = mine;
  if (rules.freesBeforeGivingBack) {
    yield step("local.free", mine, has);
    free(world, mine);
  }
  const isAlone = yield* lock(world, rules, me, mine, has);
  if (!isAlone) return;
  yield* giveBack(world, mine, has ? me : 0, mine, has);
  if (!rules.freesBeforeGivingBack) {
    yield step("local.free", mine, has);
    free(world, mine);
  }
  yield* unlock(world, mine);
}

function* recover(world: LocalWorld, rules: LocalRules, me: number): Steps {
  if (!(yield* lock(world, rules, me))) return;
  if (!rules.recoversWithoutClaiming) {
    yield step("local.claim", "dead");
    if (world.taken[DAMAGED] === true) return yield* unlock(world);
    world.taken[DAMAGED] = true;
    world.lives[DAMAGED] = me;
  }
  yield* giveBack(world, DAMAGED, me);
  if (!rules.recoversWithoutClaiming) {
    yield step("local.free", "dead");
    free(world, DAMAGED);
  }
  yield* unlock(world);
}

function free(world: LocalWorld, number: number): void {
  world.taken[number] = false;
  delete world.lives[number];
}

function* lock(world: LocalWorld, rules: LocalRules, me: number, ...locals: unknown[]): Steps<boolean> {
  const can = (): boolean => world.lock === 0 || world.dead.size > 0 || rules.recoversWithoutLock;
  yield { ...step("local.lockRecoverers", ...locals), can };
  // The deadline.
  if (world.lock !== 0 && !rules.recoversWithoutLock) return false;
  world.lock = me;
  return true;
}

function* unlock(world: LocalWorld, ...locals: unknown[]): Steps {
  yield step("local.unlockRecoverers", ...locals);
  world.lock = 0;
}

/** All words that hold the number, one after the other. `who`: whose it is; 0 where nothing of theirs is in a word. */
function* giveBack(world: LocalWorld, number: number, who: number, ...locals: unknown[]): Steps {
  for (const [index] of world.words.entries()) {
    yield step("local.giveBack", ...locals, index);
    if (world.working !== 0 && world.working !== number) world.wrong = "two give back at once";
    world.working = number;
    const lives = world.lives[number] ?? 0;
    if (world.words[index] === number) {
      if (index === 0 && lives !== 0 && lives !== who) world.wrong = `what ${lives} has was given back for ${who}`;
      world.words[index as 0 | 1] = 0;
    }
  }
  world.working = 0;
}

function* grow(world: LocalWorld, rules: LocalRules, wanted: number): Steps {
  const lengthen = function* (): Steps {
    yield step("local.lengthen", wanted);
    world.bytes = Math.max(world.bytes, wanted);
  };
  if (!rules.lengthBeforeMemory) yield* lengthen();
  yield step("local.loadLength", wanted);
  for (let now = world.length; now < wanted;) {
    yield step("local.storeLength", wanted, now);
    if (world.length === now || rules.lengthByStoring) {
      if (wanted < world.length) world.wrong = `the tail had ${world.length} elements, and has ${wanted}`;
      world.length = wanted;
      break;
    }
    now = world.length;
  }
  if (rules.lengthBeforeMemory) yield* lengthen();
}
