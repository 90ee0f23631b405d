/** Events, explored exhaustively: every interleaving of those who set, reset and wait, with a death anywhere. */
import { describe, expect, it } from "vitest";
import { EVENT, type EventParty, type EventRules, eventModel } from "./event.js";
import { explore, stepsNamedIn, stepsOfCode } from "./sleepers.js";

const PROGRAMS: readonly (readonly (readonly EventParty[])[])[] = [
  [["set"], ["wait"], ["wait"]],
  [["set", "reset", "set"], ["wait"], ["wait"]],
  [["set"], ["set"], ["wait"]],
  [["set", "reset"], ["wait"], ["wait"]],
];

describe("an event, every interleaving with a death anywhere", () => {
  it("lets everybody go on who waited when it was set, and nobody before, and loses no set", () => {
    let states = 0;
    const steps = new Set<string>();
    for (const programs of PROGRAMS) {
      const found = explore(eventModel(programs, EVENT));
      expect(found.violation).toBeUndefined();
      states += found.states;
      for (const step of found.steps) steps.add(step);
    }
    expect(stepsNamedIn("event/event")).toEqual(stepsOfCode(steps, "event.sleep"));
    console.log(`event: ${PROGRAMS.length} scenarios, ${states} states`);
  });

  it.each(Object.keys(EVENT) as (keyof EventRules)[])("catches an event that %s", (mistake) => {
    for (const programs of PROGRAMS) {
      const { violation, states } = explore(eventModel(programs, { ...EVENT, [mistake]: true }));
      if (violation === undefined) continue;
      console.log(`${mistake}: ${violation.what}, after ${states} states\n  ${violation.trace.join("\n  ")}`);
      return;
    }
    expect.unreachable("not caught");
  });
});
