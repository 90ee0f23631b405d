/** Semaphores, explored exhaustively: every interleaving of three parties, with deaths anywhere. */
import { describe, expect, it } from "vitest";
import { SEMAPHORE, type Party, type SemaphoreRules, semaphoreModel } from "./semaphore.js";
import { explore, stepsNamedIn, stepsOfCode } from "./sleepers.js";

type Scenario = readonly [programs: readonly (readonly Party[])[], permits: number, deaths: number];

const SCENARIOS: readonly Scenario[] = [
  [[["acquire"], ["acquire"], ["acquire"]], 1, 1],
  [[["acquire", "acquire"], ["acquire"]], 1, 2],
  [[["acquire"], ["leave"], ["acquire"]], 1, 1],
  [[["acquire"], ["acquire"], ["acquire"]], 2, 1],
];

describe("a semaphore, every interleaving with deaths anywhere", () => {
  it("gives each permit to one at a time, loses none, and nobody sleeps for ever", () => {
    let states = 0;
    const steps = new Set<string>();
    for (const [programs, permits, deaths] of SCENARIOS) {
      const found = explore(semaphoreModel(programs, SEMAPHORE, permits, deaths));
      expect(found.violation).toBeUndefined();
      states += found.states;
      for (const step of found.steps) steps.add(step);
    }
    expect(stepsNamedIn("semaphore/semaphore", "parts/asked-owners", "parts/gate")).toEqual(
      stepsOfCode(steps, "gate.sleep"),
    );
    console.log(`semaphore: ${SCENARIOS.length} scenarios, ${states} states`);
  });

  it.each(Object.keys(SEMAPHORE) as (keyof SemaphoreRules)[])("catches a semaphore that %s", (mistake) => {
    for (const [programs, permits, deaths] of SCENARIOS) {
      const { violation, states } = explore(
        semaphoreModel(programs, { ...SEMAPHORE, [mistake]: true }, permits, deaths),
      );
      if (violation === undefined) continue;
      console.log(`${mistake}: ${violation.what}, after ${states} states\n  ${violation.trace.join("\n  ")}`);
      return;
    }
    expect.unreachable("not caught");
  });
});
