/**
 * Queues, schema/containers/queue.ts. The names of the steps are those of runtime/containers/queue/ and parts/gate.ts. The locks have a model
 * of their own (owner-word.ts); here one is taken in a step when nobody has it, or a dead one, which is recovered then. A slot has two
 * halves, so that one that is half written is seen. Of a gate the lower bits count, 64 is bit 31.
 */
import { type Model, type Steps, type World, emptyWorld, recovering, sleep, step } from "./sleepers.js";

/** Seeded mistakes; all false is the queue. */
export const QUEUE = {
  publishesBeforeItStores: false,
  takesBeforeItCopies: false,
  looksAtNoCounterAgain: false,
  unlocksBeforeItPublishes: false,
  sleepsWithoutLookingAgain: false,
  doesNotWake: false,
  wakesBeforeItPublishes: false,
  locksNothing: false,
  recoversNoLock: false,
};
export type QueueRules = Readonly<typeof QUEUE>;

/** Pushes one element, or takes one; both sleep until they can. */
export type Party = "push" | "pop";

const SLEEPERS = 64;
const MODULUS = 8;

/** A side: its counter, lock, what it knows of the other counter, and the gate at which the other side sleeps. */
interface Side {
  counter: number;
  lock: number;
  seen: number;
  gate: number;
}

interface QueueWorld extends World {
  readonly tail: Side;
  readonly head: Side;
  /** Two halves of each slot. */
  readonly slots: [number, number][];
  /** What was published, in this order; those that were taken are at its front. */
  readonly published: number[];
  taken: number;
  /** By which side's gate a party sleeps that does: that whose counter it waits for. */
  readonly where: ("tail" | "head")[];
  readonly hasEnded: boolean[];
}

const side = (): Side => ({ counter: MODULUS - 1, lock: 0, seen: MODULUS - 1, gate: 0 });
const behind = (counter: number, other: number): number => (counter - other + MODULUS) % MODULUS;

/** `length` is a power of two and less than the modulus of the counters. */
export function queueModel(
  programs: readonly (readonly Party[])[],
  rules: QueueRules,
  { length, deaths }: { readonly length: number; readonly deaths: number },
): Model<QueueWorld> {
  const pushes = programs.flat().filter((kind) => kind === "push").length;
  const pops = programs.flat().length - pushes;
  return {
    parties: programs.length,
    deaths,
    world: () => ({
      ...emptyWorld(),
      tail: side(),
      head: side(),
      slots: Array.from({ length }, () => [0, 0]),
      published: [],
      taken: 0,
      where: programs.map(() => "tail"),
      hasEnded: programs.map(() => false),
    }),
    run: (world, me) => new QueueParty(world, me, rules, length).run(programs[me - 1] ?? []),
    wrongWith({ tail, head, recovered }) {
      if (recovered.has(tail.lock) || recovered.has(head.lock)) return "a lock says a number that is free";
      return behind(tail.counter, head.counter) > length ? "more elements than slots" : undefined;
    },
    wrongAtEnd({ dead, published, taken }) {
      if (dead.size > 0) return undefined;
      return published.length === pushes && taken === pops ? undefined : "an element is lost, or there twice";
    },
    // Whoever was to push, or to take, may have died.
    mayStay: ({ dead, asleep, hasEnded, tail, head, where }) =>
      dead.size > 0 &&
      hasEnded.every((ended, at) => ended || dead.has(at + 1) || asleep.includes(at + 1)) &&
      asleep.every((who) => behind(tail.counter, head.counter) === (where[who - 1] === "tail" ? 0 : length)),
  };
}

class QueueParty {
  readonly world: QueueWorld;
  readonly me: number;
  readonly rules: QueueRules;
  readonly length: number;

  constructor(world: QueueWorld, me: number, rules: QueueRules, length: number) {
    this.world = world;
    this.me = me;
    this.rules = rules;
    this.length = length;
  }

  *run(program: readonly Party[]): Steps {
    for (const [at, kind] of program.entries()) {
      yield* kind === "push"
        ? this.#wait("head", (again) => this.#push(at, again), at)
        : this.#wait("tail", (again) => this.#pop(at, again), at);
    }
    this.world.hasEnded[this.me - 1] = true;
  }

