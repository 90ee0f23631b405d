/**
 * Participants as state machines over a small memory: the table, the kernel's locks, and the words of containers. All interleavings of
 * some processes, with a death before any step, also of who recovers. The names of the steps are those of docs/PROTOCOL.md.
 */

/** Seeded mistakes; all false is the protocol. */
export interface ParticipantRules {
  /** A claimer takes the number of a dead one as it is. */
  readonly reusesUnrecovered: boolean;
  readonly doesNotLookAgain: boolean;
  readonly publishesWithoutLock: boolean;
  /** A recoverer asks whether the number is locked, and does not lock it. */
  readonly recoversWithoutLock: boolean;
  readonly freesBeforeContainers: boolean;
  readonly unlocksBeforeContainers: boolean;
  readonly doesNotExcludeRecoverers: boolean;
  readonly releasesLockFirst: boolean;
  readonly releasesNothing: boolean;
}

export const PARTICIPANTS: ParticipantRules = {
  reusesUnrecovered: false,
  doesNotLookAgain: false,
  publishesWithoutLock: false,
  recoversWithoutLock: false,
  freesBeforeContainers: false,
  unlocksBeforeContainers: false,
  doesNotExcludeRecoverers: false,
  releasesLockFirst: false,
  releasesNothing: false,
};

/** "take0": puts one's number into word 0 if it is free; "recover1": recovers participant 1 if it is dead. */
export type Operation = "claim" | "take0" | "take1" | "release" | "recover1" | "recover2";

export interface ParticipantScenario {
  /** Entries of the table. */
  readonly count: number;
  /** One program for each process. It ends early where a claim finds the table full. */
  readonly programs: readonly (readonly Operation[])[];
}

interface Process {
  /** The step that comes next; "" at the end of the program. */
  step: string;
  /** Index in the program. */
  at: number;
  /** Number under consideration, and the word. */
  i: number;
  word: number;
  /** 0 without one. */
  number: number;
  /** Counts the claims of this process: with its index a life in one. */
  life: number;
  isDead: boolean;
  isLeaving: boolean;
  /** Of the loop over all numbers: whether one was about to change. */
  isChanging: boolean;
  /** What a recoverer has found, and where it goes on. */
  hasLock: boolean;
  wasTaken: boolean;
  back: "claim" | "operation";
}

interface World {
  readonly state: number[];
  readonly epoch: number[];
  readonly lost: number[];
  /** By number, 0 the recoverers': the process that has the lock, or -1. */
  readonly locks: number[];
  /** `life`: of who put the number there, which the memory does not know. */
  readonly words: { owner: number; life: string }[];
  readonly processes: Process[];
}

/** What went wrong, as a step does it. */
class Violation extends Error {}

const WORDS = 2;

/** One step of a process; the next one is set. */
type Step = (world: World, me: number, process: Process) => void;

