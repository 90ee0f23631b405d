/**
 * Memory that a foreign writer guards by counters of its own, and a reader of it, as machines. A step is one load or store of memory, or the fence;
 * runtime/access/guards.ts and runtime/region/stable.ts name them in their comments.
 *
 * The writer's stores take place in their order, as it has to see to. The reader's plain loads do not: a processor may do them before and after others, as
 * arm64 does. What orders them is that the first look at counters is an atomic load, behind which everything stays, and the fence, before which everything is done.
 * Each write n stores n into both words of the data.
 */

/** Seeded mistakes; all false is what the runtime does. */
export interface StableRules {
  readonly doesNotLookAgain: boolean;
  readonly hasNoFence: boolean;
  readonly looksPlainly: boolean;
  readonly acceptsAny: boolean;
  readonly looksAtBeginFirst: boolean;
  readonly looksAtItsTickAlone: boolean;
  readonly readsAnotherBuffer: boolean;
  /** A writer that does not keep to its own rule. */
  readonly writerCountsTooEarly: boolean;
}

export const STABLE_RULES: StableRules = {
  doesNotLookAgain: false,
  hasNoFence: false,
  looksPlainly: false,
  acceptsAny: false,
  looksAtBeginFirst: false,
  looksAtItsTickAlone: false,
  readsAnotherBuffer: false,
  writerCountsTooEarly: false,
};

export type GuardKind = "pair" | "even" | "newest";

export interface StableScenario {
  readonly kind: GuardKind;
  readonly writes: number;
  readonly mayDie: boolean;
  /** Of "newest". */
  readonly buffers: number;
}

export interface StableWorld {
  /** `begin`, `end`, `sequence`; of each buffer `tick0`, `first0`, `second0`. */
  readonly memory: Record<string, number>;
  /** Writes that have ended. */
  published: number;
  /** Stores that the writer has made, and whether it goes on. */
  stored: number;
  dead: boolean;
  /** What the reader has loaded in this try, by the name of the load. */
  seen: Record<string, number>;
  /** What was published when the try began, and whether nobody wrote any more. */
  noted: number;
  notedEnd: boolean;
  /** "": the reader goes on. */
  outcome: "" | "whole" | "busy";
  wrong: string;
}

export const beginStable = (): StableWorld => ({
  memory: {},
  published: 0,
  stored: 0,
  dead: false,
  seen: {},
  noted: -1,
  notedEnd: false,
  outcome: "",
  wrong: "",
});

type Store = readonly [word: string, value: number];

/** All stores of the writer, in their order. The one that publishes is the last of each write. */
export function storesOf({ kind, writes, buffers }: StableScenario, rules: StableRules): readonly (readonly Store[])[] {
  return Array.from({ length: writes }, (_, at): Store[] => {
    const n = at + 1;
    const buffer = kind === "newest" ? at % buffers : 0;
    const data: Store[] = [
      [`first${buffer}`, n],
      [`second${buffer}`, n],
    ];
    const last: Store = kind === "pair" ? ["end", n] : kind === "even" ? ["sequence", 2 * n] : [`tick${buffer}`, n];
    const first: Store[] = kind === "pair" ? [["begin", n]] : kind === "even" ? [["sequence", 2 * n - 1]] : [];
    const [one, two] = data as [Store, Store];
    return rules.writerCountsTooEarly ? [...first, one, last, two] : [...first, one, two, last];
  });
}

/** A load of the reader: its name, which is that of the step with a number behind it, and its word. */
interface Load {
  readonly name: string;
  readonly step: string;
  readonly word: string;
  readonly part: "look" | "read" | "again";
}

const load = (part: Load["part"], step: string, word: string, name = `${step} ${word}`): Load => ({
  name,
  step,
  word,
  part,
});

/** The loads of one try, in the order of the program. Which buffer is read depends on what the look has seen. */
function loadsOf({ kind, buffers }: StableScenario, seen: StableWorld["seen"], rules: StableRules): readonly Load[] {
  const ticks = Array.from({ length: kind === "newest" ? buffers : 0 }, (_, at) => `tick${at}`);
  const buffer = kind === "newest" ? chosen(ticks, seen, rules) : 0;
  const read = [`first${buffer}`, `second${buffer}`].map((word) => load("read", "stable.read", word));
  if (kind === "newest") {
    const look = ticks.map((word) => load("look", "newest.ticks", word));
    return [...look, ...read, ...ticks.map((word) => load("again", "newest.ticksAgain", word))];
  }
  if (kind === "even")
    return [load("look", "even.look", "sequence"), ...read, load("again", "even.lookAgain", "sequence")];
  const [before, after] = rules.looksAtBeginFirst ? ["begin", "end"] : ["end", "begin"];
  return [load("look", "pair.end", before), ...read, load("again", "pair.begin", after)];
}

