/**
 * Waits by a ring as states: one thread with its loop of events, the kernel, a queue with room for one end, and every interleaving of
 * them. The names of the steps are those of runtime/os/linux/wait-ring.ts.
 */

/** Seeded mistakes; all false is the protocol. */
export interface RingRules {
  readonly linksSoftly: boolean;
  readonly submitsTheBellApart: boolean;
  readonly ringsBeforeTheEnd: boolean;
  readonly drainsBeforeItHears: boolean;
  readonly drainsOneEnd: boolean;
  readonly doesNotFetch: boolean;
  readonly fetchesBeforeItDrains: boolean;
  readonly doesNotForget: boolean;
}

export const RING: RingRules = {
  linksSoftly: false,
  submitsTheBellApart: false,
  ringsBeforeTheEnd: false,
  drainsBeforeItHears: false,
  drainsOneEnd: false,
  doesNotFetch: false,
  fetchesBeforeItDrains: false,
  doesNotForget: false,
};

/** What a thread does with its waits, in this order; in between it may hear the bell. */
export type Program = readonly (readonly ["start" | "cancel", wait: number])[];

/** Room in the queue. */
const ROOM = 1;
type Reason = "woken" | "changed" | "expired" | "cancelled";

interface Sleep {
  /** What the kernel has yet to do for it, in this order. */
  readonly todo: readonly ("end" | "ring")[];
  readonly isCancelled: boolean;
  /** Somebody waits for it; what it was told. */
  readonly isKnown: boolean;
  readonly told: readonly Reason[];
}

interface World {
  /** Next line of the program, and whether its entries are put. */
  readonly line: number;
  readonly put: boolean;
  /** In the event: what is still to be done, in this order. */
  readonly event: readonly ("hear" | "drain" | "fetch")[];
  readonly sleeps: readonly (Sleep | undefined)[];
  readonly queue: readonly (readonly [wait: number, reason: Reason])[];
  readonly overflow: readonly (readonly [wait: number, reason: Reason])[];
  /** Bytes in the pipe. */
  readonly bytes: number;
}

interface Step {
  readonly name: string;
  readonly world: World;
}

export interface RingExploration {
  readonly states: number;
  readonly steps: ReadonlySet<string>;
  /** What waits were told, over all ends. */
  readonly told: ReadonlySet<string>;
  readonly violation: { readonly what: string; readonly trace: readonly string[] } | undefined;
}

/** Breadth first, so that the first violation has a shortest trace. */
export function exploreRing(program: Program, rules: RingRules): RingExploration {
  const sleeps = program.map(() => undefined);
  const first: World = { line: 0, put: false, event: [], sleeps, queue: [], overflow: [], bytes: 0 };
  const reached = new Map<string, readonly string[]>([[JSON.stringify(first), []]]);
  const worlds = [first];
  const steps = new Set<string>();
  const told = new Set<string>();
  for (const world of worlds) {
    const trace = reached.get(JSON.stringify(world)) ?? [];
    const next = [...threadSteps(world, program, rules), ...kernelSteps(world, rules)];
    const what = wrongWith(world, next.length === 0);
    for (const reason of world.sleeps.flatMap((sleep) => sleep?.told ?? [])) told.add(reason);
    if (what !== undefined) return { states: reached.size, steps, told, violation: { what, trace } };
    for (const { name, world: after } of next) {
      steps.add(name.split(" ")[0] ?? "");
      const key = JSON.stringify(after);
      if (reached.has(key)) continue;
      reached.set(key, [...trace, name]);
      worlds.push(after);
    }
  }
  return { states: reached.size, steps, told, violation: undefined };
}

/** The one thing at most that the thread does next, or two: it may hear the bell before it goes on with its program. */
function threadSteps(world: World, program: Program, rules: RingRules): Step[] {
  if (world.event.length > 0) return [eventStep(world, rules)];
  const steps: Step[] = [];
  // Between put and submit the loop does not turn.
  if (world.bytes > 0 && !world.put) steps.push(eventStep({ ...world, event: eventOf(rules) }, rules));
  const line = program[world.line];
  if (line !== undefined) steps.push(programStep(world, line, rules));
  return steps;
}

function eventOf(rules: RingRules): World["event"] {
  if (rules.drainsBeforeItHears) return ["drain", "hear"];
  return rules.fetchesBeforeItDrains ? ["hear", "fetch", "drain"] : ["hear", "drain"];
}

