/**
 * Sleeps in a table that processes share, runtime/os/win32/sleeps.ts, which has the names of the steps. Of a wake-up nothing reaches a sleeper
 * but the signal: only when one has died who was to give it may he look by himself.
 *
 * An addition orders what stands before and behind it, so that to leave out an addition is to have the two the other way round.
 */
import { type Model, type Steps, type World, emptyWorld, step } from "./sleepers.js";

/** Seeded mistakes; all false is the protocol. */
export const WAITS = {
  comparesBeforeItPublishes: false,
  looksBeforeTheStore: false,
  countsAfterItCompares: false,
  takesWithoutExchange: false,
  keepsTheTurn: false,
  claimsWithoutExchange: false,
  givesUpWhatWasRenewed: false,
  signalsBeforeItClaims: false,
  resetsAfterItCompares: false,
  leavesWithoutExchange: false,
  countsTheDead: false,
  clearsWhatIsTaken: false,
  clearsWithoutSignal: false,
  uncountsWhatWasCleared: false,
};
export type WaitRules = Readonly<typeof WAITS>;

/** Who sleeps on a word that has the value 0; who stores 1 and wakes so many; who wakes without that. */
export type Does =
  | readonly ["wait" | "wait or go", word: number]
  | readonly ["store" | "notify", word: number, count: number]
  /** A slot stops counting, whoever has it. */
  | readonly ["over", slot: number]
  /** What another party does in its sleep. */
  | readonly ["renew", who: number];

export interface Scenario {
  readonly slots: number;
  readonly deaths: number;
  readonly programs: readonly (readonly Does[])[];
}

type Is = "free" | "taken" | "sleeping" | "woken";

interface Slot {
  is: Is;
  turn: number;
  until: number;
  pid: number;
  /** What its owner has written. */
  word: number;
  by: number;
  isOver: boolean;
}

/** A slot as its owner, or who has found it, knows it. */
interface Known {
  readonly slot: number;
  readonly turn: number;
  until: number;
}

interface WaitWorld extends World {
  readonly words: number[];
  readonly counters: number[];
  readonly slots: Slot[];
  readonly signals: Record<number, boolean>;
  /** Of each party that has published. */
  readonly sleeps: Record<number, Known & { readonly word: number }>;
  /** Who was woken, and counted. */
  readonly counted: number[];
  /** Who has cleared a slot to take it, and not told its owner yet. */
  readonly clearing: number[];
}

const isSame = (slot: Slot, is: Is, { turn, until }: Known): boolean =>
  slot.is === is && slot.turn === turn && slot.until === until;

export function waitModel({ slots, deaths, programs }: Scenario, rules: WaitRules): Model<WaitWorld> {
  const wakers = programs.flatMap((program, at) => (program.some(([does]) => wakes(does)) ? [at + 1] : []));
  const free: Slot = { is: "free", turn: 0, until: 0, pid: 0, word: 0, by: 0, isOver: false };
  return {
    parties: programs.length,
    deaths,
    world: () => ({
      ...emptyWorld(),
      words: [0, 0],
      counters: [0, 0],
      slots: Array.from({ length: slots }, () => ({ ...free })),
      signals: {},
      sleeps: {},
      counted: [],
      clearing: [],
    }),
    *run(world, me) {
      const looks = (): boolean => [...wakers, ...world.clearing].some((waker) => world.dead.has(waker));
      for (const [at, does] of (programs[me - 1] ?? []).entries()) {
        if (does[0] === "over") {
          yield step("over", at);
          const slot = world.slots[does[1]]!;
          slot.isOver = slot.is !== "free";
        } else if (does[0] === "renew") yield* renew(world, does[1], at);
        else if (does.length === 3)
          yield* wake(world, rules, { at, word: does[1], count: does[2], stores: does[0] === "store" });
        else {
          const isTimed = does[0] === "wait or go";
          yield* wait(world, rules, { me, at, word: does[1], mayGo: () => isTimed || looks(), isTimed });
        }
      }
    },
    // Nobody has woken it, and nothing has changed.
    mayStay: ({ words, slots: all, sleeps, asleep }) =>
      asleep.length > 0 &&
      asleep.every((who) => {
        const sleep = sleeps[who]!;
        return words[sleep.word] === 0 && isSame(all[sleep.slot]!, "sleeping", sleep);
      }),
    wrongWith: ({ counters, slots: all }) => {
      const isShort = (counter: number, word: number): boolean =>
        all.filter((one) => (one.is === "sleeping" || one.is === "woken") && one.word === word).length > counter;
      return counters.some(isShort) ? "more sleep than are counted" : undefined;
    },
    wrongAtEnd: ({ dead, counters, slots: all }) => {
      if (dead.size > 0) return undefined;
      if (all.some(({ is }) => is !== "free")) return "a slot is left";
      return counters.some((counter) => counter !== 0) ? "nobody sleeps, and somebody is counted" : undefined;
    },
  };
}

