/**
 * What the models of locks, events and semaphores have in common: parties that sleep on words and die, and every interleaving of them.
 *
 * As long as nobody has died, a sleeper goes on only when it is woken: a wake-up that is lost is found. After a death it may go on at any
 * time, as sleepers do that look again after a while.
 */
import { readFileSync } from "node:fs";

/** What a party does next. `locals` is all that its later steps depend on, apart from the world: by value, or objects as they are meanwhile. */
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

/** What a party will do next, as it was met before: equal ones are one object. Absent: nothing any more. */
interface Place {
  readonly id: number;
  readonly name: string;
}

/** Likewise a world, with what is to be said of it whoever is where. */
interface Met {
  readonly id: number;
  readonly wrong: string | undefined;
  readonly wrongAtEnd: string | undefined;
  readonly mayStay: boolean;
  readonly deadCount: number;
  /** By who is at which place, and of deaths by who. */
  readonly turns: Map<number, Turn>;
  readonly deaths: (Met | undefined)[];
}

interface After {
  readonly world: Met;
  readonly place: Place | undefined;
}

interface Turn {
  readonly can: boolean;
  /** Absent: nobody has looked yet. */
  after?: After;
}

interface State {
  readonly id: number;
  readonly parent: State | undefined;
  /** Whose turn led here, or whose death (negative). */
  readonly turn: number;
  readonly world: Met;
  /** Of each party. */
  readonly places: readonly (Place | undefined)[];
}

/** All states, each looked at once, shortest ways first; then whether everybody's end can be reached from each of them. */
export function explore<W extends World>(model: Model<W>): Exploration {
  return new Explorer(model).run();
}

/**
 * What a turn leads to depends on the world and on the place of who takes it, not on where the others are: it is found once for all of
 * them. Finding it is dear, since generators cannot be copied: the turns that lead there are taken again from the beginning. That
 * leads to the state that was expected, or a step leaves out some of its locals.
 */
class Explorer<W extends World> {
  readonly #model: Model<W>;
  readonly #worlds = new Map<string, Met>();
  readonly #places = new Map<string, Place>();
  readonly #known = new Map<string, State>();
  readonly #states: State[] = [];
  /** Of states, by id, without deaths: nobody has to die for others to go on. */
  readonly #before: number[][] = [];
  readonly #ends: number[] = [];
  readonly #steps = new Set<string>();
  #spare: Replay<W> | undefined;

  constructor(model: Model<W>) {
    this.#model = model;
  }

