/**
 * Breadth-first exploration of all interleavings of some processes, with a crash of any of them between any two steps.
 * The first violation found has a shortest trace.
 */
import type { Automata } from "./automata.js";
import {
  EMPTY,
  INITIAL_GENERATION,
  LOCK,
  MAGIC,
  ModelError,
  type OpenFile,
  type Process,
  STATE,
  type World,
  inodeOf,
  keyOf,
  openFiles,
  perform,
  processOf,
  withFile,
  withProcess,
} from "./kernel.js";
import { check, checkKept, checkOutcome, observe } from "./observer.js";
import type { Operation, Outcome } from "./protocol.js";

/** What the name leads to at first. "live": to a region that the processes which begin with a close have open. */
export type Start = "absent" | "empty" | "torn" | "left-over" | "foreign" | "live";

export interface Scenario {
  readonly start: Start;
  /** One program per process. */
  readonly programs: readonly (readonly Operation[])[];
}

export interface Violation {
  readonly scenario: Scenario;
  readonly what: string;
  /** One line per step, ending in what is wrong. */
  readonly trace: readonly string[];
}

export interface Exploration {
  readonly states: number;
  readonly transitions: number;
  readonly violation?: Violation;
  /** Names of the steps that were taken. */
  readonly steps: ReadonlySet<string>;
  readonly outcomes: ReadonlySet<string>;
}

const OWNER: OpenFile = {
  inode: 0,
  lock: LOCK.shared,
  isChanging: false,
  isMapped: true,
  initialising: false,
  user: true,
  owner: INITIAL_GENERATION,
  made: false,
};

function begins(automata: Automata, { start, programs }: Scenario): World {
  const generation = INITIAL_GENERATION;
  const complete = {
    ...EMPTY,
    size: 1,
    magic: MAGIC.ours,
    state: STATE.ready,
    generation,
    header: generation,
    first: generation,
    second: generation,
    lastReady: generation,
  };
  const inode = {
    absent: undefined,
    empty: EMPTY,
    torn: { ...complete, state: STATE.initialising, second: 0 },
    "left-over": complete,
    foreign: { ...complete, magic: MAGIC.foreign },
    live: complete,
  }[start];
  const processes = programs.map((program): Process => {
    const holds = program[0]?.startsWith("close") === true;
    return { node: automata.start(program, holds ? [0] : []).id, crashed: false, seen: 0, files: holds ? [OWNER] : [] };
  });
  const inodes = inode === undefined ? [] : [inode];
  return { named: inode === undefined ? -1 : 0, temporary: -1, lifecycle: -1, inodes, processes };
}

/** Operations that leave the data of a left-over in being. */
const KEEPING: ReadonlySet<Operation> = new Set(["migrate", "keepOrOpen", "open", "closeAndKeep", "look"]);

interface Settled {
  readonly world: World;
  readonly outcome?: Outcome;
  readonly wrong?: string | undefined;
}

/** The world after a step of one process; with the outcome when an operation ended, and with what is wrong about it. */
function settle(automata: Automata, world: World, pid: number, result: number): Settled {
  const before = observe(world);
  const { seen, node } = processOf(before, pid);
  const { node: after, outcome } = automata.advance(automata.node(node), result);
  if (outcome === undefined) return { world: withProcess(before, pid, { node: after.id }) };
  const wrong = checkOutcome(outcome, seen);
  let next = withProcess(before, pid, { node: after.id, seen: 0 });
  if ("fd" in outcome) {
    const { kind, fd, generation } = outcome;
    const made = kind === "created" || kind === "reinitialised" || kind === "migrated";
    // A blank header says 0; to have that open is wrong, and check() is to see it.
    next = withFile(next, pid, fd, { owner: Math.max(1, generation), user: true, made, initialising: false });
  }
  return { world: observe(next), outcome, wrong };
}

const isFinished = (automata: Automata, { crashed, node }: Process): boolean =>
  crashed || automata.node(node).step === undefined;

interface Reached {
  readonly world: World;
  readonly from: number;
  readonly how: string;
}

/** Explores one scenario to the end, or to its first violation. */
export function explore(automata: Automata, scenario: Scenario): Exploration {
  return new Explorer(automata, scenario).run();
}

