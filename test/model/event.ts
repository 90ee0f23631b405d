/**
 * Manual-reset events, schema/containers/event.ts. The names of the steps are those of runtime/containers/event/event.ts. Bit 0 is set, bit 4 (in
 * the place of 31) sleepers, bits 1-3 the count.
 */
import { type Model, type Steps, type World, emptyWorld, sleep, step, wake } from "./sleepers.js";

/** Seeded mistakes; all false is the event. */
export const EVENT = {
  setsWithoutWaking: false,
  wakesOnlyOne: false,
  looksForTheBitAlone: false,
  announcesByStoring: false,
  setsByStoring: false,
  sleepsOnWhatItSees: false,
};
export type EventRules = Readonly<typeof EVENT>;
export type EventParty = "set" | "reset" | "wait";

const SET = 1;
const COUNTED = 2;
const SLEEPERS = 16;
const count = (word: number): number => (word >> 1) & 7;

interface EventWorld extends World {
  word: number;
  /** Sets that were made. */
  sets: number;
  /** Of each party that waits: how many there were when it began. */
  readonly waiting: Record<number, number>;
}

export function eventModel(programs: readonly (readonly EventParty[])[], rules: EventRules): Model<EventWorld> {
  return {
    parties: programs.length,
    deaths: 1,
    world: () => ({ ...emptyWorld(), word: 0, sets: 0, waiting: {} }),
    *run(world, me) {
      for (const [at, does] of (programs[me - 1] ?? []).entries()) {
        if (does === "set") yield* set(world, rules, at);
        else if (does === "wait") yield* wait(world, rules, me, at);
        else {
          yield step("event.reset", at);
          world.word &= ~SET;
        }
      }
    },
    // It is not set, and was not while anybody waited who still does.
    mayStay: ({ word, sets, waiting }) => (word & SET) === 0 && Object.values(waiting).every((begun) => begun === sets),
    dies: ({ waiting }, who) => void delete waiting[who],
    wrongWith: ({ word, sets }) => (count(word) === sets ? undefined : `${sets} sets, and the count is ${count(word)}`),
  };
}

function* set(world: EventWorld, rules: EventRules, at: number): Steps {
  for (;;) {
    yield step("event.look", at);
    const { word } = world;
    yield step("event.set", at, word);
    if (world.word !== word && !rules.setsByStoring) continue;
    world.word = ((word + COUNTED) & ~SLEEPERS) | SET;
    world.sets += 1;
    if (word < SLEEPERS || rules.setsWithoutWaking) return;
    yield step("event.wake", at);
    wake(world, rules.wakesOnlyOne ? 1 : Infinity);
    return;
  }
}

function* wait(world: EventWorld, rules: EventRules, me: number, at: number): Steps {
  yield step("event.begin", at);
  const begun = world.word;
  world.waiting[me] = world.sets;
  for (;;) {
    yield step("event.look", at, begun);
    const { word } = world;
    if ((word & SET) !== 0 || (count(word) !== count(begun) && !rules.looksForTheBitAlone)) break;
    let seen = word;
    if (word < SLEEPERS) {
      yield step("event.announce", at, begun, word);
      if (world.word !== word && !rules.announcesByStoring) continue;
      world.word = word | SLEEPERS;
      seen = world.word;
    }
    yield* sleep(world, me, () => rules.sleepsOnWhatItSees || world.word === seen, at, begun, seen);
  }
  delete world.waiting[me];
  if (world.sets === 0) world.wrong = `${me} went on, and nobody has set the event`;
}
