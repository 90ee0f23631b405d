/** Every interleaving of a ring's producers and consumers, with a death anywhere, and a successor for who died. */
import {
  consume,
  isDead,
  type Party,
  produce,
  type RingRules,
  type RingStep,
  type RingWorld,
  type Role,
} from "./ring.js";

export interface RingScenario {
  /** Slots. */
  readonly length: number;
  /** Who is there at the beginning; goals as those of {@link Party}. */
  readonly parties: readonly (readonly [role: Role, goal: number])[];
  /** How many die, successors included. */
  readonly deaths: number;
  /** Nobody comes in the place of who died. */
  readonly isDeserted?: boolean;
}

export interface RingExploration {
  readonly states: number;
  readonly steps: ReadonlySet<string>;
  /** Tails and heads of the states in which everybody has ended or sleeps. */
  readonly ends: ReadonlySet<string>;
  /** What went wrong, and the steps that led there. */
  readonly violation: { readonly what: string; readonly trace: readonly string[] } | undefined;
}

/** Whose turn it was, or whose death (negative, less one). */
type Schedule = readonly number[];

const goalOf = ({ parties }: RingScenario): number => Math.max(...parties.map(([, goal]) => goal));

/** Replays schedules; equal states are looked at once. */
export function exploreRing(scenario: RingScenario, rules: RingRules): RingExploration {
  const seen = new Set<string>();
  const steps = new Set<string>();
  const ends = new Set<string>();
  const stack: Schedule[] = [[]];
  for (let schedule = stack.pop(); schedule !== undefined; schedule = stack.pop()) {
    const run = new Run(scenario, rules);
    for (const turn of schedule) run.take(turn);
    const { world, canStep } = run;
    const what = wrongWith(world) ?? (canStep.length === 0 ? wrongAtEnd(world) : undefined);
    if (what !== undefined) return { states: seen.size, steps, ends, violation: { what, trace: run.trace } };
    const key = run.key;
    if (seen.has(key)) continue;
    seen.add(key);
    if (canStep.length === 0) ends.add(`${world.tail} ${world.head}`);
    for (const who of canStep) {
      steps.add(run.stepOf(who).split(" ")[0]!);
      stack.push([...schedule, who]);
    }
    for (const who of run.canDie) stack.push([...schedule, -who - 1]);
  }
  return { states: seen.size, steps, ends, violation: undefined };
}

class Run {
  readonly world: RingWorld;
  readonly trace: string[] = [];
  readonly #scenario: RingScenario;
  readonly #rules: RingRules;
  readonly #programs: RingStep[] = [];
  readonly #next: IteratorResult<string, void>[] = [];
  #deaths = 0;

  constructor(scenario: RingScenario, rules: RingRules) {
    this.#scenario = scenario;
    this.#rules = rules;
    const zeros = (): number[] => Array.from({ length: goalOf(scenario) + 1 }, () => 0);
    this.world = {
      length: scenario.length,
      parties: [],
      tail: 0,
      producer: 0,
      consumerSleeps: 0,
      head: 0,
      consumer: 0,
      producerSleeps: 0,
      slots: Array.from({ length: scenario.length }, () => ({ first: 0, second: 0 })),
      recoverer: 0,
      delivered: zeros(),
      diedWith: zeros(),
      published: 0,
      wrong: "",
    };
    for (const [role, goal] of scenario.parties) this.#start(role, goal);
  }

  take(turn: number): void {
    if (turn < 0) return this.#die(-turn - 1);
    this.trace.push(`${this.world.parties[turn]!.role} ${turn + 1}: ${this.stepOf(turn)}`);
    this.#next[turn] = this.#programs[turn]!.next();
  }

  stepOf(who: number): string {
    return this.#next[who]!.done === true ? "" : this.#next[who]!.value;
  }

  get canStep(): number[] {
    return this.world.parties.flatMap((party, who) => (this.#mayStep(party, this.stepOf(who)) ? [who] : []));
  }

  get canDie(): number[] {
    if (this.#deaths === this.#scenario.deaths) return [];
    return this.world.parties.flatMap(({ dead }, who) => (dead || this.stepOf(who) === "" ? [] : [who]));
  }

  get key(): string {
    return JSON.stringify([this.world, this.#next.map(({ value }) => value)]);
  }

  #start(role: Role, goal: number): void {
    const { parties } = this.world;
    const party: Party = {
      number: parties.length + 1,
      role,
      goal,
      tail: 0,
      head: 0,
      found: 0,
      asleep: "",
      dead: false,
    };
    parties.push(party);
    const program = (role === "producer" ? produce : consume)(this.world, party, this.#rules);
    this.#programs.push(program);
    this.#next.push(program.next());
  }

  #mayStep(party: Party, step: string): boolean {
    const { world } = this;
    if (party.dead || step === "") return false;
    const isFree = (number: number): boolean => number === 0 || isDead(world, number);
    if (step === "role.take") return isFree(world[party.role]);
    if (step === "recover.lock") return world.recoverer === 0;
    // A sleeper that nobody woke looks up after its slice, and goes on when the other side has died.
    const other = party.role === "producer" ? world.consumer : world.producer;
    if (step !== "wait.asleep" || party.asleep === "") return true;
    return isDead(world, other) && !this.#rules.sleepsWithoutSlices;
  }

  #die(who: number): void {
    const { world } = this;
    const party = world.parties[who]!;
    this.trace.push(`${party.role} ${who + 1} dies before ${this.stepOf(who)}`);
    if (this.stepOf(who) === "pop.release") world.diedWith[party.head]! += 1;
    if (world.recoverer === party.number) world.recoverer = 0;
    Object.assign(party, { dead: true, asleep: "", tail: 0, head: 0, found: 0 });
    this.#next[who] = { done: true, value: undefined };
    this.#deaths += 1;
    // The first one's goal may have been to hand over.
    if (this.#scenario.isDeserted !== true) this.#start(party.role, goalOf(this.#scenario));
  }
}

/** What must hold in every state. */
function wrongWith({ wrong, tail, head, length, delivered, diedWith }: RingWorld): string | undefined {
  if (wrong !== "") return wrong;
  if (head > tail) return `the head ${head} is beyond the tail ${tail}`;
  if (tail - head > length) return `${tail - head} elements in ${length} slots`;
  for (const [index, times] of delivered.entries()) {
    if (index < head && times === 0) return `element ${index} was released and never delivered`;
    if (times > 1 + diedWith[index]!)
      return `element ${index} was delivered ${times} times, ${diedWith[index]} died with it`;
  }
  return undefined;
}

/** When nobody can go on any more. */
function wrongAtEnd({ parties, tail, head, length }: RingWorld): string | undefined {
  for (const { role, asleep, number } of parties) {
    if (asleep === "") continue;
    if (role === "consumer" && tail !== head) return `consumer ${number} sleeps, and ${tail - head} elements are there`;
    if (role === "producer" && tail - head < length) return `producer ${number} sleeps, and there is room`;
  }
  return undefined;
}
