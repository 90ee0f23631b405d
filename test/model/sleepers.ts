/**
 * What the models of locks, events and semaphores have in common: parties that sleep on words and die, and every interleaving of them.
 *
 * As long as nobody has died, a sleeper goes on only when it is woken: a wake-up that is lost is found. After a death it may go on at any
 * time, as sleepers do that look again after a while.
 */
import { readFileSync } from "node:fs";

/** What a party does next. `locals` is all that its later steps depend on, apart from the world. */
export interface Step {
  readonly name: string;
  readonly locals: readonly unknown[];
  /** Absent: always. */
  readonly can?: () => boolean;
}
export type Steps<T = void> = Generator<Step, T, void>;

export const step = (name: string, ...locals: readonly unknown[]): Step => ({ name, locals });

/** What all such worlds have. Parties are numbered from 1 on. */
export interface World {
  readonly dead: Set<number>;
  /** Dead ones whose numbers are free again. */
  readonly recovered: Set<number>;
  /** Who recovers just now; the kernel lets go of it when it dies. */
  recoverer: number;
  /** In the order in which they lay down. */
  readonly asleep: number[];
  /** What went wrong, found by a step. */
  wrong?: string;
}

export const emptyWorld = (): World => ({ dead: new Set(), recovered: new Set(), recoverer: 0, asleep: [] });

/** Sleeps if the word is as expected, in one step of the kernel's. */
export function* sleep(world: World, me: number, isAsExpected: () => boolean, ...locals: unknown[]): Steps {
  yield step("sleep", ...locals);
  if (!isAsExpected()) return;
  world.asleep.push(me);
  yield { ...step("asleep", ...locals), can: () => !world.asleep.includes(me) || world.dead.size > 0 };
  forget(world, me);
}

/** Wakes the first `count`; says how many there were. */
export const wake = (world: World, count: number): number => world.asleep.splice(0, count).length;

function forget(world: World, who: number): void {
  const at = world.asleep.indexOf(who);
  if (at >= 0) world.asleep.splice(at, 1);
}

/** Recoverers exclude each other, and find what another one has done before. */
export function* recovering(
  world: World,
  me: number,
  number: number,
  recover: () => Steps,
  ...locals: unknown[]
): Steps {
  yield { ...step("recover.lock", number, ...locals), can: () => world.recoverer === 0 };
  world.recoverer = me;
  if (!world.recovered.has(number)) yield* recover();
  yield step("recover.unlock", number, ...locals);
  world.recovered.add(number);
  world.recoverer = 0;
}

export interface Model<W extends World> {
  readonly parties: number;
  /** How many die at most. */
  readonly deaths: number;
  world(): W;
  run(world: W, me: number): Steps;
  /** What is wrong with a state in which anybody may look. */
  wrongWith(world: W): string | undefined;
  /** What is wrong when nobody has anything left to do. */
  wrongAtEnd?(world: W): string | undefined;
  /** Whether it is right that somebody goes on sleeping. Absent: never. */
  mayStay?(world: W): boolean;
  /** What a death changes at once, besides what {@link World} has. */
  dies?(world: W, who: number): void;
}

export interface Exploration {
  readonly states: number;
  readonly steps: ReadonlySet<string>;
  readonly violation: { readonly what: string; readonly trace: readonly string[] } | undefined;
}

interface State {
  readonly parent: State | undefined;
  /** Whose turn led here, or whose death (negative). */
  readonly turn: number;
  /** Without deaths: nobody has to die for others to go on. */
  readonly next: State[];
  isEnd: boolean;
}