const wakes = (does: Does[0]): boolean => does === "store" || does === "notify";

interface Waiting {
  readonly me: number;
  readonly at: number;
  readonly word: number;
  readonly mayGo: () => boolean;
  readonly isTimed: boolean;
}

function* wait(world: WaitWorld, rules: WaitRules, waiting: Waiting): Steps {
  const { me, at, word } = waiting;
  const compare = function* (...locals: unknown[]): Steps<boolean> {
    yield step("sleep.compare", at, ...locals);
    return world.words[word] !== 0;
  };
  const count = function* (...locals: unknown[]): Steps {
    yield step("sleep.count", at, ...locals);
    world.counters[word]! += 1;
  };
  if (!rules.countsAfterItCompares) yield* count();
  const taken = yield* take(world, rules, me, at);
  const { slot: index, turn } = taken;
  const early = rules.comparesBeforeItPublishes ? yield* compare(index, turn) : undefined;
  yield step("sleep.publish", at, index, turn, early);
  const slot = world.slots[index]!;
  Object.assign(slot, { is: "sleeping", turn, until: 0, pid: me, word, by: me } satisfies Partial<Slot>);
  world.sleeps[me] = { slot: index, turn, until: 0, word };
  yield step("sleep.fence", at, early);
  const isChanged = early ?? (yield* compare());
  if (rules.countsAfterItCompares) yield* count(isChanged);
  if (rules.resetsAfterItCompares) {
    yield step("reset", at, isChanged);
    world.signals[me] = false;
  }
  if (!isChanged) {
    world.asleep.push(me);
    yield* sleep(world, waiting);
  }
  yield* leave(world, rules, waiting);
}

function* take(world: WaitWorld, rules: WaitRules, me: number, at: number): Steps<Known> {
  const isUseful = (slot: Slot): boolean => slot.is === "free" || mayClear(world, rules, slot);
  for (;;) {
    // A table that is full grows, which is no matter here.
    yield { ...step("sleep.seek", at), can: () => world.slots.some(isUseful) };
    const slot = world.slots.findIndex(({ is }) => is === "free");
    if (slot < 0) {
      yield* clear(world, rules, world.slots.findIndex(isUseful), me, at);
      if (world.clearing.includes(me)) world.clearing.splice(world.clearing.indexOf(me), 1);
      continue;
    }
    const { turn, until } = world.slots[slot]!;
    yield step("sleep.take", at, slot, turn, until);
    if (!isSame(world.slots[slot]!, "free", { slot, turn, until }) && !rules.takesWithoutExchange) continue;
    const next = rules.keepsTheTurn ? turn : turn + 1;
    Object.assign(world.slots[slot]!, { is: "taken", turn: next, until: 0, pid: me, isOver: false });
    return { slot, turn: next, until: 0 };
  }
}

function* sleep(world: WaitWorld, { me, at, word, mayGo, isTimed }: Waiting): Steps {
  const mine = world.sleeps[me]!;
  for (;;) {
    yield { ...step("asleep", at), can: () => world.signals[me] === true || mayGo() };
    const isTimeOver = isTimed && world.signals[me] !== true;
    world.signals[me] = false;
    yield step("sleep.see", at, isTimeOver);
    const isWoken = !isSame(world.slots[mine.slot]!, "sleeping", mine);
    if (isWoken || world.words[word] !== 0 || isTimeOver) return;
  }
}

function* renew(world: WaitWorld, who: number, at: number): Steps {
  yield step("sleep.renew", at);
  const mine = world.sleeps[who];
  const slot = mine && world.asleep.includes(who) ? world.slots[mine.slot]! : undefined;
  if (mine === undefined || slot === undefined || !isSame(slot, "sleeping", mine)) return;
  slot.until += 1;
  slot.isOver = false;
  mine.until = slot.until;
}

function* leave(world: WaitWorld, rules: WaitRules, { me, at, word }: Waiting): Steps {
  yield step("sleep.leave", at);
  const mine = world.sleeps[me]!;
  const slot = world.slots[mine.slot]!;
  if (world.asleep.includes(me)) world.asleep.splice(world.asleep.indexOf(me), 1);
  const wasLeft = isSame(slot, "sleeping", mine) || rules.leavesWithoutExchange;
  if (wasLeft) slot.is = "free";
  if (wasLeft && world.counted.includes(me)) world.wrong = `${me} was woken, and says that it was not`;
  let isMine = wasLeft || rules.uncountsWhatWasCleared;
  if (!wasLeft) {
    yield step("sleep.free", at);
    if (isSame(slot, "woken", mine)) {
      slot.is = "free";
      isMine = true;
    }
  }
  if (world.counted.includes(me)) world.counted.splice(world.counted.indexOf(me), 1);
  delete world.sleeps[me];
  if (!isMine) return;
  yield step("sleep.uncount", at);
  world.counters[word]! -= 1;
}

