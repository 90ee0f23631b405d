/**
 * A broadcast, schema/containers/broadcast.ts: its writers, readers, and those who wait for elements, over its words and slots of two words
 * each. The names of the steps are those of runtime/containers/broadcast/ and of the parts that it uses. The writer's role is taken,
 * given back and recovered in one step each: how, is in the models of rings and of the robust lock.
 *
 * Each element says who wrote it and which it is, in both of its words.
 */
import { type Model, type Steps, type World, emptyWorld, recovering, sleep, step, wake } from "./sleepers.js";

/** Seeded mistakes; all false is the broadcast. */
export const BROADCAST = {
  doesNotStamp: false,
  stampsAfterWriting: false,
  publishesBeforeWriting: false,
  publishesHalf: false,
  stampsComeRound: false,
  readsTailBeforeRole: false,
  takesRoleOfTheLiving: false,
  disarmsAfterPublishing: false,
  looksForSleepersBeforeOnly: false,
  doesNotLookAtTheStampAgain: false,
  readsBeyondTheTail: false,
  staysWhereItIsOvertaken: false,
  skipsWhatIsThere: false,
  countsOneLess: false,
  givesUpTheNewest: false,
  sleepsWithoutSaying: false,
  sleepsOnTheFlag: false,
};
export type BroadcastRules = Readonly<typeof BROADCAST>;

/** Publishes so often; reads so often, whether there is something or not; waits for so many elements and reads them. */
export type Party = readonly ["writer" | "reader" | "waiter", times: number];

interface Slot {
  stamp: number;
  first: number;
  second: number;
}

interface BroadcastWorld extends World {
  tail: number;
  writer: number;
  sleepers: number;
  readonly slots: Slot[];
  /** Not in memory: what each element is. */
  readonly published: number[];
  /** Who has not ended, and with which tail it sleeps. */
  readonly sleepsAt: Record<number, number>;
  readonly busy: number[];
}

export function broadcastModel(
  parties: readonly Party[],
  rules: BroadcastRules,
  length: number,
  deaths: number,
): Model<BroadcastWorld> {
  return {
    parties: parties.length,
    deaths,
    world: () => ({
      ...emptyWorld(),
      tail: 0,
      writer: 0,
      sleepers: 0,
      slots: Array.from({ length }, () => ({ stamp: 0, first: 0, second: 0 })),
      published: [],
      sleepsAt: {},
      busy: parties.map((_, at) => at + 1),
    }),
    *run(world, me) {
      const [part, times] = parties[me - 1]!;
      if (part === "writer") yield* new Writer(world, me, rules).run(times);
      else yield* new Reader(world, me, rules).run(part, times);
      world.busy.splice(world.busy.indexOf(me), 1);
    },
    dies(world, who) {
      world.busy.splice(world.busy.indexOf(who), 1);
    },
    wrongWith: ({ writer, recovered }) =>
      recovered.has(writer) ? `the writer is ${writer}, whose number is free` : undefined,
    wrongAtEnd: ({ writer, dead }) =>
      writer === 0 || dead.has(writer) ? undefined : `${writer} has the role and has ended`,
    // Nobody publishes any more, and there is nothing that a sleeper has not seen.
    mayStay: ({ busy, asleep, sleepsAt, tail }) =>
      busy.every((who) => asleep.includes(who) && sleepsAt[who] === tail) && busy.length > 0,
  };
}

/** Stamp of an element. Mistaken ones are the same for every third. */
const stampOf = (number: number, { stampsComeRound }: BroadcastRules): number =>
  1 + (stampsComeRound ? number % 2 : number);

class Writer {
  readonly world: BroadcastWorld;
  readonly me: number;
  readonly rules: BroadcastRules;

  constructor(world: BroadcastWorld, me: number, rules: BroadcastRules) {
    this.world = world;
    this.me = me;
    this.rules = rules;
  }

