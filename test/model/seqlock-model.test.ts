/** A seqlock, explored exhaustively: every interleaving of its writers, readers and waiters, with deaths anywhere. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { byDepth } from "../support/run/depth.js";
import { exploreSeqlock, type SeqlockScenario } from "./seqlock-explore.js";
import { SEQLOCK_RULES, type SeqlockRules } from "./seqlock.js";

const READING: SeqlockScenario[] = [0, 1, 2].map((deaths) => ({
  parties: [
    ["writer", 2],
    ["writer", 1],
    ["reader", 1],
  ],
  deaths,
}));
const WAITING: SeqlockScenario[] = [0, 1].map((deaths) => ({
  parties: [
    ["writer", 2],
    ["writer", 1],
    ["waiter", 2],
  ],
  deaths,
}));
const SCENARIOS: readonly SeqlockScenario[] = [
  ...READING,
  ...WAITING,
  {
    parties: [
      ["writer", 2],
      ["waiter", 1],
      ["waiter", 2],
    ],
    deaths: 1,
  },
  {
    parties: [
      ["writer", 2],
      ["writer", 2],
      ["reader", 2],
    ],
    deaths: 2,
  },
  {
    parties: [
      ["writer", 2],
      ["writer", 1],
      ["reader", 1],
      ["waiter", 1],
    ],
    deaths: 1,
  },
];

const runtime = ["seqlock/seqlock", "parts/changes", "parts/cells"].map((name) =>
  readFileSync(new URL(`../../runtime/containers/${name}.ts`, import.meta.url), "utf8"),
);
/** Steps of the robust lock, which has a model of its own, and what only the kernel does. */
const ELSEWHERE = new Set(["lock.take", "lock.release", "recover.free", "changed.asleep"]);

/** Words of a cell are stepped one by one in the model; the code has one place for all of them. */
const placeOf = (step: string): string => step.replace(/(?:First|Second)$/, "");

describe("a seqlock, every interleaving with deaths anywhere", () => {
  it("readers get whole values that were published, updates add up, nobody is blocked, and no change is slept through", () => {
    const steps = new Set<string>();
    let states = 0;
    const scenarios = SCENARIOS.slice(0, byDepth(6, SCENARIOS.length));
    for (const scenario of scenarios) {
      const found = exploreSeqlock(scenario, SEQLOCK_RULES);
      expect(found.violation).toBeUndefined();
      const updates = scenario.parties.reduce((sum, [part, times]) => sum + (part === "writer" ? times : 0), 0);
      expect(Math.max(...found.ends)).toBe(updates);
      if (scenario.deaths === 0) expect([...found.ends]).toEqual([updates]);
      states += found.states;
      for (const step of found.steps) steps.add(step);
    }
    console.log(`seqlock: ${scenarios.length} scenarios, ${states} states`);
    const named = runtime.flatMap((text) =>
      [...text.matchAll(/\/\/ Steps? ([^\n]+)/g)].flatMap(([, names]) => names!.split(" ")),
    );
    const modelled = [...steps].filter((step) => !ELSEWHERE.has(step)).map(placeOf);
    expect([...new Set(modelled)].sort()).toEqual([...new Set(named)].sort());
  });

  const mistakes = Object.keys(SEQLOCK_RULES) as (keyof SeqlockRules)[];
  it.each(mistakes)("catches one that %s", (mistake) => {
    for (const scenario of SCENARIOS) {
      const { violation, states } = exploreSeqlock(scenario, { ...SEQLOCK_RULES, [mistake]: true });
      if (violation === undefined) continue;
      console.log(`${mistake}: ${violation.what}, after ${states} states\n  ${violation.trace.join("\n  ")}`);
      return;
    }
    expect.unreachable("not caught");
  });
});
