/**
 * A seqlock as machines of its writers, readers and of those who wait for changes, over its words and two cells of two words each. A
 * step is one shared load, store, compare-and-swap or system call; runtime/containers/seqlock/ names them in its comments. The
 * writer word is the robust lock, whose own steps are another model's: here it is taken, released and recovered.
 *
 * Each update raises both words of the value by one, so that the n-th value that is published has to be n, twice.
 */

/** Seeded mistakes; all false is the protocol. */
export interface SeqlockRules {
  readonly writesLiveCell: boolean;
  readonly publishesBeforeCell: boolean;
  readonly publishesHalfCell: boolean;
  readonly copiesBeforeLock: boolean;
  readonly releasesBeforePublishing: boolean;
  readonly doesNotLock: boolean;
  readonly doesNotLookAgain: boolean;
  readonly looksAgainTooEarly: boolean;
  readonly readsOtherCell: boolean;
  readonly recoveryRaises: boolean;
  readonly recoversTheLiving: boolean;
  readonly disarmsAfterPublishing: boolean;
  readonly looksForSleepersBeforeOnly: boolean;
  readonly armsAfterSleepingWord: boolean;
}

export const SEQLOCK_RULES: SeqlockRules = {
  writesLiveCell: false,
  publishesBeforeCell: false,
  publishesHalfCell: false,
  copiesBeforeLock: false,
  releasesBeforePublishing: false,
  doesNotLock: false,
  doesNotLookAgain: false,
  looksAgainTooEarly: false,
  readsOtherCell: false,
  recoveryRaises: false,
  recoversTheLiving: false,
  disarmsAfterPublishing: false,
  looksForSleepersBeforeOnly: false,
  armsAfterSleepingWord: false,
};

export type Part = "writer" | "reader" | "waiter";

/** Numbers and texts only, so that a world can be compared and copied. */
export interface Party {
  readonly part: Part;
  /** Updates, reads or changes that it still makes. */
  left: number;
  /** The step that it takes next. "": it has ended. */
  at: string;
  dead: boolean;
  asleep: boolean;
  sequence: number;
  first: number;
  second: number;
  /** A reader's: what was published when it began. A writer's: whether somebody sleeps. */
  noted: number;
}

export interface SeqlockWorld {
  readonly parties: Party[];
  sequence: number;
  /** 0, or one more than the index of the party that has it. */
  writer: number;
  sleepers: number;
  readonly cells: [[number, number], [number, number]];
  /** Not in memory. */
  published: number;
  deaths: number;
  wrong: string;
}

const FIRST: Readonly<Record<Part, string>> = { writer: "lock.take", reader: "read.sequence", waiter: "changed.look" };

export function begin(parties: readonly (readonly [part: Part, times: number])[]): SeqlockWorld {
  return {
    parties: parties.map(([part, left]): Party => {
      const nothing = { dead: false, asleep: false, sequence: 0, first: 0, second: 0, noted: 0 };
      return { part, left, at: FIRST[part], ...nothing };
    }),
    sequence: 0,
    writer: 0,
    sleepers: 0,
    cells: [
      [0, 0],
      [0, 0],
    ],
    published: 0,
    deaths: 0,
    wrong: "",
  };
}

/** Whether a party's next step is possible. Without it it waits. */
export function mayStep(world: SeqlockWorld, who: number, rules: SeqlockRules): boolean {
  const { at, dead, asleep } = world.parties[who]!;
  if (dead || at === "") return false;
  if (at === "lock.take" && !rules.doesNotLock && !rules.recoversTheLiving) {
    return world.writer === 0 || world.parties[world.writer - 1]!.dead;
  }
  // Who sleeps and was not woken looks again after its slice. That is for deaths: nothing else may rely on it.
  return at !== "changed.asleep" || !asleep || world.deaths > 0;
}

/** What a step does; the party is at the next one afterwards. */
type Act = (world: SeqlockWorld, me: Party, who: number, rules: SeqlockRules) => string;