function machine(rules: ParticipantRules, { count, programs }: ParticipantScenario): ReadonlyMap<string, Step> {
  const next = (process: Process, program: readonly Operation[]): void => {
    process.at += 1;
    const operation = program[process.at];
    process.i = 1;
    process.isChanging = false;
    if (operation === undefined) process.step = "";
    else if (operation === "claim") process.step = "claim.load";
    else if (operation === "release") process.step = "release.lockRecoverers";
    else if (operation.startsWith("take")) process.step = "take";
    else {
      process.i = Number(operation.at(-1));
      process.back = "operation";
      process.step = "recover.lockRecoverers";
    }
  };
  const operationEnds = (process: Process, me: number): void => next(process, programs[me] ?? []);
  const otherNumber = (process: Process, isChanging: boolean): void => {
    process.isChanging ||= isChanging;
    if (process.i < count) process.i += 1;
    else if (process.isChanging) [process.i, process.isChanging] = [1, false];
    else {
      process.step = "";
      return;
    }
    process.step = "claim.load";
  };
  const recoveryEnds = (process: Process, me: number): void => {
    if (process.back === "operation") operationEnds(process, me);
    else if (process.hasLock) process.step = "claim.loadRecovered";
    else otherNumber(process, true);
  };
  const isLocked = (world: World, number: number): boolean => world.locks[number] !== -1;
  const isLive = (world: World, life: string): boolean =>
    world.processes.some((one, who) => lifeOf(who, one) === life && !one.isDead && !one.isLeaving && one.number !== 0);
  const recoverWord = (world: World, process: Process, number: number): boolean => {
    const word = world.words[process.word];
    if (word?.owner === number) {
      if (isLive(world, word.life)) throw new Violation("what a living participant has was taken from it");
      [word.owner, word.life] = [0, ""];
    }
    process.word += 1;
    return process.word === WORDS;
  };
  const afterContainers = (process: Process): string =>
    process.wasTaken && !rules.freesBeforeContainers
      ? "recover.lose"
      : rules.unlocksBeforeContainers
        ? "recover.unlockRecoverers"
        : "recover.unlock";

  return new Map<string, Step>([
    [
      "claim.load",
      ({ state }, _me, process) => {
        process.step = state[process.i] === 0 ? "claim.lock" : "claim.isLocked";
      },
    ],
    [
      "claim.isLocked",
      (world, _me, process) => {
        process.back = "claim";
        if (isLocked(world, process.i)) otherNumber(process, false);
        else process.step = rules.reusesUnrecovered ? "claim.lock" : "recover.lockRecoverers";
      },
    ],
    [
      "claim.loadRecovered",
      ({ state }, _me, process) => {
        if (state[process.i] === 0) process.step = "claim.lock";
        else otherNumber(process, false);
      },
    ],
    [
      "claim.lock",
      (world, me, process) => {
        if (rules.publishesWithoutLock) process.step = "claim.loadAgain";
        else if (isLocked(world, process.i)) otherNumber(process, true);
        else {
          world.locks[process.i] = me;
          process.step = rules.doesNotLookAgain || rules.reusesUnrecovered ? "claim.describe" : "claim.loadAgain";
        }
      },
    ],
    [
      "claim.loadAgain",
      ({ state }, _me, process) => {
        process.step = state[process.i] === 0 ? "claim.describe" : "claim.unlock";
      },
    ],
    [
      "claim.unlock",
      ({ locks }, me, process) => {
        if (locks[process.i] === me) locks[process.i] = -1;
        otherNumber(process, true);
      },
    ],
    ["claim.describe", (_world, _me, process) => void (process.step = "claim.raiseEpoch")],
    [
      "claim.raiseEpoch",
      ({ epoch }, _me, process) => {
        epoch[process.i] = (epoch[process.i] ?? 0) + 1;
        process.step = "claim.publish";
      },
    ],
    [
      "claim.publish",
      ({ state }, me, process) => {
        state[process.i] = 1;
        process.number = process.i;
        process.life += 1;
        process.isLeaving = false;
        operationEnds(process, me);
      },
    ],
    [
      "take",
      ({ words }, me, process) => {
        const word = words[Number(programs[me]?.[process.at]?.at(-1))];
        if (word?.owner === 0) [word.owner, word.life] = [process.number, lifeOf(me, process)];
        operationEnds(process, me);
      },
    ],
    [
      "recover.lockRecoverers",
      (world, me, process) => {
        process.hasLock = false;
        process.word = 0;
        if (isLocked(world, 0) && !rules.doesNotExcludeRecoverers) return recoveryEnds(process, me);
        if (!rules.doesNotExcludeRecoverers) world.locks[0] = me;
        process.step = "recover.lock";
      },
    ],
    [
      "recover.lock",
      (world, me, process) => {
        process.hasLock = !isLocked(world, process.i);
        if (process.hasLock && !rules.recoversWithoutLock) world.locks[process.i] = me;
        process.step = process.hasLock ? "recover.load" : "recover.unlockRecoverers";
      },
    ],
    [
      "recover.load",
      ({ state }, _me, process) => {
        process.wasTaken = state[process.i] === 1;
        process.step = "recover.containers";
        if (rules.freesBeforeContainers && process.wasTaken) process.step = "recover.lose";
        if (rules.unlocksBeforeContainers) process.step = "recover.unlock";
      },
    ],
    [
      "recover.containers",
      (world, _me, process) => {
        if (recoverWord(world, process, process.i)) process.step = afterContainers(process);
      },
    ],
    [
      "recover.lose",
      ({ lost, epoch }, _me, process) => {
        lost[process.i] = epoch[process.i] ?? 0;
        process.step = "recover.free";
      },
    ],
    [
      "recover.free",
      ({ state }, _me, process) => {
        state[process.i] = 0;
        process.step = "recover.unlock";
        if (rules.freesBeforeContainers) process.step = "recover.containers";
        if (rules.unlocksBeforeContainers) process.step = "recover.unlockRecoverers";
      },
    ],
    [
      "recover.unlock",
      ({ locks }, me, process) => {
        if (locks[process.i] === me) locks[process.i] = -1;
        process.step = "recover.unlockRecoverers";
        if (rules.unlocksBeforeContainers && process.word === 0) process.step = "recover.containers";
      },
    ],
    [
      "recover.unlockRecoverers",
      ({ locks }, me, process) => {
        if (locks[0] === me) locks[0] = -1;
        recoveryEnds(process, me);
      },
    ],
    [
      "release.lockRecoverers",
      (world, me, process) => {
        process.word = 0;
        process.isLeaving = true;
        // Whoever is held up by another recoverer leaves as the dead do.
        if (isLocked(world, 0)) return void (process.step = "release.unlock");
        world.locks[0] = me;
        if (rules.releasesLockFirst) world.locks[process.number] = -1;
        process.step = rules.releasesNothing ? "release.free" : "release.containers";
      },
    ],
    [
      "release.containers",
      (world, _me, process) => {
        if (recoverWord(world, process, process.number)) process.step = "release.free";
      },
    ],
    [
      "release.free",
      ({ state }, _me, process) => {
        state[process.number] = 0;
        process.step = "release.unlockRecoverers";
      },
    ],
    [
      "release.unlockRecoverers",
      ({ locks }, _me, process) => {
        locks[0] = -1;
        process.step = "release.unlock";
      },
    ],
    [
      "release.unlock",
      (world, me, process) => {
        dropLocks(world, me);
        process.number = 0;
        operationEnds(process, me);
      },
    ],
  ]);
}

