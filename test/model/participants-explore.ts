/** Participants: what must hold in every state, and every interleaving that leads to one. */
import {
  type ParticipantRules,
  type ParticipantScenario,
  type ParticipantSystem,
  type Process,
  Violation,
  WORDS,
  type World,
  dropLocks,
  lifeOf,
  machine,
} from "./participants.js";

/** What must hold in every state. */
function wrongWith({ state, locks, words, processes }: World): string | undefined {
  const owners = new Map<number, string>();
  let working = 0;
  for (const [who, process] of processes.entries()) {
    if (process.isDead) continue;
    if (process.step.endsWith(".containers")) working += 1;
    const { number } = process;
    if (number === 0) continue;
    if (owners.has(number)) return `two participants live by number ${number}`;
    owners.set(number, lifeOf(who, process));
    if (process.isLeaving) continue;
    if (state[number] !== 1) return `number ${number} is free, and somebody lives by it`;
    if (locks[number] !== who) return `somebody lives by number ${number} without its lock`;
  }
  if (working > 1) return "two recoverers work on the containers at once";
  for (const { owner, life } of words) {
    const living = owners.get(owner);
    if (living !== undefined && living !== life) return `a word holds number ${owner} of an earlier life`;
  }
  return undefined;
}

/** Whatever happened: afterwards everything that the dead had can be recovered, and what the living have is theirs. */
function wrongAtEnd({ state, locks, words, processes }: World, { count, programs }: ParticipantScenario) {
  const missing = processes.findIndex(({ number }, who) => number === 0 && programs[who]?.at(-1) === "claim");
  const claimers = programs.filter((program) => program.includes("claim")).length;
  if (missing !== -1 && count >= claimers && processes.every(({ isDead }) => !isDead))
    return `process ${missing + 1} got no number, though there is one for each`;
  if (locks[0] !== -1) return "the recoverers' lock is held at the end";
  const lives = new Set(processes.flatMap((one, who) => (one.isDead || one.number === 0 ? [] : [lifeOf(who, one)])));
  for (const { owner, life } of words) {
    if (owner === 0 || lives.has(life)) continue;
    if (state[owner] !== 1) return `a word holds number ${owner} of a dead one, which counts as recovered`;
    if (locks[owner] !== -1) return `number ${owner} of a dead one counts as alive`;
  }
  for (const [number, holder] of locks.entries()) {
    if (number > 0 && holder !== -1 && processes[holder]?.number !== number)
      return `number ${number} is locked for ever`;
  }
  return undefined;
}

export interface ParticipantExploration {
  readonly states: number;
  readonly steps: ReadonlySet<string>;
  /** Whether somebody has claimed a number that somebody had before. */
  readonly reused: boolean;
  readonly violation: { readonly what: string; readonly trace: readonly string[] } | undefined;
}

function begins({ count, programs }: ParticipantScenario): World {
  const numbers = Array.from({ length: count + 1 }, () => 0);
  const world: World = {
    state: [...numbers],
    epoch: [...numbers],
    lost: [...numbers],
    locks: numbers.map(() => -1),
    words: Array.from({ length: WORDS }, () => ({ owner: 0, life: "" })),
    processes: programs.map(([first]) => ({
      step: first === "claim" ? "claim.load" : "ask",
      at: 0,
      i: 1,
      word: 0,
      number: 0,
      life: 0,
      isDead: false,
      asks: -1,
      isLeaving: false,
      isChanging: false,
      hasLock: false,
      wasTaken: false,
      back: "claim",
    })),
  };
  if (programs.some(([first]) => first !== "claim" && first?.startsWith("ask") !== true))
    throw new Error("programs begin with claim, or ask");
  return world;
}

/** Every interleaving, breadth first: the first violation has a shortest trace. */
export function exploreParticipants(
  scenario: ParticipantScenario,
  rules: ParticipantRules,
  system: ParticipantSystem = "linux",
): ParticipantExploration {
  const machineSteps = machine(rules, scenario, system);
  const reached: { readonly world: string; readonly from: number; readonly how: string }[] = [];
  const ids = new Map<string, number>();
  const steps = new Set<string>();
  const progress: number[][] = [];
  const ends: number[] = [];
  let reused = false;

  const reach = (world: World, from: number, how: string): number => {
    const key = JSON.stringify(world);
    let id = ids.get(key);
    if (id === undefined) {
      id = reached.push({ world: key, from, how }) - 1;
      ids.set(key, id);
      progress.push([]);
    }
    return id;
  };
  const fails = (what: string, from: number, how: string): ParticipantExploration => {
    const trace = [how, `=> ${what}`];
    for (let at = from; at > 0; at = reached[at]?.from ?? 0) trace.unshift(reached[at]?.how ?? "");
    return { states: reached.length, steps, reused, violation: { what, trace } };
  };

  reach(begins(scenario), -1, "");
  for (let id = 0; id < reached.length; id += 1) {
    const text = reached[id]?.world ?? "";
    const { processes, locks } = JSON.parse(text) as World;
    let isEnd = true;
    for (const [me, { step, isDead, number, asks }] of processes.entries()) {
      if (isDead) {
        if (asks === -1 && !locks.includes(me)) continue;
        isEnd = false;
        const world = JSON.parse(text) as World;
        dropLocks(world, me);
        const how = `the locks of ${me + 1} go`;
        progress[reach(world, id, how)]?.push(id);
        continue;
      }
      if (step !== "") {
        isEnd = false;
        const world = JSON.parse(text) as World;
        const how = `${me + 1} ${step}`;
        try {
          machineSteps.get(step)?.(world, me, world.processes[me] as Process);
        } catch (error) {
          if (error instanceof Violation) return fails(error.message, id, how);
          throw error;
        }
        steps.add(step);
        const what = wrongWith(world);
        if (what !== undefined) return fails(what, id, how);
        reused ||= world.epoch.some((epoch) => epoch > 1) && step === "claim.publish";
        progress[reach(world, id, how)]?.push(id);
      }
      if (step !== "" || number !== 0) {
        const world = JSON.parse(text) as World;
        const dead = world.processes[me] as Process;
        Object.assign(dead, { step: "", isDead: true, number: 0, i: 0, word: 0, back: "claim", isChanging: false });
        if (system === "linux") dropLocks(world, me);
        reach(world, id, `${me + 1} dies`);
      }
    }
    if (!isEnd) continue;
    ends.push(id);
    const what = wrongAtEnd(JSON.parse(text) as World, scenario);
    if (what !== undefined) return fails(what, id, "end");
  }
  const stuck = neverEnding(progress, ends);
  if (stuck !== undefined) return fails("they go round for ever", stuck, "");
  return { states: reached.length, steps, reused, violation: undefined };
}

/** A state from which no end can be reached without a death. */
function neverEnding(progress: readonly (readonly number[])[], ends: readonly number[]): number | undefined {
  const canEnd = new Uint8Array(progress.length);
  const queue = [...ends];
  for (const id of ends) canEnd[id] = 1;
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    for (const from of progress[id] ?? []) {
      if (canEnd[from] === 1) continue;
      canEnd[from] = 1;
      queue.push(from);
    }
  }
  const stuck = canEnd.indexOf(0);
  return stuck === -1 ? undefined : stuck;
}