  *run(times: number): Steps {
    const { world, me, rules } = this;
    let next = -1;
    if (rules.readsTailBeforeRole) {
      yield step("publish.readTail");
      next = world.tail;
    }
    yield* this.#take(next);
    if (!rules.readsTailBeforeRole) {
      yield step("publish.readTail");
      next = world.tail;
    }
    for (const end = next + times; next < end; next += 1) yield* this.#publish(next, end);
    yield step("role.free");
    if (world.writer === me) world.writer = 0;
  }

  *#take(next: number): Steps {
    const { world, me, rules } = this;
    for (;;) {
      // Who finds a living writer is told, and may come again.
      const can = (): boolean => world.writer === 0 || world.dead.has(world.writer) || rules.takesRoleOfTheLiving;
      yield { ...step("role.take", next), can };
      if (world.writer === 0 || !world.dead.has(world.writer)) {
        world.writer = me;
        return;
      }
      const number = world.writer;
      yield* recovering(world, me, number, () => this.#recover(number, next), next);
    }
  }

  *#recover(number: number, next: number): Steps {
    const { world } = this;
    yield step("recover.free", number, next);
    if (world.writer === number) world.writer = 0;
  }

  *#publish(number: number, end: number): Steps {
    const { rules } = this;
    if (rules.publishesBeforeWriting) yield* this.#tail(number, end);
    const slot = this.world.slots[number % this.world.slots.length]!;
    const value = 100 * this.me + number;
    if (!rules.stampsAfterWriting && !rules.doesNotStamp) yield* this.#stamp(slot, number, end);
    yield step("publish.write", number, end, "first");
    slot.first = value;
    if (rules.publishesHalf) yield* this.#tail(number, end);
    yield step("publish.write", number, end, "second");
    slot.second = value;
    if (rules.stampsAfterWriting) yield* this.#stamp(slot, number, end);
    if (!rules.publishesBeforeWriting && !rules.publishesHalf) yield* this.#tail(number, end);
  }

  *#stamp(slot: Slot, number: number, end: number): Steps {
    yield step("publish.stamp", number, end);
    slot.stamp = stampOf(number, this.rules);
  }

  *#tail(number: number, end: number): Steps {
    const { world, me, rules } = this;
    let sleeps = 0;
    if (!rules.disarmsAfterPublishing) {
      yield step("publish.lookForSleepers", number, end);
      sleeps = world.sleepers;
      if (sleeps !== 0) yield* this.#disarm(number, end);
    }
    yield step("publish.tail", number, end, sleeps);
    if (world.published[number] !== undefined) world.wrong ??= `element ${number} was published twice`;
    world.published[number] = 100 * me + number;
    world.tail = number + 1;
    if (!rules.looksForSleepersBeforeOnly) {
      yield step("publish.lookAgain", number, end, sleeps);
      sleeps |= world.sleepers;
    }
    if (rules.disarmsAfterPublishing && sleeps !== 0) yield* this.#disarm(number, end);
    if (sleeps === 0) return;
    yield step("publish.wake", number, end);
    wake(world, Infinity);
  }

  *#disarm(number: number, end: number): Steps {
    yield step("publish.disarm", number, end);
    this.world.sleepers = 0;
  }
}

const furtherThan = (distance: number, length: number, { givesUpTheNewest }: BroadcastRules): number =>
  Math.min(length - (givesUpTheNewest ? 0 : 1), Math.max(1, length >> 3, 2 * distance));

class Reader {
  readonly world: BroadcastWorld;
  readonly me: number;
  readonly rules: BroadcastRules;
  position = 0;
  tail = 0;
  overtakenAt = -Infinity;
  distance = 0;
  read = 0;
  missed = 0;
  left = 0;

  constructor(world: BroadcastWorld, me: number, rules: BroadcastRules) {
    this.world = world;
    this.me = me;
    this.rules = rules;
  }

