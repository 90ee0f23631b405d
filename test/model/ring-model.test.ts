/** A ring, explored exhaustively: every interleaving of its producers and consumers, with deaths anywhere, and who comes after them. */
import { describe, expect, it } from "vitest";
import { byDepth } from "../support/run/depth.js";
import { exploreRing, type RingScenario } from "./ring-explore.js";
import { RING_RULES, type RingRules } from "./ring.js";
import { namedSteps, OF_SIDES } from "./steps-of-sides.js";

const SCENARIOS: readonly RingScenario[] = [
  {
    length: 1,
    parties: [
      ["producer", 3],
      ["consumer", 3],
    ],
    deaths: 0,
  },
  {
    length: 2,
    parties: [
      ["producer", 3],
      ["consumer", 3],
    ],
    deaths: 1,
  },
  {
    length: 1,
    parties: [
      ["producer", 2],
      ["consumer", 2],
    ],
    deaths: 1,
    isDeserted: true,
  },
  {
    length: 1,
    parties: [
      ["producer", 2],
      ["consumer", 2],
    ],
    deaths: 2,
  },
  {
    length: 1,
    parties: [
      ["producer", 1],
      ["producer", 2],
      ["consumer", 2],
    ],
    deaths: 1,
  },
  {
    length: 1,
    parties: [
      ["producer", 2],
      ["consumer", 1],
      ["consumer", 2],
    ],
    deaths: 1,
  },
  {
    length: 2,
    parties: [
      ["producer", 3],
      ["consumer", 3],
    ],
    deaths: 2,
  },
];

describe("a ring, every interleaving with deaths anywhere", () => {
  it("loses nothing that was published, delivers nothing half-written, nothing twice unless its consumer died, and lets nobody sleep", () => {
    const steps = new Set<string>();
    let states = 0;
    const scenarios = SCENARIOS.slice(0, byDepth(4, 6, SCENARIOS.length));
    for (const scenario of scenarios) {
      const found = exploreRing(scenario, RING_RULES);
      expect(found.violation).toBeUndefined();
      const goal = Math.max(...scenario.parties.map(([, one]) => one));
      expect([...found.ends]).toContain(`${goal} ${goal}`);
      console.log(`ring: ${JSON.stringify(scenario)} ${found.states} states`);
      states += found.states;
      for (const step of found.steps) steps.add(step);
    }
    console.log(`ring: ${scenarios.length} scenarios, ${states} states`);
    expect(namedSteps(...OF_SIDES, "ring/producer", "ring/consumer")).toEqual([...steps].sort());
  });

  const mistakes = Object.keys(RING_RULES) as (keyof RingRules)[];
  it.each(mistakes)("catches one that %s", (mistake) => {
    for (const scenario of SCENARIOS) {
      const { violation, states } = exploreRing(scenario, { ...RING_RULES, [mistake]: true });
      if (violation === undefined) continue;
      console.log(`${mistake}: ${violation.what}, after ${states} states\n  ${violation.trace.join("\n  ")}`);
      return;
    }
    expect.unreachable("not caught");
  });
});
