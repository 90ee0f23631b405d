/** Messages, explored exhaustively: every interleaving of several producers and a consumer, with deaths anywhere. */
import { describe, expect, it } from "vitest";
import { byDepth } from "../support/run/depth.js";
import { MESSAGES, messagesModel, type MessagesRules, type MessagesScenario } from "./messages.js";
import { explore } from "./sleepers.js";
import { namedSteps, OF_SIDES } from "./steps-of-sides.js";

const SCENARIOS: readonly MessagesScenario[] = [
  { length: 4, parties: [[2, 1, 1], "consumer"], deaths: 0 },
  // Longer than what is before and behind: only when the rest of the lap was left out.
  { length: 4, parties: [[1, 3, 0, 3], "consumer"], deaths: 0 },
  { length: 3, parties: [[0, 2], [1], "consumer"], deaths: 0 },
  { length: 3, parties: [[1], [2], "consumer"], deaths: 1 },
  { length: 3, parties: [[1, 1, 2], "consumer", "consumer"], deaths: 1 },
  { length: 2, parties: [[0, 1], [0], "consumer"], deaths: 1 },
  { length: 3, parties: [[1], [0, 2], [1], "consumer"], deaths: 0 },
];

describe("messages, every interleaving with deaths anywhere", () => {
  it(
    "are delivered once, whole and in the order in which they were published, and nobody sleeps for ever",
    { timeout: 1_200_000 },
    () => {
      let states = 0;
      const steps = new Set<string>();
      const scenarios = SCENARIOS.slice(0, byDepth(4, SCENARIOS.length - 1, SCENARIOS.length));
      for (const scenario of scenarios) {
        const found = explore(messagesModel(scenario, MESSAGES));
        console.log(`messages: ${JSON.stringify(scenario)} ${found.states} states`);
        expect(found.violation).toBeUndefined();
        states += found.states;
        for (const step of found.steps) steps.add(step);
      }
      console.log(`messages: ${scenarios.length} scenarios, ${states} states`);
      // Taking a lock has steps of its own, in owner-word.ts.
      steps.delete("lock.take");
      const files = ["producers", "frames", "consumer"].map((name) => `messages/${name}`);
      expect(namedSteps(...OF_SIDES, ...files)).toEqual([...steps].sort());
    },
  );

  it.each(Object.keys(MESSAGES) as (keyof MessagesRules)[])("catches those of which one %s", (mistake) => {
    for (const scenario of SCENARIOS) {
      const { violation, states } = explore(messagesModel(scenario, { ...MESSAGES, [mistake]: true }));
      if (violation === undefined) continue;
      console.log(`${mistake}: ${violation.what}, after ${states} states\n  ${violation.trace.join("\n  ")}`);
      return;
    }
    expect.unreachable("not caught");
  });
});
