/**
 * A ring as programs of its producers and consumers over six words and a few slots. A step is one shared load, store,
 * compare-and-swap or system call; runtime/containers/ring/ names them in its comments. A slot has two halves, so that one that is half
 * written can be told from a whole one. What a program knows is in its registers, and nowhere else.
 */

/** Seeded mistakes; all false is the protocol. */
export interface RingRules {
  readonly publishesBeforeWriting: boolean;
  readonly releasesBeforeReading: boolean;
  readonly ignoresFull: boolean;
  readonly rechecksBeforeFlag: boolean;
  readonly doesNotWake: boolean;
  readonly wakesBeforeClearing: boolean;
  readonly looksForSleepersFirst: boolean;
  readonly sleepsOnCounter: boolean;
  readonly freesRoleBeforeTail: boolean;
  readonly readsTailBeforeRole: boolean;
  readonly recoversWithoutLook: boolean;
  readonly recoveryWakesNobody: boolean;
  readonly recoveryFreesBeforeWaking: boolean;
  readonly sleepsWithoutSlices: boolean;
}

export const RING_RULES: RingRules = {
  publishesBeforeWriting: false,
  releasesBeforeReading: false,
  ignoresFull: false,
  rechecksBeforeFlag: false,
  doesNotWake: false,
  wakesBeforeClearing: false,
  looksForSleepersFirst: false,
  sleepsOnCounter: false,
  freesRoleBeforeTail: false,
  readsTailBeforeRole: false,
  recoversWithoutLook: false,
  recoveryWakesNobody: false,
  recoveryFreesBeforeWaking: false,
  sleepsWithoutSlices: false,
};

export type Role = "producer" | "consumer";
type Flag = "consumerSleeps" | "producerSleeps";
const OTHERS_FLAG = { producer: "consumerSleeps", consumer: "producerSleeps" } as const;
const OTHER = { producer: "consumer", consumer: "producer" } as const;

export interface Party {
  /** Its number, from 1 on. */
  readonly number: number;
  readonly role: Role;
  /** A producer gives its role back when so many elements were published, a consumer when so many were consumed. */
  readonly goal: number;
  tail: number;
  head: number;
  /** What it found in the role, or in the first half of a slot. */
  found: number;
  asleep: Flag | "";
  dead: boolean;
}

export interface RingWorld {
  readonly length: number;
  readonly parties: Party[];
  tail: number;
  producer: number;
  consumerSleeps: number;
  head: number;
  consumer: number;
  producerSleeps: number;
  readonly slots: { first: number; second: number }[];
  /** Who recovers; the kernel lets go when it dies. */
  recoverer: number;
  /** Not in memory: how often each element was delivered, and how often its consumer died with it. */
  readonly delivered: number[];
  readonly diedWith: number[];
  /** The highest tail ever. */
  published: number;
  wrong: string;
}

export type RingStep = Generator<string, void, void>;

export function isDead({ parties }: RingWorld, number: number): boolean {
  return number !== 0 && parties[number - 1]?.dead === true;
}

function wakeAll({ parties }: RingWorld, flag: Flag): void {
  for (const party of parties) if (party.asleep === flag) party.asleep = "";
}

/** Whoever explores the model lets nobody step at `role.take` while a living one has it, nor at `recover.lock` while another recovers. */
function* take(world: RingWorld, me: Party, rules: RingRules): RingStep {
  for (;;) {
    yield "role.take";
    me.found = world[me.role];
    if (me.found === 0) {
      world[me.role] = me.number;
      return;
    }
    yield* recover(world, me, rules);
  }
}

/** Frees what `me.found` had. */
function* recover(world: RingWorld, me: Party, rules: RingRules): RingStep {
  const dead = me.found;
  yield "recover.lock";
  world.recoverer = me.number;
  for (const role of ["producer", "consumer"] as const) {
    yield `recover.look ${role}`;
    if (world[role] !== dead && !rules.recoversWithoutLook) continue;
    const flag = OTHERS_FLAG[role];
    const free = function* (): RingStep {
      yield `recover.free ${role}`;
      if (world[role] === dead || rules.recoversWithoutLook) world[role] = 0;
    };
    if (rules.recoveryFreesBeforeWaking) yield* free();
    if (!rules.recoveryWakesNobody) {
      yield `recover.clear ${role}`;
      world[flag] = 0;
      yield `recover.wake ${role}`;
      wakeAll(world, flag);
    }
    if (!rules.recoveryFreesBeforeWaking) yield* free();
  }
  yield "recover.unlock";
  world.recoverer = 0;
  me.found = 0;
}