interface Waking {
  readonly at: number;
  readonly word: number;
  readonly count: number;
  readonly stores: boolean;
}

interface Found extends Known {
  readonly word: number;
  readonly by: number;
}

function* wake(world: WaitWorld, rules: WaitRules, { at, word, count, stores }: Waking): Steps {
  const store = function* (...locals: unknown[]): Steps {
    if (stores) yield step("store", at, ...locals);
    if (stores) world.words[word] = 1;
  };
  if (!rules.looksBeforeTheStore) yield* store();
  yield step("wake.look", at);
  const isNobody = world.counters[word] === 0;
  const slept = world.asleep.flatMap((who) => {
    const { word: where, turn } = world.sleeps[who]!;
    return where === word ? [{ who, turn }] : [];
  });
  if (rules.looksBeforeTheStore) yield* store(isNobody, slept);
  let woken = 0;
  const heard: number[] = [];
  const found: Found[] = [];
  for (const slot of isNobody ? [] : world.slots.keys()) {
    yield step("wake.find", at, slot, slept, found);
    const { is, turn, until, by, word: where, isOver } = world.slots[slot]!;
    if (is === "free") continue;
    if (isOver) yield* clear(world, rules, slot, 0, at, slept, found);
    else if (is === "sleeping" && where === word) found.push({ slot, turn, until, word, by });
  }
  for (const [next, one] of found.entries()) {
    if (woken >= count) break;
    if (yield* wakeOne(world, rules, one, heard, [at, word, slept, found, next, woken])) woken += 1;
  }
  const alive = found.filter(({ by }) => heard.includes(by)).length;
  if (alive >= count || stores) return;
  const isMissed = ({ who, turn }: (typeof slept)[number]): boolean => {
    const sleep = world.sleeps[who];
    if (!world.asleep.includes(who) || sleep?.turn !== turn) return false;
    return sleep.word === word && isSame(world.slots[sleep.slot]!, "sleeping", sleep);
  };
  const missed = slept.find(isMissed);
  if (missed !== undefined) world.wrong = `${missed.who} slept, and was not woken`;
}

/** Whether that wakes somebody. `heard`: who was alive. */
function* wakeOne(
  world: WaitWorld,
  rules: WaitRules,
  one: Found,
  heard: number[],
  locals: readonly unknown[],
): Steps<boolean> {
  const slot = world.slots[one.slot]!;
  const { word } = one;
  const ring = function* (): Steps<boolean> {
    yield step("wake.signal", heard, ...locals);
    if (world.dead.has(one.by)) return rules.countsTheDead;
    world.signals[one.by] = true;
    heard.push(one.by);
    return true;
  };
  if (rules.signalsBeforeItClaims) yield* ring();
  for (;;) {
    yield step("wake.claim", heard, ...locals);
    if (isSame(slot, "sleeping", one) || rules.claimsWithoutExchange) break;
    const isRenewed = slot.is === "sleeping" && slot.turn === one.turn;
    if (!isRenewed || rules.givesUpWhatWasRenewed) return false;
    one.until = slot.until;
  }
  slot.is = "woken";
  if (!world.dead.has(one.by)) {
    if (world.sleeps[one.by]?.word !== word) world.wrong = `${one.by} is woken, and sleeps elsewhere`;
    world.counted.push(one.by);
  }
  if (rules.signalsBeforeItClaims || (yield* ring())) return true;
  yield step("wake.free", heard, ...locals);
  if (!isSame(slot, "woken", one)) return false;
  slot.is = "free";
  yield step("wake.uncount", heard, ...locals);
  world.counters[word]! -= 1;
  return false;
}

/** That of a dead one stops counting by and by. */
function mayClear(world: WaitWorld, rules: WaitRules, { is, pid, isOver }: Slot): boolean {
  const isDead = world.dead.has(pid);
  return is !== "free" && (isDead || (isOver && (is !== "taken" || rules.clearsWhatIsTaken)));
}

/** `me`: who wants the slot. */
function* clear(world: WaitWorld, rules: WaitRules, index: number, me: number, ...locals: unknown[]): Steps {
  const slot = world.slots[index]!;
  if (!mayClear(world, rules, slot)) return;
  const { is, turn, until, by, word } = slot;
  yield step("clear.free", index, is, turn, until, by, word, ...locals);
  if (!isSame(slot, is, { slot: index, turn, until })) return;
  slot.is = "free";
  slot.isOver = false;
  if (is === "taken") return;
  if (me > 0) world.clearing.push(me);
  yield step("clear.uncount", by, word, ...locals);
  world.counters[word]! -= 1;
  if (rules.clearsWithoutSignal) return;
  yield step("clear.signal", by, ...locals);
  if (!world.dead.has(by)) world.signals[by] = true;
}
