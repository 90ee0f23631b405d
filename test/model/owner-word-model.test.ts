/** The robust lock, explored exhaustively: every interleaving of three parties, with a death of two of them anywhere. */
import { describe, expect, it } from "vitest";
import { OWNER_WORD, type OwnerWordRules, type Party, lockModel } from "./owner-word.js";
import { explore, stepsNamedIn, stepsOfCode } from "./sleepers.js";

const PROGRAMS: readonly (readonly (readonly Party[])[])[] = [
  [["lock"], ["lock"], ["lock"]],
  [["lock", "lock"], ["lock"]],
  [["lock"], ["impatient"], ["lock"]],
  [["lock"], ["leave"], ["lock"]],
  [["lock"], ["refuse"], ["lock"]],
  [["lock", "lock"], ["insist"]],
  [["insist"], ["lock"], ["insist"]],
];

describe("a lock, every interleaving with two deaths anywhere", () => {
  it.each(["abandoned", "free"] as const)(
    "is had by one at a time, says who left it, and nobody sleeps for ever; the dead leave it %s",
    (left) => {
      let states = 0;
      const steps = new Set<string>();
      for (const programs of left === "free" ? PROGRAMS.slice(1, 3) : PROGRAMS) {
        const found = explore(lockModel(programs, OWNER_WORD, left));
        expect(found.violation).toBeUndefined();
        states += found.states;
        for (const step of found.steps) steps.add(step);
      }
      expect(stepsNamedIn("parts/owner-word", "mutex/mutex")).toEqual(stepsOfCode(steps, "lock.sleep"));
      console.log(`owner word, left ${left}: ${states} states`);
    },
  );

  it.each(Object.keys(OWNER_WORD) as (keyof OwnerWordRules)[])("catches a lock that %s", (mistake) => {
    for (const programs of PROGRAMS) {
      const { violation, states } = explore(lockModel(programs, { ...OWNER_WORD, [mistake]: true }));
      if (violation === undefined) continue;
      console.log(`${mistake}: ${violation.what}, after ${states} states\n  ${violation.trace.join("\n  ")}`);
      return;
    }
    expect.unreachable("not caught");
  });
});