  run(): Exploration {
    const begun = this.#look(new Replay(this.#model));
    const start = this.#reach(undefined, 0, begun.world, begun.places);
    let wrong = this.#wrongWith(start);
    if (wrong !== undefined) return this.#violation(start, wrong);
    for (const state of this.#states) {
      for (const next of this.#expand(state)) {
        wrong = this.#wrongWith(next);
        if (wrong !== undefined) return this.#violation(next, wrong);
      }
    }
    const stuck = this.#withoutEnd();
    if (stuck !== undefined) return this.#violation(stuck, "somebody sleeps for ever");
    return { states: this.#states.length, steps: this.#steps, violation: undefined };
  }

  #violation(state: State, what: string): Exploration {
    const trace: string[] = [];
    new Replay(this.#model).take(turnsTo(state), trace);
    return { states: this.#states.length, steps: this.#steps, violation: { what, trace } };
  }

  #wrongWith({ world, places }: State): string | undefined {
    return world.wrong ?? (places.every((place) => place === undefined) ? world.wrongAtEnd : undefined);
  }

  /** The states that turns and deaths lead to, without those that were reached before. */
  #expand(state: State): State[] {
    const { world, places } = state;
    const isMortal = world.deadCount < this.#model.deaths;
    const found: State[] = [];
    const add = (turn: number, after: After): void => {
      const count = this.#states.length;
      const changed = places.with(Math.abs(turn) - 1, after.place);
      const next = this.#reach(state, turn, after.world, changed);
      if (turn > 0) this.#before[next.id]!.push(state.id);
      if (this.#states.length > count) found.push(next);
    };
    let isEnd = true;
    for (const [index, place] of places.entries()) {
      if (place === undefined) continue;
      isEnd = false;
      const turn = this.#turn(state, index, place);
      if (!turn.can) continue;
      this.#steps.add(place.name);
      add(index + 1, (turn.after ??= this.#move(state, index)));
    }
    if (isEnd || world.mayStay) this.#ends.push(state.id);
    if (!isMortal) return found;
    for (const [index, place] of places.entries()) {
      if (place !== undefined) add(-index - 1, { world: this.#death(state, index + 1), place: undefined });
    }
    return found;
  }

  #turn(state: State, index: number, place: Place): Turn {
    const { turns } = state.world;
    const key = place.id * this.#model.parties + index;
    if (!turns.has(key)) this.#spare = this.#replay(state);
    return turns.get(key)!;
  }

  #move(state: State, index: number): After {
    const { world, places } = this.#look(this.#replay(state).take([index + 1]));
    return { world, place: places[index] };
  }

  #death(state: State, who: number): Met {
    return (state.world.deaths[who] ??= this.#look(this.#replay(state).take([-who])).world);
  }

  /** The state for once: whoever gets it may go on with it. */
  #replay(state: State): Replay<W> {
    const spare = this.#spare;
    this.#spare = undefined;
    if (spare?.state === state) return spare;
    const replay = new Replay(this.#model, state).take(turnsTo(state));
    const { world, places } = this.#look(replay);
    if (world !== state.world || places.some((place, at) => place !== state.places[at])) {
      const trace: string[] = [];
      new Replay(this.#model).take(turnsTo(state), trace);
      throw new Error(`a step depends on what is not among its locals:\n  ${trace.join("\n  ")}`);
    }
    return replay;
  }

  /** What is to be kept of what is really there. */
  #look({ world, next }: Replay<W>): Pick<State, "world" | "places"> {
    const met = this.#met(world);
    const places = next.map((step, index) => {
      const place = this.#place(step);
      if (step === undefined || place === undefined) return undefined;
      const key = place.id * this.#model.parties + index;
      if (!met.turns.has(key)) met.turns.set(key, { can: step.can?.() !== false });
      return place;
    });
    return { world: met, places };
  }

  #reach(parent: State | undefined, turn: number, world: Met, places: State["places"]): State {
    let key = `${world.id}`;
    for (const place of places) key += place === undefined ? "," : `,${place.id}`;
    let state = this.#known.get(key);
    if (state === undefined) {
      state = { id: this.#states.length, parent, turn, world, places };
      this.#known.set(key, state);
      this.#states.push(state);
      this.#before.push([]);
    }
    return state;
  }

  #met(world: W): Met {
    const key = JSON.stringify(world, (_name, value: unknown) => (value instanceof Set ? [...value] : value));
    let met = this.#worlds.get(key);
    if (met === undefined) {
      const model = this.#model;
      met = {
        id: this.#worlds.size,
        wrong: world.wrong ?? model.wrongWith(world),
        wrongAtEnd: model.wrongAtEnd?.(world),
        mayStay: model.mayStay?.(world) === true,
        deadCount: world.dead.size,
        turns: new Map(),
        deaths: [],
      };
      this.#worlds.set(key, met);
    }
    return met;
  }

  #place(step: Step | undefined): Place | undefined {
    if (step === undefined) return undefined;
    const key = JSON.stringify([step.name, step.locals]);
    let place = this.#places.get(key);
    if (place === undefined) {
      place = { id: this.#places.size, name: step.name };
      this.#places.set(key, place);
    }
    return place;
  }

  /** A state from which no end is reached. */
  #withoutEnd(): State | undefined {
    const reaching = new Set(this.#ends);
    for (const id of reaching) for (const one of this.#before[id]!) reaching.add(one);
    return this.#states.find(({ id }) => !reaching.has(id));
  }
}

function turnsTo(state: State): number[] {
  const turns: number[] = [];
  for (let one: State | undefined = state; one?.parent !== undefined; one = one.parent) turns.push(one.turn);
  return turns.reverse();
}

const shown = (local: unknown): string =>
  typeof local === "object" && local !== null ? Object.values(local).join(",") : String(local);

/** A world that is really there, with those who are at work in it. */
class Replay<W extends World> {
  readonly world: W;
  /** Of each party, what it does next. */
  readonly next: (Step | undefined)[];
  /** What it is to be. */
  readonly state: State | undefined;
  readonly #model: Model<W>;
  readonly #runs: Steps[];

  constructor(model: Model<W>, state?: State) {
    this.#model = model;
    this.state = state;
    this.world = model.world();
    this.#runs = Array.from({ length: model.parties }, (_, at) => model.run(this.world, at + 1));
    this.next = this.#runs.map((run) => run.next().value ?? undefined);
  }

  take(turns: readonly number[], trace?: string[]): this {
    for (const turn of turns) {
      const at = Math.abs(turn) - 1;
      const now = this.next[at];
      if (turn > 0) {
        trace?.push(`${turn} ${now?.name} ${now?.locals.map(shown).join(" ")}`.trimEnd());
        this.next[at] = this.#runs[at]?.next().value ?? undefined;
      } else {
        trace?.push(`${-turn} dies before ${now?.name}`);
        this.#die(-turn);
      }
    }
    return this;
  }

  #die(who: number): void {
    const { world } = this;
    world.dead.add(who);
    this.next[who - 1] = undefined;
    forget(world, who);
    if (world.recoverer === who) world.recoverer = 0;
    this.#model.dies?.(world, who);
  }
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