const STEPS: Readonly<Record<string, Act>> = {
  "lock.take": (world, _me, who, rules) => {
    if (!rules.doesNotLock && world.writer !== 0) return "recover.free";
    world.writer = who + 1;
    return rules.copiesBeforeLock ? "update.writeFirst" : "update.sequence";
  },
  "recover.free": (world, _me, _who, rules) => {
    const isDead = world.parties[world.writer - 1]?.dead === true;
    if (world.writer !== 0 && (isDead || rules.recoversTheLiving)) {
      world.writer = 0;
      if (rules.recoveryRaises) world.sequence += 1;
    }
    return "lock.take";
  },
  "update.sequence": (world, me) => {
    me.sequence = world.sequence;
    return "update.copyFirst";
  },
  "update.copyFirst": (world, me) => {
    me.first = world.cells[me.sequence & 1]![0] + 1;
    return "update.copySecond";
  },
  "update.copySecond": (world, me, _who, rules) => {
    me.second = world.cells[me.sequence & 1]![1] + 1;
    if (rules.copiesBeforeLock) return "lock.take";
    return rules.publishesBeforeCell ? "update.lookForSleepers" : "update.writeFirst";
  },
  "update.writeFirst": (world, me, _who, rules) => {
    world.cells[cellOf(me, rules)]![0] = me.first;
    return rules.publishesHalfCell ? "update.lookForSleepers" : "update.writeSecond";
  },
  "update.writeSecond": (world, me, _who, rules) => {
    world.cells[cellOf(me, rules)]![1] = me.second;
    if (rules.publishesBeforeCell || rules.publishesHalfCell) return "lock.release";
    return rules.releasesBeforePublishing ? "lock.release" : "update.lookForSleepers";
  },
  "update.lookForSleepers": (world, me, _who, rules) => {
    if (rules.disarmsAfterPublishing) return "update.publish";
    me.noted = world.sleepers;
    return me.noted === 0 ? "update.publish" : "update.disarm";
  },
  "update.disarm": (world, _me, _who, rules) => {
    world.sleepers = 0;
    return rules.disarmsAfterPublishing ? afterPublishing(rules) : "update.publish";
  },
  "update.publish": (world, me, _who, rules) => {
    world.sequence = me.sequence + 1;
    world.published += 1;
    const [first, second] = world.cells[world.sequence & 1]!;
    // What is published has to be whole, and to have all that was published before it.
    if (first !== world.published || second !== world.published) {
      world.wrong ||= `value ${world.published} was published as ${first} and ${second}`;
    }
    if (rules.disarmsAfterPublishing) return "update.lookAgain";
    return rules.looksForSleepersBeforeOnly ? afterPublishing(rules) : "update.lookAgain";
  },
  "update.lookAgain": (world, me, _who, rules) => {
    me.noted |= world.sleepers;
    return rules.disarmsAfterPublishing && me.noted !== 0 ? "update.disarm" : afterPublishing(rules);
  },
  "lock.release": (world, me, who, rules) => {
    if (world.writer === who + 1) world.writer = 0;
    return rules.releasesBeforePublishing ? "update.lookForSleepers" : afterUpdate(me, rules);
  },
  "update.wake": (world, me, _who, rules) => {
    for (const party of world.parties) party.asleep = false;
    return next(me, rules);
  },
  "read.sequence": (world, me) => {
    me.noted = world.published;
    me.sequence = world.sequence;
    return "read.copyFirst";
  },
  "read.copyFirst": (world, me, _who, rules) => {
    me.first = world.cells[(me.sequence & 1) ^ (rules.readsOtherCell ? 1 : 0)]![0];
    return rules.looksAgainTooEarly ? "read.sequenceAgain" : "read.copySecond";
  },
  "read.copySecond": (world, me, _who, rules) => {
    me.second = world.cells[(me.sequence & 1) ^ (rules.readsOtherCell ? 1 : 0)]![1];
    return rules.doesNotLookAgain || rules.looksAgainTooEarly ? whole(world, me, rules) : "read.sequenceAgain";
  },
  "read.sequenceAgain": (world, me, _who, rules) => {
    if (world.sequence !== me.sequence) return "read.sequence";
    return rules.looksAgainTooEarly ? "read.copySecond" : whole(world, me, rules);
  },
  // As changed(me.noted) of runtime/containers/parts/changes.ts: returns when the sequence is another one.
  "changed.look": (world, me, _who, rules) => {
    if (world.sequence !== me.noted) {
      me.noted = world.sequence;
      return next(me, rules);
    }
    return rules.armsAfterSleepingWord ? "changed.sleep" : "changed.arm";
  },
  "changed.arm": (world, me, _who, rules) => {
    world.sleepers = 1;
    return rules.armsAfterSleepingWord ? "changed.asleep" : "changed.sleep";
  },
  // The kernel compares and falls asleep in one step.
  "changed.sleep": (world, me, _who, rules) => {
    if (world.sequence !== me.noted) return "changed.look";
    me.asleep = true;
    return rules.armsAfterSleepingWord ? "changed.arm" : "changed.asleep";
  },
  "changed.asleep": (_world, me) => {
    me.asleep = false;
    return "changed.look";
  },
};

function cellOf({ sequence }: Party, rules: SeqlockRules): 0 | 1 {
  return ((sequence + (rules.writesLiveCell ? 0 : 1)) & 1) as 0 | 1;
}

function afterPublishing(rules: SeqlockRules): string {
  if (rules.publishesBeforeCell) return "update.writeFirst";
  if (rules.publishesHalfCell) return "update.writeSecond";
  return rules.releasesBeforePublishing ? "update.end" : "lock.release";
}

function afterUpdate(me: Party, rules: SeqlockRules): string {
  return me.noted === 0 ? next(me, rules) : "update.wake";
}

/** A reader returns what it has. */
function whole(world: SeqlockWorld, me: Party, rules: SeqlockRules): string {
  const { first, second, noted } = me;
  if (first !== second) world.wrong ||= `a reader returned a mixture of ${first} and ${second}`;
  else if (first > world.published) world.wrong ||= `a reader returned ${first}, which nobody had published`;
  else if (first < noted) world.wrong ||= `a reader returned ${first} after ${noted} was published`;
  return next(me, rules);
}

/** The first step of what it does next. */
function next(me: Party, rules: SeqlockRules): string {
  me.left -= 1;
  const isWaiter = me.part === "waiter";
  Object.assign(me, { sequence: 0, first: 0, second: 0, noted: isWaiter ? me.noted : 0 });
  return me.left === 0 ? "" : firstStep(me.part, rules);
}

/** Where a party begins. */
export function firstStep(part: Part, rules: SeqlockRules): string {
  return part === "writer" && rules.copiesBeforeLock ? "update.sequence" : FIRST[part];
}

/** Takes a party's next step, and says its name. */
export function step(world: SeqlockWorld, who: number, rules: SeqlockRules): string {
  const me = world.parties[who]!;
  const name = me.at;
  const to = STEPS[name]!(world, me, who, rules);
  me.at = to === "update.end" ? afterUpdate(me, rules) : to;
  return name;
}
