/** Reads by the counters of others, explored exhaustively: every interleaving, every order of plain loads, and a writer that dies anywhere. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  beginStable,
  possible,
  STABLE_RULES,
  type StableRules,
  type StableScenario,
  type StableWorld,
  storesOf,
  takeLoad,
} from "./stable.js";

const SCENARIOS: readonly StableScenario[] = [false, true].flatMap((mayDie) => [
  { kind: "pair", writes: 3, mayDie, buffers: 1 },
  { kind: "even", writes: 3, mayDie, buffers: 1 },
  { kind: "newest", writes: 5, mayDie, buffers: 2 },
  { kind: "newest", writes: 5, mayDie, buffers: 3 },
]);

interface Explored {
  readonly states: number;
  readonly steps: ReadonlySet<string>;
  readonly outcomes: ReadonlySet<string>;
  readonly violation: { readonly what: string; readonly trace: readonly string[] } | undefined;
}

/** Breadth first, so that the first violation has a shortest trace. */
function explore(scenario: StableScenario, rules: StableRules): Explored {
  const reached: { readonly key: string; readonly from: number; readonly how: string }[] = [
    { key: JSON.stringify(beginStable()), from: -1, how: "" },
  ];
  const seen = new Set([reached[0]!.key]);
  const steps = new Set<string>();
  const outcomes = new Set<string>();
  const trace = (id: number): string[] => {
    const lines: string[] = [];
    for (let at = reached[id]!; at.from >= 0; at = reached[at.from]!) lines.push(at.how);
    return lines.reverse();
  };
  for (let id = 0; id < reached.length; id += 1) {
    const { key } = reached[id]!;
    const world = JSON.parse(key) as StableWorld;
    if (world.wrong !== "")
      return { states: seen.size, steps, outcomes, violation: { what: world.wrong, trace: trace(id) } };
    if (world.outcome !== "") {
      outcomes.add(world.outcome);
      continue;
    }
    const reach = (how: string, change: (next: StableWorld) => string | void): void => {
      const next = JSON.parse(key) as StableWorld;
      const name = change(next) ?? how;
      const nextKey = JSON.stringify(next);
      if (seen.has(nextKey)) return;
      seen.add(nextKey);
      reached.push({ key: nextKey, from: id, how: name });
    };
    const writes = storesOf(scenario, rules);
    const stores = writes.flat();
    const store = stores[world.stored];
    if (store !== undefined && !world.dead) {
      reach(`writer: ${store[0]} = ${store[1]}`, (next) => {
        next.memory[store[0]] = store[1];
        next.stored += 1;
        if (next.stored % writes[0]!.length === 0) next.published += 1;
      });
      if (scenario.mayDie) reach("the writer dies", (next) => void (next.dead = true));
    }
    for (const taken of possible(scenario, world, rules)) {
      reach("", (next) => {
        const step = takeLoad(scenario, next, taken, rules);
        steps.add(step);
        return `reader: ${step} ${taken === "stable.fence" ? "" : taken.word}`;
      });
    }
  }
  return { states: seen.size, steps, outcomes, violation: undefined };
}

const sources = ["access/guards.ts", "region/stable.ts"].map((name) =>
  readFileSync(new URL(`../../runtime/${name}`, import.meta.url), "utf8"),
);

describe("a stable read, every interleaving and order of loads, with a writer that dies anywhere", () => {
  it("gives whole values that were published, none that is older, and refuses only what is half written", () => {
    const steps = new Set<string>();
    let states = 0;
    for (const scenario of SCENARIOS) {
      const found = explore(scenario, STABLE_RULES);
      expect(found.violation, JSON.stringify(scenario)).toBeUndefined();
      expect(found.outcomes.has("whole")).toBe(true);
      states += found.states;
      for (const step of found.steps) steps.add(step);
    }
    console.log(`stable: ${SCENARIOS.length} scenarios, ${states} states`);
    const named = sources.flatMap((text) => [...text.matchAll(/\/\/ Step ([\w.]+)/g)].map(([, name]) => name!));
    expect([...steps].sort()).toEqual([...new Set(named)].sort());
  });

  const mistakes = Object.keys(STABLE_RULES) as (keyof StableRules)[];
  it.each(mistakes)("catches one that %s", (mistake) => {
    for (const scenario of SCENARIOS) {
      const { violation, states } = explore(scenario, { ...STABLE_RULES, [mistake]: true });
      if (violation === undefined) continue;
      console.log(`${mistake}: ${violation.what}, after ${states} states\n  ${violation.trace.join("\n  ")}`);
      return;
    }
    expect.unreachable("not caught");
  });
});
