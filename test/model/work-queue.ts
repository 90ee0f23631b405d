/**
 * Queues of work, schema/containers/work-queue.ts. The names of the steps are those of runtime/containers/work-queue/ and of lists.ts. A slot has
 * two halves, so that a job that is half written is seen.
 */
import {
  isQuiet,
  listed,
  ListParty,
  LISTS,
  type ListWorld,
  listWorld,
  NOBODY,
  wrongWithFree,
  wrongWithNumbers,
} from "./lists.js";
import { type Model, type Steps, step } from "./sleepers.js";

/** Seeded mistakes; all false is the queue. */
export const WORK_QUEUE = {
  ...LISTS,
  isReadyBeforeItIsStored: false,
  dropsWhatTheDeadHad: false,
  putsWhatCameBackLast: false,
  rebuildsInAnyOrder: false,
};
export type WorkQueueRules = Readonly<typeof WORK_QUEUE>;

/** Pushes a job; leases one and says that it is done; leases one and gives it back, first or last. */
export type Party = "push" | "work" | "retry" | "retryLast";

const READY = NOBODY;

interface WorkWorld extends ListWorld {
  first: number;
  last: number;
  /** The next ticket, and those of the slots. */
  tickets: number;
  readonly ticketOf: number[];
  readonly attempts: number[];
  readonly slots: [number, number][];
  readonly published: Set<number>;
  readonly done: Set<number>;
}

export function workQueueModel(
  programs: readonly (readonly Party[])[],
  rules: WorkQueueRules,
  { slots, deaths, dead = [] }: { readonly slots: number; readonly deaths: number; readonly dead?: readonly number[] },
): Model<WorkWorld> {
  return {
    parties: programs.length,
    deaths: deaths + dead.length,
    world: () => ({
      ...listWorld(slots, dead),
      first: 0,
      last: 0,
      tickets: dead.length + 1,
      // The later one has the earlier ticket, so that order is not that of the slots.
      ticketOf: Array.from({ length: slots }, (_, index) => (index < dead.length ? dead.length - index : 0)),
      attempts: Array.from({ length: slots }, () => 0),
      slots: Array.from({ length: slots }, (_, index) => (index < dead.length ? [index + 1, index + 1] : [0, 0])),
      published: new Set(dead.map((_, index) => index + 1)),
      done: new Set(),
    }),
    run: (world, me) => new WorkParty(world, me, rules).run(programs[me - 1] ?? []),
    wrongWith(world) {
      const wrong = wrongWithNumbers(world) ?? wrongWithJobs(world);
      return wrong ?? (isQuiet(world) ? (wrongWithFree(world) ?? wrongWithReady(world)) : undefined);
    },
    wrongAtEnd: ({ states, dead: gone }) =>
      states.every((state) => state === 0 || state === READY || gone.has(state)) ? undefined : "a lease has no end",
  };
}

function wrongWithJobs({ published, done, states, slots }: WorkWorld): string | undefined {
  for (const job of published) {
    const there = states.filter((state, index) => state !== 0 && slots[index]?.[0] === job).length;
    if (there !== (done.has(job) ? 0 : 1)) return `job ${job} is there ${there} times`;
  }
  return undefined;
}

function wrongWithReady(world: WorkWorld): string | undefined {
  const list = listed(world, world.first);
  if (typeof list === "string") return list;
  const ready = world.states.map((_, index) => index).filter((index) => world.states[index] === READY);
  const ordered = ready.sort((one, other) => (world.ticketOf[one] ?? 0) - (world.ticketOf[other] ?? 0));
  if (list.join() !== ordered.join()) return `ready are ${ordered.join()}, and listed ${list.join()}`;
  return world.last === (list.at(-1) ?? -1) + 1 ? undefined : "the last one is another one";
}

class WorkParty extends ListParty<WorkWorld> {
  declare readonly rules: WorkQueueRules;
  protected leftOf(): number {
    return this.rules.dropsWhatTheDeadHad ? 0 : READY;
  }

  *run(program: readonly Party[]): Steps {
    for (const [at, kind] of program.entries()) {
      if (kind === "push") yield* this.#push(at);
      else yield* this.#work(kind, at);
    }
  }