  /** Tries, and sleeps at the gate of the other side until it succeeds. */
  *#wait(where: "tail" | "head", attempt: (again: string) => Steps<boolean>, at: number): Steps {
    const { world, me, rules } = this;
    const other = world[where];
    for (;;) {
      if (yield* attempt("first")) return;
      yield step("gate.look", at);
      let { gate } = other;
      if (gate < SLEEPERS) {
        yield step("gate.announce", at, gate);
        other.gate = gate = other.gate | SLEEPERS;
      }
      if (!rules.sleepsWithoutLookingAgain && (yield* attempt(`again ${gate}`))) return;
      const laid = gate;
      world.where[me - 1] = where;
      yield* sleep(world, me, () => other.gate === laid, at, laid);
    }
  }

  /** What the dead have is recovered by whoever wants it. */
  *#lock(own: Side, ...locals: unknown[]): Steps {
    const { world, me, rules } = this;
    for (;;) {
      if (rules.locksNothing) return;
      yield { ...step("lock", ...locals), can: () => own.lock === 0 || world.dead.has(own.lock) };
      if (own.lock === 0) {
        own.lock = me;
        return;
      }
      const dead = own.lock;
      yield* recovering(world, me, dead, () => this.#recover(dead, ...locals), ...locals);
    }
  }

  *#unlock(own: Side, ...locals: unknown[]): Steps {
    yield step("unlock", ...locals);
    if (own.lock === this.me) own.lock = 0;
  }

  *#push(at: number, again: string): Steps<boolean> {
    const { world, me, rules, length } = this;
    const { tail, head } = world;
    const element = me * 10 + at;
    yield* this.#lock(tail, at, again);
    yield step("push.readTail", at, again);
    const own = tail.counter;
    let { seen } = tail;
    if (behind(own, seen) >= length && !rules.looksAtNoCounterAgain) {
      yield step("push.rereadHead", at, again, own);
      seen = head.counter;
      yield step("push.noteHead", at, again, own, seen);
      tail.seen = seen;
      if (behind(own, seen) >= length) {
        yield* this.#unlock(tail, at, again, "full");
        return false;
      }
    }
    const slot = world.slots[own % length] as [number, number];
    if (rules.wakesBeforeItPublishes) yield* this.#wake("tail", at);
    if (rules.publishesBeforeItStores) yield* this.#publish(element, own, at, again);
    for (const half of [0, 1] as const) {
      yield step(half === 0 ? "push.first" : "push.second", at, again, own);
      slot[half] = element;
    }
    if (rules.unlocksBeforeItPublishes) yield* this.#unlock(tail, at, again, "early");
    if (!rules.publishesBeforeItStores) yield* this.#publish(element, own, at, again);
    yield* this.#unlock(tail, at, again, "done");
    if (!rules.doesNotWake && !rules.wakesBeforeItPublishes) yield* this.#wake("tail", at);
    return true;
  }

  *#publish(element: number, own: number, at: number, again: string): Steps {
    const { world } = this;
    yield step("push.publish", at, again, own);
    if (world.tail.counter !== own) world.wrong = "two have pushed to one place";
    world.tail.counter = (own + 1) % MODULUS;
    world.published.push(element);
  }

  *#pop(at: number, again: string): Steps<boolean> {
    const { world, rules, length } = this;
    const { tail, head } = world;
    yield* this.#lock(head, at, again);
    yield step("pop.readHead", at, again);
    const own = head.counter;
    let { seen } = head;
    const ahead = behind(seen, own);
    if (ahead === 0 || ahead > length) {
      yield step("pop.rereadTail", at, again, own);
      seen = tail.counter;
      yield step("pop.noteTail", at, again, own, seen);
      head.seen = seen;
      if (seen === own) {
        yield* this.#unlock(head, at, again, "empty");
        return false;
      }
    }
    const slot = world.slots[own % length] as [number, number];
    if (rules.takesBeforeItCopies) yield* this.#take(own, at, again);
    const place = world.taken - (rules.takesBeforeItCopies ? 1 : 0);
    yield step("pop.first", at, again, own, place);
    const [first] = slot;
    yield step("pop.second", at, again, own, place, first);
    const [, second] = slot;
    if (first !== second) world.wrong = "an element is torn";
    if (first !== world.published[place]) world.wrong = "another element than the next one";
    if (!rules.takesBeforeItCopies) yield* this.#take(own, at, again);
    yield* this.#unlock(head, at, again, "done");
    yield* this.#wake("head", at);
    return true;
  }

  *#take(own: number, at: number, again: string): Steps {
    const { world } = this;
    yield step("pop.take", at, again, own);
    if (world.head.counter !== own) world.wrong = "two have taken one element";
    world.head.counter = (own + 1) % MODULUS;
    world.taken += 1;
    if (world.taken > world.published.length) world.wrong = "an element was taken that nobody published";
  }

  *#wake(where: "tail" | "head", at: number): Steps {
    const own = this.world[where];
    yield step("gate.look", at, "wake");
    for (let { gate } = own; gate >= SLEEPERS; gate = own.gate) {
      yield step("gate.raise", at, gate);
      if (own.gate !== gate) continue;
      const raised = ((gate + 1) % SLEEPERS) | SLEEPERS;
      own.gate = raised;
      yield step("gate.wake", at, raised);
      if (this.#wakeAt(where, 1) > 0) return;
      yield step("gate.lower", at, raised);
      if (own.gate !== raised) return;
      own.gate = raised % SLEEPERS;
      yield step("gate.wakeAll", at);
      this.#wakeAt(where, Infinity);
      return;
    }
  }

  #wakeAt(where: "tail" | "head", count: number): number {
    const { asleep, where: places } = this.world;
    const there = asleep.filter((who) => places[who - 1] === where).slice(0, count);
    asleep.splice(0, asleep.length, ...asleep.filter((who) => !there.includes(who)));
    return there.length;
  }

  *#recover(number: number, ...locals: unknown[]): Steps {
    const { world, rules } = this;
    for (const where of ["tail", "head"] as const) {
      yield step("recover.free", number, where, ...locals);
      if (world[where].lock === number && !rules.recoversNoLock) world[where].lock = 0;
    }
    for (const where of ["tail", "head"] as const) {
      yield step("recover.lookGate", number, where, ...locals);
      for (let { gate } = world[where]; gate >= SLEEPERS; gate = world[where].gate) {
        yield step("recover.gate", number, where, gate, ...locals);
        if (world[where].gate !== gate) continue;
        world[where].gate = (gate + 1) % SLEEPERS;
        break;
      }
      yield step("recover.wake", number, where, ...locals);
      this.#wakeAt(where, Infinity);
    }
  }
}
