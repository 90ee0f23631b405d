/** Every interleaving of a seqlock's writers, readers and waiters, with a death before any step. */
import { begin, firstStep, mayStep, type Part, type SeqlockRules, type SeqlockWorld, step } from "./seqlock.js";

export interface SeqlockScenario {
  /** How many updates, reads or changes each of them makes. */
  readonly parties: readonly (readonly [part: Part, times: number])[];
  /** How many die. */
  readonly deaths: number;
}

export interface SeqlockExploration {
  readonly states: number;
  readonly steps: ReadonlySet<string>;
  /** How often a value was published when everybody had ended or slept. */
  readonly ends: ReadonlySet<number>;
  /** What went wrong, and the steps that led there. */
  readonly violation: { readonly what: string; readonly trace: readonly string[] } | undefined;
}

interface Reached {
  readonly key: string;
  readonly from: number;
  readonly how: string;
}

/** Breadth first, so that the first violation has a shortest trace. */
export function exploreSeqlock({ parties, deaths }: SeqlockScenario, rules: SeqlockRules): SeqlockExploration {
  const start = begin(parties);
  for (const party of start.parties) party.at = firstStep(party.part, rules);
  const reached: Reached[] = [{ key: JSON.stringify(start), from: -1, how: "" }];
  const seen = new Set([reached[0]!.key]);
  const steps = new Set<string>();
  const ends = new Set<number>();
  const trace = (id: number, last: string): string[] => {
    const lines = [last];
    for (let at = reached[id]!; at.from >= 0; at = reached[at.from]!) lines.push(at.how);
    return lines.reverse();
  };
  for (let id = 0; id < reached.length; id += 1) {
    const { key } = reached[id]!;
    const world = JSON.parse(key) as SeqlockWorld;
    let canStep = false;
    for (const [who, party] of world.parties.entries()) {
      if (party.dead || party.at === "") continue;
      const name = `${party.part} ${who + 1}`;
      const after: [SeqlockWorld, string][] = [];
      if (mayStep(world, who, rules)) {
        canStep = true;
        const next = JSON.parse(key) as SeqlockWorld;
        const taken = step(next, who, rules);
        steps.add(taken);
        after.push([next, `${name}: ${taken}`]);
      }
      if (world.deaths < deaths) after.push([died(key, who), `${name} dies before ${party.at}`]);
      for (const [next, how] of after) {
        if (next.wrong !== "") {
          return { states: seen.size, steps, ends, violation: { what: next.wrong, trace: trace(id, how) } };
        }
        const nextKey = JSON.stringify(next);
        if (seen.has(nextKey)) continue;
        seen.add(nextKey);
        reached.push({ key: nextKey, from: id, how });
      }
    }
    if (canStep) continue;
    const what = wrongAtEnd(world);
    if (what !== undefined) return { states: seen.size, steps, ends, violation: { what, trace: trace(id, "") } };
    ends.add(world.published);
  }
  return { states: seen.size, steps, ends, violation: undefined };
}

function died(key: string, who: number): SeqlockWorld {
  const world = JSON.parse(key) as SeqlockWorld;
  const party = world.parties[who]!;
  Object.assign(party, { dead: true, asleep: false, at: "", left: 0, sequence: 0, first: 0, second: 0, noted: 0 });
  world.deaths += 1;
  return world;
}

/** When nobody can go on any more: only those may be left who wait for a change that nobody makes. */
function wrongAtEnd({ parties, sequence }: SeqlockWorld): string | undefined {
  for (const [who, { part, at, dead, asleep, noted }] of parties.entries()) {
    if (dead || at === "") continue;
    if (!asleep) return `${part} ${who + 1} is blocked at ${at}`;
    if (sequence !== noted) return `waiter ${who + 1} sleeps at ${noted}, and the sequence is ${sequence}`;
  }
  return undefined;
}