class Explorer {
  readonly #automata: Automata;
  readonly #scenario: Scenario;
  readonly #ids = new Map<string, number>();
  readonly #reached: Reached[] = [];
  /** Transitions that are neither crashes nor deadlines, as pairs of states. */
  readonly #progress: number[] = [];
  readonly #ends: number[] = [];
  readonly #steps = new Set<string>();
  readonly #outcomes = new Set<string>();
  readonly #recovered = new Set<string>();
  readonly #keeps: boolean;
  #transitions = 0;

  constructor(automata: Automata, scenario: Scenario) {
    this.#automata = automata;
    this.#scenario = scenario;
    this.#keeps = scenario.start === "left-over" && scenario.programs.flat().every((one) => KEEPING.has(one));
  }

  run(): Exploration {
    this.#reach(begins(this.#automata, this.#scenario), -1, "");
    for (let id = 0; id < this.#reached.length; id += 1) {
      const wrong = this.#expand(id);
      if (wrong !== undefined) return this.#result(wrong);
    }
    const stuck = this.#neverEnding();
    return this.#result(stuck === undefined ? undefined : { id: stuck, what: "the processes go round for ever" });
  }

  #result(wrong: { readonly id: number; readonly what: string } | undefined): Exploration {
    const { length: states } = this.#reached;
    const found = { states, transitions: this.#transitions, steps: this.#steps, outcomes: this.#outcomes };
    if (wrong === undefined) return found;
    return { ...found, violation: { scenario: this.#scenario, what: wrong.what, trace: this.#trace(wrong) } };
  }

  #trace({ id, what }: { readonly id: number; readonly what: string }): string[] {
    const lines = [`=> ${what}`];
    for (let at = this.#reached[id]; at !== undefined && at.from !== -1; at = this.#reached[at.from])
      lines.push(at.how);
    return lines.reverse();
  }

  #reach(world: World, from: number, how: string): number {
    const key = keyOf(world);
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = this.#reached.length;
      this.#ids.set(key, id);
      this.#reached.push({ world, from, how });
    }
    return id;
  }

