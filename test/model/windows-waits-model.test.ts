/** Waits of Windows, explored exhaustively: every interleaving of who sleeps and who wakes, with a death anywhere. */
import { describe, expect, it } from "vitest";
import { explore, stepsNamedIn } from "./sleepers.js";
import { type Scenario, WAITS, type WaitRules, waitModel } from "./windows-waits.js";

const ALL = 9;
const SCENARIOS: readonly Scenario[] = [
  { slots: 1, deaths: 1, programs: [[["notify", 0, 1]], [["wait", 0]], [["renew", 2]]] },
  { slots: 2, deaths: 1, programs: [[["notify", 0, 1]], [["wait", 0]], [["wait", 0]]] },
  {
    slots: 2,
    deaths: 0,
    programs: [
      [["notify", 0, 1]],
      [
        ["wait or go", 0],
        ["wait", 1],
      ],
      [["wait", 0]],
    ],
  },
  { slots: 1, deaths: 0, programs: [[["store", 0, ALL]], [["wait", 0]], [["wait", 0]], [["over", 0]]] },
  { slots: 2, deaths: 1, programs: [[["notify", 0, 1]], [["wait or go", 0]], [["wait", 0]]] },
  { slots: 2, deaths: 1, programs: [[["store", 0, ALL]], [["wait", 0]], [["wait", 0]]] },
  { slots: 1, deaths: 1, programs: [[["store", 0, ALL]], [["wait", 0]], [["wait", 0]], [["over", 0]]] },
  { slots: 2, deaths: 1, programs: [[["notify", 0, 1]], [["wait", 0]], [["wait", 0]], [["over", 0]]] },
  { slots: 2, deaths: 0, programs: [[["store", 0, 1]], [["store", 0, 1]], [["wait", 0]], [["wait", 0]]] },
];
const CODE = ["../os/win32/sleeps", "../os/win32/waits", "../os/win32/event-waits"];

describe("waits of Windows, every interleaving with a death anywhere", () => {
  it("loses no wake-up, wakes nobody twice, and leaves no slot and no count", () => {
    let states = 0;
    const steps = new Set<string>();
    for (const scenario of SCENARIOS) {
      const found = explore(waitModel(scenario, WAITS));
      expect(found.violation).toBeUndefined();
      states += found.states;
      for (const step of found.steps) steps.add(step);
    }
    expect(stepsNamedIn(...CODE)).toEqual([...steps].filter((name) => name.includes(".")).sort());
    console.log(`waits of Windows: ${SCENARIOS.length} scenarios, ${states} states`);
  });

  it.each(Object.keys(WAITS) as (keyof WaitRules)[])("catches a table that %s", (mistake) => {
    for (const scenario of SCENARIOS) {
      const { violation, states } = explore(waitModel(scenario, { ...WAITS, [mistake]: true }));
      if (violation === undefined) continue;
      console.log(`${mistake}: ${violation.what}, after ${states} states\n  ${violation.trace.join("\n  ")}`);
      return;
    }
    expect.unreachable("not caught");
  });
});