  *run(part: "reader" | "waiter", times: number): Steps {
    for (this.left = times; this.left > 0; this.left -= 1) {
      if (part === "reader") yield* this.#read();
      else while (!(yield* this.#read())) yield* this.#wait();
    }
  }

  /** All that later steps depend on. */
  #step(name: string, ...more: readonly unknown[]) {
    const { position, tail, overtakenAt, distance, read, missed, left } = this;
    return step(name, position, tail, overtakenAt, distance, read, missed, left, ...more);
  }

  *#read(): Steps<boolean> {
    const { world, rules } = this;
    const { length } = world.slots;
    if (this.position === this.tail) {
      yield this.#step("read.tail");
      this.tail = world.tail;
      if (this.position === this.tail && !rules.readsBeyondTheTail) return false;
    }
    for (let distance = -1; ; distance = furtherThan(distance, length, rules)) {
      const found = yield* this.#load(distance);
      if (found !== undefined) {
        this.#take(found);
        return true;
      }
      if (rules.readsBeyondTheTail && this.position >= world.tail) return false;
      if (distance < 0) {
        const isSteady = this.position - this.overtakenAt > length >> 3;
        this.distance = distance = isSteady ? 0 : Math.min(length >> 1, furtherThan(this.distance, length, rules));
      }
      if (!(yield* this.#catchUp(distance))) return false;
    }
  }

  /** Both words of the element that is next, if its slot has it. */
  *#load(distance: number): Steps<readonly [number, number] | undefined> {
    const { world, rules } = this;
    const slot = world.slots[this.position % world.slots.length]!;
    const stamp = stampOf(this.position, rules);
    yield this.#step("read.stamp", distance);
    if (slot.stamp !== stamp && !rules.doesNotStamp) return undefined;
    yield this.#step("read.copy", distance);
    const { first } = slot;
    yield this.#step("read.copy", distance, first);
    const { second } = slot;
    if (!rules.doesNotLookAtTheStampAgain) {
      yield this.#step("read.stampAgain", distance, first, second);
      if (slot.stamp !== stamp && !rules.doesNotStamp) return undefined;
    }
    return [first, second];
  }

  #take([first, second]: readonly [number, number]): void {
    const { world, position } = this;
    if (first !== second) world.wrong ??= `a mixture of ${first} and ${second} was read`;
    if (first !== world.published[position]) {
      world.wrong ??= `element ${position} was read as ${first}, and is ${world.published[position] ?? "not published"}`;
    }
    this.position += 1;
    this.read += 1;
    if (this.read + this.missed !== this.position) world.wrong ??= `at ${this.position}: ${this.missed} were missed`;
  }

  /** Whether there may be one. */
  *#catchUp(distance: number): Steps<boolean> {
    const { world, rules, position } = this;
    const { length } = world.slots;
    yield this.#step("read.tailAgain", distance);
    this.tail = world.tail;
    let next = Math.max(position + 1, this.tail - length + distance);
    if (rules.staysWhereItIsOvertaken) next = Math.max(position, this.tail - length);
    if (rules.skipsWhatIsThere) next = this.tail;
    // Only who was overtaken again just now gives up what may be there.
    const lost = distance === 0 ? next : position;
    for (let gone = position; gone < lost; gone += 1) {
      if (gone + length > this.tail) world.wrong ??= `element ${gone} was missed, and nobody overwrites it`;
    }
    // Nothing is left only where the newest one is being overwritten.
    const newest = world.slots[(this.tail - 1) % length]!;
    if (next === this.tail && newest.stamp === stampOf(this.tail - 1, rules)) {
      world.wrong ??= `element ${this.tail - 1} was missed, and it is the newest`;
    }
    this.missed += next - position - (rules.countsOneLess ? 1 : 0);
    this.position = this.overtakenAt = next;
    return next !== this.tail;
  }

  /** Until the tail is another one. */
  *#wait(): Steps {
    const { world, me, rules } = this;
    for (;;) {
      yield this.#step("changed.look");
      if (world.tail !== this.tail) return;
      if (!rules.sleepsWithoutSaying) {
        yield this.#step("changed.arm");
        world.sleepers = 1;
      }
      world.sleepsAt[me] = this.tail;
      const isAsExpected = (): boolean => (rules.sleepsOnTheFlag ? world.sleepers === 1 : world.tail === this.tail);
      const { position, tail, overtakenAt, distance, read, missed, left } = this;
      yield* sleep(world, me, isAsExpected, position, tail, overtakenAt, distance, read, missed, left);
      delete world.sleepsAt[me];
    }
  }
}
