/**
 * Growing a tail as a generator, a memory of a few cells, and every interleaving of the growers with a crash anywhere. The
 * names of the steps are those of docs/PROTOCOL.md. One cell is one element; the descriptor takes two.
 *
 * Windows differs by when the lock of a dead grower goes: in a step of the system's own, some time later. A longer file is the same to both: what
 * is mapped stays as it is, and a mapping of more shows the same bytes.
 */

/** Seeded mistakes; all false is the protocol. */
export interface GrowthRules {
  readonly doesNotLock: boolean;
  readonly doesNotLookAgain: boolean;
  readonly overwritesDescriptor: boolean;
  readonly storesLengthFirst: boolean;
  readonly storesOffsetFirst: boolean;
  readonly zeroesBeforeOffset: boolean;
  readonly doesNotZero: boolean;
  readonly zeroesDescriptorOnly: boolean;
  readonly doesNotAnnounceCopy: boolean;
  readonly doesNotClearCopy: boolean;
}

export const GROWTH: GrowthRules = {
  doesNotLock: false,
  doesNotLookAgain: false,
  overwritesDescriptor: false,
  storesLengthFirst: false,
  storesOffsetFirst: false,
  zeroesBeforeOffset: false,
  doesNotZero: false,
  zeroesDescriptorOnly: false,
  doesNotAnnounceCopy: false,
  doesNotClearCopy: false,
};

const DESCRIPTOR = ["D", "E"] as const;
const SIZE = DESCRIPTOR.length;

/** The file: cells are "0" (zero), "D" and "E" (descriptor), or the digit of an element that its user has written. */
export interface Memory {
  readonly cells: string[];
  tailLength: number;
  descriptorOffset: number;
  /** Where a copy of the descriptor may lie that nothing refers to; 0: none. */
  descriptorMovesTo: number;
  /** Process that has the lifecycle lock. */
  lock: number | undefined;
}

export type GrowthStep = Generator<string, void, void>;

/** Grows to `wanted` elements; afterwards its user writes the last one. */
function* grow(memory: Memory, who: number, wanted: number, rules: GrowthRules): GrowthStep {
  const { cells } = memory;
  for (;;) {
    const length = memory.tailLength;
    yield "readLength";
    const offset = memory.descriptorOffset;
    if (length >= wanted) return;
    const oldEnd = rules.overwritesDescriptor ? 0 : offset + SIZE;
    const to = Math.max(wanted, oldEnd);
    yield "grow.allocate";
    while (cells.length < to + SIZE) cells.push("0");
    if (!rules.doesNotLock) {
      yield "grow.lockLifecycle";
      // Whoever explores the model lets nobody step here while another one has the lock.
      memory.lock = who;
    }
    const changed = memory.tailLength !== length || memory.descriptorOffset !== offset;
    if (changed && !rules.doesNotLookAgain) {
      yield "grow.unlockLifecycle";
      memory.lock = undefined;
      continue;
    }
    yield* store(memory, { from: length, offset, to, wanted }, rules);
    yield "grow.unlockLifecycle";
    memory.lock = undefined;
    yield "write";
    cells[wanted - 1] = String(wanted);
    return;
  }
}

interface Move {
  readonly from: number;
  readonly offset: number;
  readonly to: number;
  readonly wanted: number;
}

function* store(memory: Memory, { from, offset, to, wanted }: Move, rules: GrowthRules): GrowthStep {
  const { cells } = memory;
  const left = memory.descriptorMovesTo;
  if (!rules.doesNotClearCopy && left !== 0 && left !== offset) {
    // Somebody died between copying and storing the offset.
    for (let at = left; at < left + SIZE; at += 1) {
      yield "grow.clearCopy";
      if (at < cells.length && (at < offset || at >= offset + SIZE)) cells[at] = "0";
    }
  }
  if (!rules.doesNotAnnounceCopy) {
    yield "grow.announceCopy";
    memory.descriptorMovesTo = to;
  }
  function* storeLength(): GrowthStep {
    yield "grow.storeLength";
    memory.tailLength = wanted;
  }
  function* storeOffset(): GrowthStep {
    yield "grow.storeOffset";
    memory.descriptorOffset = to;
  }
  function* zero(): GrowthStep {
    for (let at = rules.zeroesDescriptorOnly ? offset : from; at < offset + SIZE; at += 1) {
      yield "grow.zero";
      cells[at] = "0";
    }
  }
  if (rules.storesLengthFirst) yield* storeLength();
  if (rules.storesOffsetFirst) yield* storeOffset();
  if (rules.zeroesBeforeOffset) yield* zero();
  for (let index = 0; index < SIZE; index += 1) {
    yield "grow.copyDescriptor";
    cells[to + index] = rules.zeroesBeforeOffset ? "0" : (cells[offset + index] ?? "0");
  }
  if (!rules.storesOffsetFirst) yield* storeOffset();
  if (!rules.zeroesBeforeOffset && !rules.doesNotZero) yield* zero();
  if (!rules.storesLengthFirst) yield* storeLength();
  yield "grow.endCopy";
  memory.descriptorMovesTo = 0;
}

