/** A broadcast, explored exhaustively: every interleaving of writers, readers and those who wait, with deaths anywhere. */
import { describe, expect, it } from "vitest";
import { byDepth } from "../support/run/depth.js";
import { BROADCAST, type BroadcastRules, broadcastModel, type Party } from "./broadcast.js";
import { explore, stepsNamedIn, stepsOfCode } from "./sleepers.js";

type Scenario = readonly [parties: readonly Party[], length: number, deaths: number];

const SCENARIOS: readonly Scenario[] = [
  [
    [
      ["writer", 3],
      ["reader", 2],
    ],
    1,
    0,
  ],
  [
    [
      ["writer", 3],
      ["waiter", 2],
    ],
    2,
    1,
  ],
  [
    [
      ["writer", 1],
      ["writer", 1],
      ["reader", 2],
    ],
    1,
    1,
  ],
  [
    [
      ["writer", 1],
      ["writer", 2],
      ["reader", 2],
    ],
    2,
    1,
  ],
  [
    [
      ["writer", 1],
      ["waiter", 1],
      ["waiter", 1],
    ],
    2,
    1,
  ],
  [
    [
      ["writer", 2],
      ["waiter", 1],
      ["waiter", 1],
    ],
    1,
    0,
  ],
  [
    [
      ["writer", 4],
      ["reader", 3],
    ],
    2,
    1,
  ],
  [
    [
      ["writer", 1],
      ["writer", 1],
      ["waiter", 2],
    ],
    1,
    2,
  ],
  [
    [
      ["writer", 2],
      ["writer", 2],
      ["reader", 2],
    ],
    2,
    2,
  ],
  [
    [
      ["writer", 2],
      ["writer", 1],
      ["waiter", 1],
    ],
    2,
    2,
  ],
];

/** Of the robust lock, which has a model of its own. */
const ELSEWHERE = "recover.free";

describe("a broadcast, every interleaving with deaths anywhere", () => {
  it("readers get whole elements that were published, in order, know how many they missed, and sleep through none", () => {
    let states = 0;
    const steps = new Set<string>();
    const scenarios = SCENARIOS.slice(0, byDepth(8, SCENARIOS.length));
    for (const [parties, length, deaths] of scenarios) {
      const found = explore(broadcastModel(parties, BROADCAST, length, deaths));
      expect(found.violation).toBeUndefined();
      states += found.states;
      for (const step of found.steps) steps.add(step);
    }
    steps.delete(ELSEWHERE);
    const files = ["broadcast/writer", "broadcast/cursor", "parts/stamped-slots", "parts/changes", "parts/role"];
    expect(stepsNamedIn(...files)).toEqual(stepsOfCode(steps, "changed.sleep"));
    console.log(`broadcast: ${scenarios.length} scenarios, ${states} states`);
  });

  it.each(Object.keys(BROADCAST) as (keyof BroadcastRules)[])("catches one that %s", (mistake) => {
    for (const [parties, length, deaths] of SCENARIOS) {
      const { violation, states } = explore(broadcastModel(parties, { ...BROADCAST, [mistake]: true }, length, deaths));
      if (violation === undefined) continue;
      console.log(`${mistake}: ${violation.what}, after ${states} states\n  ${violation.trace.join("\n  ")}`);
      return;
    }
    expect.unreachable("not caught");
  });
});
