/**
 * The robust lock, schema/containers/owner.ts, with the data that it guards. The names of the steps are those of
 * runtime/containers/parts/owner-word.ts.
 */
import { type Model, type Steps, type World, emptyWorld, recovering, sleep, step, wake } from "./sleepers.js";

/** Seeded mistakes; all false is the lock. */
export const OWNER_WORD = {
  releasesWithoutWaking: false,
  releasesBlindly: false,
  forgetsOthersWhoSleep: false,
  announcesByStoring: false,
  sleepsWhenItIsFree: false,
  announcesAfterGivingUp: false,
  leavesWithoutPassingOn: false,
  doesNotAskForTheOwner: false,
  recoversToFree: false,
  recoversWhoeverHasIt: false,
  saysWhoAfterwards: false,
  freesTheNumberFirst: false,
};
export type OwnerWordRules = Readonly<typeof OWNER_WORD>;

/**
 * What a party does: "lock" and unlock; that, and let go if the lock is abandoned ("refuse"); that, but give up when it has slept
 * once ("impatient"); that, but stop waiting while its wait in the background is pending ("leave"); that, but say that it will sleep
 * after one try in vain, though it is free by now ("insist").
 */
export type Party = "lock" | "refuse" | "impatient" | "leave" | "insist";

const ABANDONED = 9;
const SLEEPERS = 16;
const owner = (word: number): number => word & 15;

interface LockWorld extends World {
  word: number;
  abandonedBy: number;
  /** Who has changed a part of the data; 0: it is whole. */
  dirty: number;
  /** Who died last while the word was its own. */
  lastOwner: number;
}

/** `programs`: what each party does, one thing after the other. */
export function lockModel(
  programs: readonly (readonly Party[])[],
  rules: OwnerWordRules,
  left: "free" | "abandoned" = "abandoned",
): Model<LockWorld> {
  return {
    parties: programs.length,
    deaths: 2,
    world: () => ({ ...emptyWorld(), word: 0, abandonedBy: 0, dirty: 0, lastOwner: 0 }),
    run: (world, me) => new LockParty(world, me, rules, left).run(programs[me - 1] ?? []),
    dies(world, who) {
      if (owner(world.word) === who) world.lastOwner = who;
    },
    wrongWith({ word, recovered }) {
      return recovered.has(owner(word)) ? `the word says ${owner(word)}, whose number is free` : undefined;
    },
    wrongAtEnd({ word, dead }) {
      const has = owner(word);
      return has === 0 || has === ABANDONED || dead.has(has) ? undefined : `${has} has it and has ended`;
    },
  };
}

class LockParty {
  readonly world: LockWorld;
  readonly me: number;
  readonly rules: OwnerWordRules;
  readonly left: "free" | "abandoned";

  constructor(world: LockWorld, me: number, rules: OwnerWordRules, left: "free" | "abandoned") {
    this.world = world;
    this.me = me;
    this.rules = rules;
    this.left = left;
  }

  *run(program: readonly Party[]): Steps {
    for (const [at, kind] of program.entries()) {
      const before = yield* this.take(kind, at);
      if (before === undefined) continue;
      this.#entered(before);
      yield step("data.begin", at);
      if (this.world.dirty !== 0 && !this.world.dead.has(this.world.dirty)) this.world.wrong = "two have it at a time";
      this.world.dirty = this.me;
      yield step("data.end", at);
      if (this.world.dirty !== this.me) this.world.wrong = "two have it at a time";
      this.world.dirty = 0;
      yield* this.release(at);
    }
  }

  #entered(before: number): void {
    const { world, left } = this;
    if (left === "free") return;
    if (before === 0 && world.dirty !== 0) world.wrong = "what the dead left was taken for whole";
    if (before === ABANDONED && world.abandonedBy !== world.lastOwner) {
      world.wrong = `abandoned by ${world.lastOwner}, and not by ${world.abandonedBy}`;
    }
  }

  /** Stores if the word is as expected. */
  #swap(expected: number, next: number): boolean {
    if (this.world.word !== expected) return false;
    this.world.word = next;
    return true;
  }

  /** Who had it before, or undefined when it is not ours. */
  *take(kind: Party, at: number): Steps<number | undefined> {
    const { world, me, rules } = this;
    yield step("lock.take", at);
    if (this.#swap(0, me)) return 0;
    for (let hasSlept = false; ; hasSlept = true) {
      const result = yield* this.#attempt(kind, at, hasSlept);
      if (result < SLEEPERS) return result === ABANDONED && kind === "refuse" ? undefined : result;
      if (kind === "impatient" && hasSlept) return undefined;
      yield* sleep(world, me, () => world.word === result, at, kind, hasSlept, result);
      if (kind === "leave") {
        if (rules.leavesWithoutPassingOn) return undefined;
        yield step("lock.wake", at, "on");
        wake(world, 1);
        return undefined;
      }
      if (kind === "impatient" && rules.announcesAfterGivingUp) return undefined;
    }
  }

  *#attempt(kind: Party, at: number, hasSlept: boolean): Steps<number> {
    const { world, me, rules } = this;
    for (;;) {
      yield step("lock.look", at, kind, hasSlept);
      const { word } = world;
      const has = owner(word);
      if (has === 0 || has === ABANDONED) {
        if (has === ABANDONED && kind === "refuse") return has;
        const keeps = hasSlept && !rules.forgetsOthersWhoSleep ? SLEEPERS : word & SLEEPERS;
        yield step("lock.takeAgain", at, kind, hasSlept, word);
        if (this.#swap(word, me | keeps)) return has;
        // As often as it likes, or until it has enough.
        if (kind !== "insist") continue;
      } else if (!rules.doesNotAskForTheOwner) {
        yield step("lock.isAlive", at, kind, hasSlept, word);
        if (world.dead.has(has)) {
          yield* recovering(world, me, has, () => this.#recover(has, at, hasSlept), at, kind, hasSlept);
          continue;
        }
      }
      if (word >= SLEEPERS && has !== 0 && has !== ABANDONED) return word;
      yield step("lock.announce", at, kind, hasSlept, word);
      const found = rules.announcesByStoring ? word : world.word;
      world.word = found | SLEEPERS;
      if (rules.sleepsWhenItIsFree || (owner(found) !== 0 && owner(found) !== ABANDONED)) return found | SLEEPERS;
    }
  }

  *release(at: number): Steps {
    const { world, me, rules } = this;
    yield step("lock.release", at);
    if (this.#swap(me, 0)) return;
    if (rules.releasesBlindly) return void (world.word = 0);
    yield step("lock.release", at, "sleepers");
    world.word = 0;
    if (rules.releasesWithoutWaking) return;
    yield step("lock.wake", at);
    wake(world, 1);
  }

  *#recover(number: number, ...locals: unknown[]): Steps {
    const { world, rules } = this;
    if (rules.freesTheNumberFirst) world.recovered.add(number);
    function* say(): Steps {
      yield step("recover.who", number, ...locals);
      world.abandonedBy = number;
    }
    for (;;) {
      yield step("recover.look", number, ...locals);
      const { word } = world;
      if (owner(word) !== number && !rules.recoversWhoeverHasIt) return;
      if (!rules.saysWhoAfterwards) yield* say();
      yield step("recover.free", number, word, ...locals);
      const left = this.left === "free" || rules.recoversToFree ? 0 : ABANDONED;
      if (this.#swap(word, left | (word & SLEEPERS))) break;
    }
    if (rules.saysWhoAfterwards) yield* say();
    yield step("recover.wake", number, ...locals);
    wake(world, Infinity);
  }
}