/** What each process does: grows to these lengths, one after the other. */
export type Programs = readonly (readonly number[])[];

export interface GrowthExploration {
  readonly states: number;
  readonly steps: ReadonlySet<string>;
  readonly finalLengths: ReadonlySet<number>;
  /** What went wrong, and the steps that led there. */
  readonly violation: { readonly what: string; readonly trace: readonly string[] } | undefined;
}

/** One schedule: whose turn it was, or whose death (negative, less one), or whose lock went (from LOCK_GOES on). */
type Schedule = readonly number[];
const LOCK_GOES = 100;

/** Replays schedules, longest prefix first; equal states are looked at once. */
export function exploreGrowth(
  programs: Programs,
  rules: GrowthRules,
  system: "linux" | "windows" = "linux",
): GrowthExploration {
  const seen = new Set<string>();
  const steps = new Set<string>();
  const finalLengths = new Set<number>();
  const stack: Schedule[] = [[]];
  for (let schedule = stack.pop(); schedule !== undefined; schedule = stack.pop()) {
    const end = replay(programs, schedule, rules, system);
    for (const step of end.trace) steps.add(step.split(" ")[1] ?? "");
    const what = wrongWith(end.memory, end.written);
    if (what !== undefined) return { states: seen.size, steps, finalLengths, violation: { what, trace: end.trace } };
    if (seen.has(end.key)) continue;
    seen.add(end.key);
    const { lock } = end.memory;
    if (lock !== undefined && end.isDead(lock)) stack.push([...schedule, LOCK_GOES + lock]);
    else if (end.canStep.length === 0) finalLengths.add(end.memory.tailLength);
    for (const who of end.canStep) stack.push([...schedule, who], [...schedule, -who - 1]);
  }
  return { states: seen.size, steps, finalLengths, violation: undefined };
}

function replay(programs: Programs, schedule: Schedule, rules: GrowthRules, system: "linux" | "windows") {
  const memory: Memory = {
    cells: ["1", ...DESCRIPTOR],
    tailLength: 1,
    descriptorOffset: 1,
    descriptorMovesTo: 0,
    lock: undefined,
  };
  const written = new Set([1]);
  const runs = programs.map((lengths, who) => runAll(memory, who, lengths, rules));
  const next = runs.map((run) => run.next());
  // What a process will do next depends on what it has read: its own steps say that.
  const pasts = programs.map(() => "");
  const trace: string[] = [];
  for (const turn of schedule) {
    if (turn >= LOCK_GOES) {
      trace.push(`the lock of ${turn - LOCK_GOES + 1} goes`);
      memory.lock = undefined;
      continue;
    }
    const who = turn < 0 ? -turn - 1 : turn;
    const step = String(next[who]?.value);
    if (turn < 0) {
      trace.push(`${who + 1} dies`);
      next[who] = { done: true, value: undefined };
      pasts[who] = "dead";
      if (memory.lock === who && system === "linux") memory.lock = undefined;
      continue;
    }
    trace.push(`${who + 1} ${step}`);
    const before = `${memory.tailLength}.${memory.descriptorOffset}`;
    next[who] = runs[who]?.next() ?? { done: true, value: undefined };
    pasts[who] += `${step}${before},`;
    if (step === "write") {
      written.add(memory.cells.findLastIndex((cell) => /[1-9]/.test(cell)) + 1);
      // Its past decides nothing any more.
      pasts[who] = `wrote ${trace.filter((line) => line === `${who + 1} write`).length}`;
    }
  }
  const canStep = next.flatMap(({ done, value }, who) =>
    done === true || (value === "grow.lockLifecycle" && memory.lock !== undefined) ? [] : [who],
  );
  const isDead = (who: number): boolean => pasts[who] === "dead";
  return {
    memory,
    written,
    trace,
    canStep,
    isDead,
    key: JSON.stringify([memory, pasts, next.map(({ value }) => value)]),
  };
}

function* runAll(memory: Memory, who: number, lengths: readonly number[], rules: GrowthRules): GrowthStep {
  for (const length of lengths) yield* grow(memory, who, length, rules);
}

/** What must hold in every state, because everybody may die in it, or look at it. */
function wrongWith({ cells, tailLength, descriptorOffset }: Memory, written: ReadonlySet<number>): string | undefined {
  if (descriptorOffset < tailLength) return "the descriptor lies in the tail";
  if (descriptorOffset + SIZE > cells.length) return "the descriptor lies behind the end of the file";
  const descriptor = cells.slice(descriptorOffset, descriptorOffset + SIZE).join("");
  if (descriptor !== DESCRIPTOR.join("")) return `the descriptor is "${descriptor}"`;
  for (let index = 0; index < tailLength; index += 1) {
    const cell = cells[index] ?? "";
    if (cell !== "0" && cell !== String(index + 1)) return `new element ${index} is not zero but "${cell}"`;
    if (cell === "0" && written.has(index + 1)) return `element ${index} was written and is gone`;
  }
  return undefined;
}