function chosen(ticks: readonly string[], seen: StableWorld["seen"], rules: StableRules): number {
  const values = ticks.map((word) => seen[`newest.ticks ${word}`] ?? -1);
  const newest = values.indexOf(Math.max(...values));
  return rules.readsAnotherBuffer ? (newest + 1) % ticks.length : newest;
}

/** The loads, and the fence, that may take place now. */
export function possible(
  scenario: StableScenario,
  world: StableWorld,
  rules: StableRules,
): readonly (Load | "stable.fence")[] {
  const loads = loadsOf(scenario, world.seen, rules);
  const isDone = ({ name }: Load): boolean => world.seen[name] !== undefined;
  const all = (part: Load["part"]): boolean => loads.every((one) => one.part !== part || isDone(one));
  const hasFence = world.seen["stable.fence"] !== undefined;
  const mayGo: Record<Load["part"], boolean> = {
    look: true,
    // The addresses of a buffer come out of the look, whatever kind of load that is.
    read: all("look") || (rules.looksPlainly && scenario.kind !== "newest"),
    again: rules.hasNoFence ? all("look") : hasFence,
  };
  const next: (Load | "stable.fence")[] = loads.filter((one) => !isDone(one) && mayGo[one.part]);
  // Atomic loads keep their order among each other.
  const ordered = next.filter(
    (one) =>
      one === next.find((other) => other !== "stable.fence" && one !== "stable.fence" && other.part === one.part) ||
      (one !== "stable.fence" && one.part === "read"),
  );
  return all("look") && all("read") && !hasFence ? [...ordered, "stable.fence"] : ordered;
}

/** The reader's next load, or its fence. */
export function takeLoad(
  scenario: StableScenario,
  world: StableWorld,
  taken: Load | "stable.fence",
  rules: StableRules,
): string {
  if (Object.keys(world.seen).length === 0) {
    world.noted = world.published;
    world.notedEnd = world.dead || world.stored === storesOf(scenario, rules).flat().length;
  }
  if (taken === "stable.fence") {
    world.seen[taken] = 1;
    return judged(scenario, world, rules, taken);
  }
  world.seen[taken.name] = world.memory[taken.word] ?? 0;
  return judged(scenario, world, rules, taken.step);
}

/** At the end of a try. */
function judged(scenario: StableScenario, world: StableWorld, rules: StableRules, step: string): string {
  const { seen, noted } = world;
  const loads = loadsOf(scenario, seen, rules);
  if (seen["stable.fence"] === undefined || loads.some(({ name }) => seen[name] === undefined)) return step;
  const [first = 0, second = 0] = loads.filter(({ part }) => part === "read").map(({ name }) => seen[name] ?? 0);
  if (isAccepted(scenario, loads, seen, rules)) {
    if (first !== second) world.wrong = `the reader took ${first} and ${second} for one value`;
    else if (first < noted) world.wrong = `the reader took ${first} after ${noted} was published`;
    world.outcome = "whole";
  } else if (world.notedEnd) {
    const isLeftHalf = world.dead && scenario.kind !== "newest";
    if (!isLeftHalf && world.published > 0) world.wrong = "the reader refused memory that nobody writes any more";
    world.outcome = "busy";
  }
  world.seen = {};
  return step;
}

function isAccepted(
  { kind }: StableScenario,
  loads: readonly Load[],
  seen: StableWorld["seen"],
  rules: StableRules,
): boolean {
  const values = (part: Load["part"]): number[] =>
    loads.filter((one) => one.part === part).map(({ name }) => seen[name] ?? 0);
  const [before, again] = [values("look"), values("again")];
  if (kind === "pair") return rules.doesNotLookAgain || before[0] === again[0];
  if (kind === "even") {
    return (rules.acceptsAny || (before[0]! & 1) === 0) && (rules.doesNotLookAgain || before[0] === again[0]);
  }
  const newest = before.indexOf(Math.max(...before));
  const isInTurn = (ticks: readonly number[]): boolean =>
    rules.looksAtItsTickAlone || ticks.some((tick) => tick < before[newest]!);
  const isSame = again[newest] === before[newest];
  return (rules.acceptsAny || isInTurn(before)) && (rules.doesNotLookAgain || (isSame && isInTurn(again)));
}