function lifeOf(who: number, { life }: Process): string {
  return `${who}.${life}`;
}

function dropLocks({ locks }: World, who: number): void {
  for (const [number, holder] of locks.entries()) if (holder === who) locks[number] = -1;
}

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
function wrongAtEnd({ state, locks, words, processes }: World): string | undefined {
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

function begins({ count, programs }: ParticipantScenario, steps: ReadonlyMap<string, Step>): World {
  const numbers = Array.from({ length: count + 1 }, () => 0);
  const world: World = {
    state: [...numbers],
    epoch: [...numbers],
    lost: [...numbers],
    locks: numbers.map(() => -1),
    words: Array.from({ length: WORDS }, () => ({ owner: 0, life: "" })),
    processes: programs.map(() => ({
      step: "claim.load",
      at: 0,
      i: 1,
      word: 0,
      number: 0,
      life: 0,
      isDead: false,
      isLeaving: false,
      isChanging: false,
      hasLock: false,
      wasTaken: false,
      back: "claim",
    })),
  };
  if (!steps.has("claim.load") || programs.some(([first]) => first !== "claim"))
    throw new Error("programs begin with claim");
  return world;
}

/** Every interleaving, breadth first: the first violation has a shortest trace. */
export function exploreParticipants(scenario: ParticipantScenario, rules: ParticipantRules): ParticipantExploration {
  const machineSteps = machine(rules, scenario);
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

  reach(begins(scenario, machineSteps), -1, "");
  for (let id = 0; id < reached.length; id += 1) {
    const text = reached[id]?.world ?? "";
    const { processes } = JSON.parse(text) as World;
    let isEnd = true;
    for (const [me, { step, isDead, number }] of processes.entries()) {
      if (isDead) continue;
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
        dropLocks(world, me);
        reach(world, id, `${me + 1} dies`);
      }
    }
    if (!isEnd) continue;
    ends.push(id);
    const what = wrongAtEnd(JSON.parse(text) as World);
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