  *#push(at: number): Steps {
    const { world, me, rules } = this;
    const job = me * 10 + at;
    yield* this.lock(at);
    yield* this.mend(at);
    const index = yield* this.takeFree(at);
    if (index >= 0) {
      if (rules.isReadyBeforeItIsStored) yield* this.#publish(index, job, at);
      for (const half of [0, 1] as const) {
        yield step(half === 0 ? "push.first" : "push.second", at, index);
        (world.slots[index] as [number, number])[half] = job;
      }
      yield step("push.attempts", at, index);
      world.attempts[index] = 0;
      yield step("push.ticket", at, index);
      world.ticketOf[index] = world.tickets;
      world.tickets += 1;
      if (!rules.isReadyBeforeItIsStored) yield* this.#publish(index, job, at);
      yield* this.#append(index, at);
    }
    yield* this.unlock(at);
  }

  *#publish(index: number, job: number, at: number): Steps {
    yield step("push.publish", at, index);
    this.world.states[index] = READY;
    this.world.published.add(job);
  }

  *#append(index: number, ...locals: unknown[]): Steps {
    const { world } = this;
    const last = world.last - 1;
    yield step("ready.end", index, last, ...locals);
    world.nexts[index] = 0;
    yield step(last < 0 ? "ready.first" : "ready.link", index, last, ...locals);
    if (last < 0) world.first = index + 1;
    else world.nexts[last] = index + 1;
    yield step("ready.last", index, ...locals);
    world.last = index + 1;
  }

  *#insert(index: number, ...locals: unknown[]): Steps {
    const { world, rules } = this;
    const ticket = world.ticketOf[index] ?? 0;
    let [before, next] = [-1, world.first - 1];
    while (next >= 0 && ((world.ticketOf[next] ?? 0) < ticket || rules.putsWhatCameBackLast)) {
      [before, next] = [next, (world.nexts[next] ?? 0) - 1];
    }
    if (next < 0) return yield* this.#append(index, ...locals);
    yield step("ready.end", index, next, ...locals);
    world.nexts[index] = next + 1;
    yield step(before < 0 ? "ready.first" : "ready.link", index, before, ...locals);
    if (before < 0) world.first = index + 1;
    else world.nexts[before] = index + 1;
  }

  *#work(kind: Party, at: number): Steps {
    const { world, me } = this;
    const index = yield* this.#lease(at);
    if (index < 0) return;
    yield step("work", at, index);
    yield* this.lock(at, index, "end");
    yield* this.mend(at, index, "end");
    if (kind === "retryLast") {
      yield step("push.ticket", at, index);
      world.ticketOf[index] = world.tickets;
      world.tickets += 1;
    }
    yield step(kind === "work" ? "done.publish" : "retry.publish", at, index);
    if (world.states[index] !== me) world.wrong = "its job is another one's";
    world.states[index] = kind === "work" ? 0 : READY;
    const [job] = world.slots[index] as [number, number];
    if (kind === "work") {
      if (world.done.has(job)) world.wrong = "a job is done twice";
      world.done.add(job);
      yield* this.give(index, at);
    } else if (kind === "retryLast") yield* this.#append(index, at);
    else yield* this.#insert(index, at);
    yield* this.unlock(at, "end");
  }

  *#lease(at: number): Steps<number> {
    const { world, me } = this;
    for (const again of ["first", "again"]) {
      yield* this.lock(at, again);
      yield* this.mend(at, again);
      yield step("ready.look", at, again);
      const index = world.first - 1;
      if (index >= 0) {
        if (world.states[index] !== READY) world.wrong = "what is listed is not ready";
        const next = world.nexts[index] ?? 0;
        yield step("ready.unlink", at, again, index, next);
        world.first = next;
        if (next === 0) {
          yield step("ready.none", at, again, index);
          world.last = 0;
        }
        yield step("lease.publish", at, again, index);
        this.#checkOrder(index);
        world.states[index] = me;
        yield step("lease.count", at, again, index);
        world.attempts[index] = (world.attempts[index] ?? 0) + 1;
        const [first, second] = world.slots[index] as [number, number];
        if (first !== second) world.wrong = "a job is half written";
        yield* this.unlock(at, again, index);
        return index;
      }
      yield* this.unlock(at, again);
      if (again === "first") yield* this.askOwners(at);
    }
    return -1;
  }

  /** What is leased is the first of all that are ready, unless one has come back just now. */
  #checkOrder(index: number): void {
    const { states, ticketOf, losses, repaired, recoverer, dead, recovered } = this.world;
    if (losses !== repaired || recoverer !== 0 || [...dead].some((who) => !recovered.has(who))) return;
    const own = ticketOf[index] ?? 0;
    if (states.some((state, at) => state === READY && (ticketOf[at] ?? 0) < own)) this.world.wrong = "not the first";
  }

  protected *rebuildOthers(...locals: unknown[]): Steps {
    const { world, rules } = this;
    const ready: number[] = [];
    for (let index = 0; index < world.states.length; index += 1) {
      yield step("rebuild.look", index, ready.join(), ...locals);
      if (world.states[index] === READY) ready.push(index);
    }
    if (!rules.rebuildsInAnyOrder)
      ready.sort((one, other) => (world.ticketOf[one] ?? 0) - (world.ticketOf[other] ?? 0));
    for (const [at, index] of ready.entries()) {
      yield step("rebuild.link", at, ready.join(), ...locals);
      world.nexts[index] = (ready[at + 1] ?? -1) + 1;
    }
    yield step("rebuild.first", ready.join(), ...locals);
    world.first = (ready[0] ?? -1) + 1;
    yield step("rebuild.last", ready.join(), ...locals);
    world.last = (ready.at(-1) ?? -1) + 1;
  }
}