  #expand(id: number): { id: number; what: string } | undefined {
    const world = this.#reached[id]?.world;
    if (world === undefined) return undefined;
    const { processes } = world;
    let progresses = false;
    for (let pid = 0; pid < processes.length; pid += 1) {
      const process = processOf(world, pid);
      if (process.crashed) continue;
      if (!isFinished(this.#automata, process)) {
        const moved = this.#move(id, world, pid);
        if (typeof moved === "object") return moved;
        progresses ||= moved;
      }
      if (!isFinished(this.#automata, process) || process.files.length > 0) {
        this.#transitions += 1;
        this.#reach(this.#automata.system.crash(world, pid), id, `${pid + 1} crashes`);
      }
    }
    for (const { world: next, how } of this.#automata.system.remains(world)) {
      this.#transitions += 1;
      progresses = true;
      this.#progress.push(id, this.#reach(next, id, how));
    }
    if (progresses || !processes.every((process) => isFinished(this.#automata, process))) {
      return progresses ? undefined : { id, what: "everybody waits: no process can go on" };
    }
    this.#ends.push(id);
    const what = this.#checkEnd(world);
    return what === undefined ? undefined : { id, what };
  }

  /** All that a process's next step can lead to. True when it can go on without a deadline. */
  #move(id: number, world: World, pid: number): boolean | { id: number; what: string } {
    const { step } = this.#automata.node(processOf(world, pid).node);
    if (step === undefined) return false;
    let progresses = false;
    try {
      for (const { world: after, result, gaveUp } of perform(this.#automata.system, world, pid, step.call)) {
        const { world: next, outcome, wrong } = settle(this.#automata, after, pid, result);
        this.#transitions += 1;
        this.#steps.add(step.name);
        if (outcome !== undefined) this.#outcomes.add(outcome.kind);
        const how = `${pid + 1} ${step.name}${describe(result, gaveUp, outcome)}`;
        const what = check(next) ?? wrong ?? (this.#keeps ? checkKept(next) : undefined);
        if (what !== undefined) return this.#end(next, id, how, what);
        const to = this.#reach(next, id, how);
        if (!gaveUp) {
          progresses = true;
          this.#progress.push(id, to);
        }
      }
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      return this.#end(world, id, `${pid + 1} ${step.name}`, error.message);
    }
    return progresses;
  }

  /** The last step of a trace. A state that was reached before in another way would tell another story. */
  #end(world: World, from: number, how: string, what: string): { id: number; what: string } {
    this.#reached.push({ world, from, how });
    return { id: this.#reached.length - 1, what };
  }

  #checkEnd(world: World): string | undefined {
    const { start, programs } = this.#scenario;
    if (world.lifecycle !== -1 && world.processes[world.lifecycle]?.crashed === false) {
      return "a process ended its program with the lifecycle lock";
    }
    const owners: OpenFile[] = [];
    for (const { pid, file } of openFiles(world)) {
      if (processOf(world, pid).crashed) continue;
      if (file.owner === 0) return `process ${pid + 1} ended its program with a descriptor that it does not use`;
      owners.push(file);
    }
    const all = programs.length;
    const simultaneous = programs.every((program) => program.length === 1 && program[0] === "createOrOpen");
    if (simultaneous && start !== "live" && start !== "foreign" && owners.length === all) {
      const makers = owners.filter(({ made }) => made).length;
      if (makers !== 1) return `${makers} of ${all} simultaneous openers made the region`;
    }
    return this.#recover(world, owners);
  }

  /** Whatever happened: a further createOrOpen succeeds, and finds what is there or makes it anew. */
  #recover(world: World, owners: readonly OpenFile[]): string | undefined {
    const pid = 0;
    const others = world.processes.filter(({ files, crashed }) => files.length > 0 && !crashed);
    const node = this.#automata.start(["createOrOpen"], []).id;
    const rescuer: Process = { node, crashed: false, seen: 0, files: [] };
    let next: World = { ...world, lifecycle: -1, processes: [rescuer, ...others] };
    const key = keyOf(next);
    if (this.#recovered.has(key)) return undefined;
    this.#recovered.add(key);
    const live = owners.find(({ inode }) => inode === world.named);
    const foreign = world.named !== -1 && inodeOf(world, world.named).magic === MAGIC.foreign;
    // The name of what an outsider has removed may be taken as long as somebody uses it.
    const going = world.named !== -1 && inodeOf(world, world.named).going;
    const stale = live === undefined ? ["created", "reinitialised"] : ["opened"];
    const wanted = going ? ["NOT_READY"] : foreign ? ["FOREIGN"] : stale;
    try {
      for (let count = 0; count < 100; count += 1) {
        const { step } = this.#automata.node(processOf(next, pid).node);
        const effect = step && perform(this.#automata.system, next, pid, step.call)[0];
        if (effect === undefined || effect.gaveUp) return "afterwards a createOrOpen is held up";
        const settled = settle(this.#automata, effect.world, pid, effect.result);
        next = settled.world;
        const what = check(next) ?? settled.wrong;
        if (what !== undefined) return `during a createOrOpen afterwards: ${what}`;
        const kind = settled.outcome?.kind;
        if (kind === undefined || kind === "retry") continue;
        return wanted.includes(kind) ? undefined : `a createOrOpen afterwards: ${kind}, not ${wanted.join(" or ")}`;
      }
    } catch (error) {
      if (error instanceof ModelError) return `a createOrOpen afterwards: ${error.message}`;
      throw error;
    }
    return "a createOrOpen afterwards goes round for ever";
  }

  /** A state from which no end can be reached without a crash or a deadline; undefined when there is none. */
  #neverEnding(): number | undefined {
    const count = this.#reached.length;
    const edges = this.#progress;
    const first = new Int32Array(count + 1);
    for (let edge = 1; edge < edges.length; edge += 2) first[edges[edge]! + 1]! += 1;
    for (let id = 0; id < count; id += 1) first[id + 1]! += first[id]!;
    const sources = new Int32Array(edges.length / 2);
    const filled = first.slice();
    for (let edge = 0; edge < edges.length; edge += 2) sources[filled[edges[edge + 1]!]!++] = edges[edge]!;
    const ends = new Uint8Array(count);
    const queue = [...this.#ends];
    for (const id of queue) ends[id] = 1;
    for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
      for (const source of sources.subarray(first[id]!, first[id + 1]!)) {
        if (ends[source] === 1) continue;
        ends[source] = 1;
        queue.push(source);
      }
    }
    const stuck = ends.indexOf(0);
    return stuck === -1 ? undefined : stuck;
  }
}

function describe(result: number, gaveUp: boolean, outcome: Outcome | undefined): string {
  const said = gaveUp ? " -> deadline" : ` -> ${result}`;
  if (outcome === undefined) return said;
  return `${said}; ${outcome.kind}${"generation" in outcome ? ` generation ${outcome.generation}` : ""}`;
}