/** After a counter was stored. */
function* wake(world: RingWorld, flag: Flag, rules: RingRules): RingStep {
  yield "wake.look";
  if (world[flag] === 0) return;
  if (rules.wakesBeforeClearing) {
    yield "wake.notify";
    wakeAll(world, flag);
  }
  yield "wake.clear";
  world[flag] = 0;
  if (rules.doesNotWake || rules.wakesBeforeClearing) return;
  yield "wake.notify";
  wakeAll(world, flag);
}

function isAwake({ asleep }: Party): boolean {
  return asleep === "";
}

/** Sleeps until there may be something to do. `look` loads the other side's counter again. */
function* sleep(world: RingWorld, me: Party, look: () => boolean, rules: RingRules): RingStep {
  const flag = OTHERS_FLAG[OTHER[me.role]];
  if (!rules.rechecksBeforeFlag) {
    yield "wait.flag";
    world[flag] = 1;
  }
  yield "wait.recheck";
  if (look()) {
    if (rules.rechecksBeforeFlag) return;
    yield "wait.unflag";
    world[flag] = 0;
    return;
  }
  if (rules.rechecksBeforeFlag) {
    yield "wait.flag";
    world[flag] = 1;
  }
  yield "wait.sleep";
  // The kernel compares and falls asleep in one step.
  const changed = rules.sleepsOnCounter
    ? me.role === "producer"
      ? world.head !== me.head
      : world.tail !== me.tail
    : world[flag] !== 1;
  if (changed) return;
  me.asleep = flag;
  yield "wait.asleep";
  const wasWoken = isAwake(me);
  me.asleep = "";
  if (wasWoken) return;
  yield "wait.ask";
  me.found = world[OTHER[me.role]];
  if (isDead(world, me.found)) yield* recover(world, me, rules);
  me.found = 0;
}

export function* produce(world: RingWorld, me: Party, rules: RingRules): RingStep {
  const readTail = function* (): RingStep {
    yield "push.readTail";
    me.tail = world.tail;
  };
  const flag = OTHERS_FLAG.producer;
  if (rules.readsTailBeforeRole) yield* readTail();
  yield* take(world, me, rules);
  if (!rules.readsTailBeforeRole) yield* readTail();
  yield "push.readHead";
  me.head = world.head;
  const look = (): boolean => {
    me.head = world.head;
    return me.tail - me.head < world.length;
  };
  const publish = function* (): RingStep {
    if (rules.looksForSleepersFirst) yield* wake(world, flag, rules);
    yield "push.publish";
    world.tail = me.tail + 1;
    if (world.tail <= world.published) world.wrong = `the tail went back from ${world.published} to ${world.tail}`;
    world.published = Math.max(world.published, world.tail);
    me.tail += 1;
    if (!rules.looksForSleepersFirst) yield* wake(world, flag, rules);
  };
  const free = function* (): RingStep {
    yield "role.free";
    if (world.producer === me.number) world.producer = 0;
  };
  while (me.tail < me.goal) {
    if (me.tail - me.head >= world.length && !rules.ignoresFull) {
      yield "push.rereadHead";
      if (!look()) yield* sleep(world, me, look, rules);
      continue;
    }
    const slot = world.slots[me.tail % world.length]!;
    const value = me.tail + 1;
    if (rules.publishesBeforeWriting) yield* publish();
    yield "push.first";
    slot.first = value;
    yield "push.second";
    slot.second = value;
    if (rules.freesRoleBeforeTail && value === me.goal) yield* free();
    if (!rules.publishesBeforeWriting) yield* publish();
  }
  yield* free();
}

export function* consume(world: RingWorld, me: Party, rules: RingRules): RingStep {
  yield* take(world, me, rules);
  yield "pop.readHead";
  me.tail = me.head = world.head;
  const look = (): boolean => {
    me.tail = world.tail;
    return me.tail !== me.head;
  };
  const release = function* (head: number): RingStep {
    yield "pop.release";
    world.head = head + 1;
    yield* wake(world, OTHERS_FLAG.consumer, rules);
  };
  while (me.head < me.goal) {
    if (me.tail === me.head) {
      yield "pop.rereadTail";
      if (!look()) yield* sleep(world, me, look, rules);
      continue;
    }
    const slot = world.slots[me.head % world.length]!;
    if (rules.releasesBeforeReading) yield* release(me.head);
    yield "pop.first";
    me.found = slot.first;
    yield "pop.second";
    if (me.found !== me.head + 1 || slot.second !== me.found) {
      world.wrong = `element ${me.head} was delivered as ${me.found} and ${slot.second}`;
    }
    me.found = 0;
    world.delivered[me.head]! += 1;
    if (!rules.releasesBeforeReading) yield* release(me.head);
    me.head += 1;
  }
  yield "role.free";
  if (world.consumer === me.number) world.consumer = 0;
}
