/** A buffer of bytes, explored exhaustively: every interleaving of its producers and consumers, with a death anywhere. */
import { describe, expect, it } from "vitest";
import { byDepth } from "../support/run/depth.js";
import { BIP_BUFFER, type BipBufferRules, bipModel, type BipScenario } from "./bip-buffer.js";
import { explore } from "./sleepers.js";
import { namedSteps, OF_SIDES } from "./steps-of-sides.js";

const PAIR = ["producer", "consumer"] as const;
const SCENARIOS: readonly BipScenario[] = [
  // Round the end, with bytes left out there, and to the end exactly.
  { length: 4, sides: PAIR, pieces: [3, 2, 2, 3], deaths: 0, bite: 0 },
  { length: 4, sides: PAIR, pieces: [3, 3, 1, 2], deaths: 0, bite: 1 },
  // Longer than what is before and behind: only when the rest of the lap was left out.
  { length: 4, sides: PAIR, pieces: [2, 4, 1, 4], deaths: 0, bite: 0 },
  { length: 3, sides: PAIR, pieces: [1, 3, 2, 2], deaths: 0, bite: 1 },
  { length: 3, sides: ["producer", "producer", "consumer"], pieces: [2, 2, 1], deaths: 1, bite: 0 },
  { length: 3, sides: ["producer", "consumer", "consumer"], pieces: [2, 2, 3], deaths: 1, bite: 0 },
  { length: 2, sides: ["producer", "producer", "consumer"], pieces: [1, 2, 1], deaths: 2, bite: 0 },
  { length: 3, sides: ["producer", "producer", "consumer", "consumer"], pieces: [2, 2], deaths: 2, bite: 0 },
];

describe("a buffer of bytes, every interleaving with deaths anywhere", () => {
  it(
    "shows each byte once it is there and until it is released, whatever piece it came in, and lets nobody sleep [P-02 P-04]",
    { timeout: 1_200_000 },
    () => {
      let states = 0;
      const steps = new Set<string>();
      const scenarios = SCENARIOS.slice(0, byDepth(6, 7, SCENARIOS.length));
      for (const scenario of scenarios) {
        const found = explore(bipModel(scenario, BIP_BUFFER));
        expect(found.violation).toBeUndefined();
        console.log(`bip buffer: ${JSON.stringify(scenario)} ${found.states} states`);
        states += found.states;
        for (const step of found.steps) steps.add(step);
      }
      console.log(`bip buffer: ${scenarios.length} scenarios, ${states} states`);
      steps.delete("get.byte");
      expect(namedSteps(...OF_SIDES, "bip-buffer/producer", "bip-buffer/consumer")).toEqual([...steps].sort());
    },
  );

  it.each(Object.keys(BIP_BUFFER) as (keyof BipBufferRules)[])("catches one that %s", (mistake) => {
    for (const scenario of SCENARIOS) {
      const { violation, states } = explore(bipModel(scenario, { ...BIP_BUFFER, [mistake]: true }));
      if (violation === undefined) continue;
      console.log(`${mistake}: ${violation.what}, after ${states} states\n  ${violation.trace.join("\n  ")}`);
      return;
    }
    expect.unreachable("not caught");
  });
});