function programStep(world: World, [what, wait]: Program[number], rules: RingRules): Step {
  if (what === "start" && !world.put) return { name: `put ${wait}`, world: { ...world, put: true } };
  const after = { ...world, line: world.line + 1, put: false };
  if (what === "start") {
    const todo: Sleep["todo"] = rules.ringsBeforeTheEnd ? ["ring", "end"] : ["end", "ring"];
    const sleep: Sleep = {
      todo: rules.submitsTheBellApart ? ["end"] : todo,
      isCancelled: false,
      isKnown: true,
      told: [],
    };
    // A bell that stands alone is rung at once.
    const bytes = world.bytes + (rules.submitsTheBellApart ? 1 : 0);
    return { name: `submit ${wait}`, world: { ...after, bytes, sleeps: changed(world, wait, sleep) } };
  }
  const sleep = world.sleeps[wait];
  if (sleep === undefined) return { name: `forget ${wait}`, world: after };
  const forgotten = { ...sleep, isCancelled: true, isKnown: rules.doesNotForget && sleep.isKnown };
  return { name: `forget ${wait}`, world: { ...after, sleeps: changed(world, wait, forgotten) } };
}

function eventStep(world: World, rules: RingRules): Step {
  const [now, ...event] = world.event;
  if (now === "hear") return { name: "hear", world: { ...world, event, bytes: 0 } };
  const [end, ...queue] = world.queue;
  if (now === "fetch" || end === undefined) {
    const isOver = rules.doesNotFetch || world.overflow.length === 0;
    const isFirst = rules.fetchesBeforeItDrains;
    if (isOver || (now === "drain" && isFirst))
      return { name: now === "fetch" ? "fetch" : "drain", world: { ...world, event } };
    const room = ROOM - world.queue.length;
    const fetched = [...world.queue, ...world.overflow.slice(0, room)];
    const overflow = world.overflow.slice(room);
    return { name: "drain", world: { ...world, queue: fetched, overflow, event: isFirst ? event : world.event } };
  }
  const [wait, reason] = end;
  const sleep = world.sleeps[wait];
  const settled = sleep?.isKnown === true ? { ...sleep, isKnown: false, told: [...sleep.told, reason] } : sleep;
  const sleeps = changed(world, wait, settled);
  return { name: `drain ${wait}`, world: { ...world, queue, sleeps, event: rules.drainsOneEnd ? event : world.event } };
}

function kernelSteps(world: World, rules: RingRules): Step[] {
  return world.sleeps.flatMap((sleep, wait): Step[] => {
    const [now, ...todo] = sleep?.todo ?? [];
    if (sleep === undefined || now === undefined) return [];
    if (now === "ring") {
      const rung = { ...world, bytes: world.bytes + 1, sleeps: changed(world, wait, { ...sleep, todo }) };
      return [{ name: `ring ${wait}`, world: rung }];
    }
    const reasons: readonly Reason[] = sleep.isCancelled ? ["cancelled", "woken"] : ["woken", "changed", "expired"];
    return reasons.map((reason) => {
      // A soft link is cut by every end but the good one.
      const left = rules.linksSoftly && reason !== "woken" ? [] : todo;
      const end = [wait, reason] as const;
      const hasRoom = world.queue.length < ROOM && world.overflow.length === 0;
      const into = hasRoom ? { queue: [...world.queue, end] } : { overflow: [...world.overflow, end] };
      const after = { ...world, ...into, sleeps: changed(world, wait, { ...sleep, todo: left }) };
      return { name: `end ${wait} ${reason}`, world: after };
    });
  });
}

function changed(world: World, wait: number, sleep: Sleep | undefined): World["sleeps"] {
  return world.sleeps.map((one, index) => (index === wait ? sleep : one));
}

function wrongWith({ sleeps }: World, isOver: boolean): string | undefined {
  for (const [wait, sleep] of sleeps.entries()) {
    if (sleep === undefined) continue;
    if (sleep.isCancelled && sleep.told.includes("cancelled"))
      return `wait ${wait} was cancelled, and is settled by that`;
    if (sleep.told.length > 1) return `wait ${wait} is settled twice`;
    if (isOver && sleep.isKnown && !sleep.isCancelled) return `wait ${wait} is never settled`;
  }
  return undefined;
}