/** All states, each looked at once, shortest ways first; then whether everybody's end can be reached from each of them. */
export function explore<W extends World>(model: Model<W>): Exploration {
  const steps = new Set<string>();
  const seen = new Map<string, State>();
  const root: State = { parent: undefined, turn: 0, next: [], isEnd: false };
  const queue = [root];
  for (const state of queue) {
    const run = replay(model, state);
    const what =
      run.world.wrong ?? model.wrongWith(run.world) ?? (run.isEnd ? model.wrongAtEnd?.(run.world) : undefined);
    if (what !== undefined) return { states: seen.size, steps, violation: { what, trace: traceTo(model, state) } };
    const known = seen.get(run.key);
    if (known !== undefined) {
      if (state.turn > 0) state.parent?.next.push(known);
      continue;
    }
    seen.set(run.key, state);
    if (state.turn > 0) state.parent?.next.push(state);
    state.isEnd = run.isEnd || model.mayStay?.(run.world) === true;
    for (const name of run.names) steps.add(name);
    for (const turn of run.turns) queue.push({ parent: state, turn, next: [], isEnd: false });
  }
  const stuck = withoutEnd([...seen.values()]);
  const violation = stuck && { what: "somebody sleeps for ever", trace: traceTo(model, stuck) };
  return { states: seen.size, steps, violation };
}

function traceTo<W extends World>(model: Model<W>, state: State): string[] {
  const trace: string[] = [];
  replay(model, state, trace);
  return trace;
}

/** A state from which no end is reached. */
function withoutEnd(states: readonly State[]): State | undefined {
  const before = new Map<State, State[]>();
  for (const state of states) for (const next of state.next) before.set(next, [...(before.get(next) ?? []), state]);
  const reaching = new Set(states.filter(({ isEnd }) => isEnd));
  for (const state of reaching) for (const one of before.get(state) ?? []) reaching.add(one);
  return states.find((state) => !reaching.has(state));
}

function turnsTo(state: State): number[] {
  const turns: number[] = [];
  for (let one: State | undefined = state; one?.parent !== undefined; one = one.parent) turns.push(one.turn);
  return turns.reverse();
}

function replay<W extends World>(model: Model<W>, state: State, trace?: string[]) {
  const world = model.world();
  const numbers = Array.from({ length: model.parties }, (_, at) => at + 1);
  const runs = numbers.map((me) => model.run(world, me));
  const next = runs.map((run) => run.next().value);
  for (const turn of turnsTo(state)) {
    const who = Math.abs(turn);
    const now = next[who - 1];
    if (turn > 0) {
      trace?.push(`${who} ${now?.name} ${now?.locals.join(" ")}`.trimEnd());
      next[who - 1] = runs[who - 1]?.next().value ?? undefined;
      continue;
    }
    trace?.push(`${who} dies before ${now?.name}`);
    world.dead.add(who);
    next[who - 1] = undefined;
    forget(world, who);
    if (world.recoverer === who) world.recoverer = 0;
    model.dies?.(world, who);
  }
  const alive = numbers.filter((who) => next[who - 1] !== undefined);
  const able = alive.filter((who) => next[who - 1]?.can?.() !== false);
  const mortal = world.dead.size < model.deaths ? alive.map((who) => -who) : [];
  const locals = next.map((one) => one && [one.name, one.locals]);
  return {
    world,
    isEnd: alive.length === 0,
    names: able.map((who) => next[who - 1]?.name ?? ""),
    turns: [...able, ...mortal],
    key: JSON.stringify([world, [...world.dead], [...world.recovered], locals]),
  };
}

/** What the models do besides the steps of the code: the kernel's own, those of participants, and what is done between two calls. */
const OTHERS = new Set(["sleep", "asleep", "recover.lock", "recover.unlock", "data.begin", "data.end", "work"]);

/** Of steps that were taken, those that the code has to name. Sleeping has a name of its own in each. */
export function stepsOfCode(steps: Iterable<string>, sleeps?: string): string[] {
  const own = [...steps].filter((name) => !OTHERS.has(name));
  return [...new Set(sleeps === undefined ? own : [...own, sleeps])].sort();
}

/** Names of steps in comments of the code. */
export function stepsNamedIn(...files: readonly string[]): string[] {
  const names = files.flatMap((file) => {
    const text = readFileSync(new URL(`../../runtime/containers/${file}.ts`, import.meta.url), "utf8");
    return [...text.matchAll(/\/\/ Steps? ([\w. ]+)/g)].flatMap(([, found = ""]) => found.trim().split(/[. ] | /));
  });
  return [...new Set(names.filter((name) => /^[a-z]+\.[a-zA-Z]+$/.test(name)))].sort();
}
