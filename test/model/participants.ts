/**
 * Participants as state machines over a small memory: the table, the kernel's locks, and the words of containers. All interleavings of
 * some processes, with a death before any step, also of who recovers. The names of the steps are those of docs/PROTOCOL.md.
 *
 * On Windows a death drops the locks some time later, in a step of the system's own. And nobody is told of a lock but by asking for one: who
 * wants to know whether a number is locked has a shared lock of it for a step, which refuses the exclusive one to everybody else meanwhile.
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
  /** Asks for its own number like for others, through the handle that has its lock. */
  readonly asksForItself: boolean;
  /** A claimer that is refused a lock does not look again. */
  readonly takesAskerForOwner: boolean;
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
  asksForItself: false,
  takesAskerForOwner: false,
};

/** Where a lock can only be asked about by taking one, and the dead lose theirs later. */
export type ParticipantSystem = "linux" | "windows";

/** "take0": puts one's number into word 0 if it is free; "recover1": recovers participant 1 if it is dead; "ask1": looks whether it is alive. */
export type Operation = "claim" | "take0" | "take1" | "release" | "recover1" | "recover2" | "ask0" | "ask1";

export interface ParticipantScenario {
  /** Entries of the table. */
  readonly count: number;
  /** One program for each process. It ends early where a claim finds the table full. */
  readonly programs: readonly (readonly Operation[])[];
}

export interface Process {
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
  /** Number of which it has a shared lock, to ask about it, or -1. */
  asks: number;
  isLeaving: boolean;
  /** Of the loop over all numbers: whether one was about to change. */
  isChanging: boolean;
  /** What a recoverer has found, and where it goes on. */
  hasLock: boolean;
  wasTaken: boolean;
  back: "claim" | "operation";
}

export interface World {
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
export class Violation extends Error {}

export const WORDS = 2;

/** One step of a process; the next one is set. */
export type Step = (world: World, me: number, process: Process) => void;

export function machine(
  rules: ParticipantRules,
  { count, programs }: ParticipantScenario,
  system: ParticipantSystem,
): ReadonlyMap<string, Step> {
  const next = (process: Process, program: readonly Operation[]): void => {
    process.at += 1;
    const operation = program[process.at];
    process.i = 1;
    process.isChanging = false;
    if (operation === undefined) process.step = "";
    else if (operation === "claim") process.step = "claim.load";
    else if (operation === "release") process.step = "release.lockRecoverers";
    else if (operation.startsWith("take")) process.step = "take";
    else if (operation.startsWith("ask")) process.step = "ask";
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
  /** Whether the exclusive lock is refused. */
  const isRefused = (world: World, number: number): boolean =>
    isLocked(world, number) || world.processes.some(({ asks }) => asks === number);
  /** By a shared lock that is dropped in the next step. */
  const asks = (process: Process, number: number, then: string): void => {
    process.asks = number;
    process.step = then;
  };
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

  const afterAsking = rules.reusesUnrecovered ? "claim.lock" : "recover.lockRecoverers";

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
        else if (system === "windows") asks(process, process.i, "claim.isLocked (unlocks)");
        else process.step = afterAsking;
      },
    ],
    [
      "claim.isLocked (unlocks)",
      (_world, _me, process) => {
        process.asks = -1;
        process.step = afterAsking;
      },
    ],
    [
      "ask",
      (world, me, process) => {
        const number = Number(programs[me]?.[process.at]?.at(-1));
        const isOwn = number === process.number && number !== 0;
        const isGranted = isOwn ? rules.asksForItself : !isLocked(world, number);
        if (isGranted) asks(process, number, "ask (unlocks)");
        else operationEnds(process, me);
      },
    ],
    [
      "ask (unlocks)",
      ({ locks }, me, process) => {
        // The exclusive lock goes first.
        if (locks[process.asks] === me) locks[process.asks] = -1;
        process.asks = -1;
        operationEnds(process, me);
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
        else if (isRefused(world, process.i)) otherNumber(process, !rules.takesAskerForOwner);
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
        if (isRefused(world, 0) && !rules.doesNotExcludeRecoverers) return recoveryEnds(process, me);
        if (!rules.doesNotExcludeRecoverers) world.locks[0] = me;
        process.step = "recover.lock";
      },
    ],
    [
      "recover.lock",
      (world, me, process) => {
        process.hasLock = !isRefused(world, process.i);
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
        if (isRefused(world, 0)) return void (process.step = "release.unlock");
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

export function lifeOf(who: number, { life }: Process): string {
  return `${who}.${life}`;
}

/** All of its handle. */
export function dropLocks({ locks, processes }: World, who: number): void {
  const process = processes[who];
  if (process !== undefined) process.asks = -1;
  for (const [number, holder] of locks.entries()) if (holder === who) locks[number] = -1;
}
