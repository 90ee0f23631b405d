/** Memory of one process, explored exhaustively: every interleaving of its threads, with one terminated anywhere. */
import { describe, expect, it } from "vitest";
import { LOCAL, type LocalParty, type LocalRules, localModel } from "./local.js";
import { explore, stepsNamedIn, stepsOfCode } from "./sleepers.js";

const SCENARIOS: readonly (readonly LocalParty[])[] = [
  ["use", "use", "use"],
  ["use", "recover", "use"],
  [2, 3, 4],
];

describe("memory of one process, every interleaving with a thread terminated anywhere", () => {
  it("gives each number to one thread, gives back what is its own alone, and grows without a gap", () => {
    let states = 0;
    const steps = new Set<string>();
    for (const parties of SCENARIOS) {
      const found = explore(localModel(parties, LOCAL));
      expect(found.violation).toBeUndefined();
      states += found.states;
      for (const step of found.steps) steps.add(step);
    }
    expect(stepsNamedIn("../local/local-participants", "../local/local-memory")).toEqual(stepsOfCode(steps));
    console.log(`local: ${SCENARIOS.length} scenarios, ${states} states`);
  });

  it.each(Object.keys(LOCAL) as (keyof LocalRules)[])("catches code that %s", (mistake) => {
    for (const parties of SCENARIOS) {
      const { violation, states } = explore(localModel(parties, { ...LOCAL, [mistake]: true }));
      if (violation === undefined) continue;
      console.log(`${mistake}: ${violation.what}, after ${states} states\n  ${violation.trace.join("\n  ")}`);
      return;
    }
    expect.unreachable("not caught");
  });
});
